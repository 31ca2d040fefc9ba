// The last wall behind the checks of names and glue (DESIGN D4): glue that got past both, and can form any property name,
// still finds no way from a value to what makes code out of text. Every function inherits `constructor` from one of four
// prototypes; without them neither `Function` nor its relatives can be reached, and `eval` is a name that glue may not use.

/** Takes the constructors of functions away from all functions of this realm. For an actor's worker, before its guest. */
export function closeCodeMakers(): void {
  const samples = [() => {}, async () => {}, function* () {}, async function* () {}]
  for (const sample of samples) {
    Object.defineProperty(Object.getPrototypeOf(sample), 'constructor', {
      value: undefined,
      writable: false,
      configurable: false,
    })
  }
}
