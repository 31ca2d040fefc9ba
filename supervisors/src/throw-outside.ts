/**
 * A listener's mistake is loud, and its own: it becomes an uncaught exception of the process. Inside a machine's step it
 * would end the child that was being told of.
 */
export function throwOutside(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown
  })
}
