// Never returns.
export const transform = () => {
  for (;;);
}
