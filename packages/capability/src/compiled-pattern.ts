/** A pattern that was checked and can be asked. `matches` never throws and costs at most pattern length × candidate length. */
export type CompiledPattern = {
  /** The pattern as written. */
  readonly source: string
  readonly matches: (candidate: string) => boolean
}
