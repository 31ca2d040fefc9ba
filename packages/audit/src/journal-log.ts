import type { LogFields } from './log-record.js'

/**
 * Where the journal's records go. `append` never fails; every other function may throw when the disk refuses, leaves
 * nothing half-done that the next call would not mend, and is called again until it succeeds.
 */
export type JournalLog = {
  /** Gives the record its place and keeps it in memory. Returns its `seq`. */
  readonly append: (fields: LogFields) => number
  /** How many records are in memory only. */
  readonly unwritten: () => number
  /** Hands what is in memory to the operating system; begins a new file and seals when that is due. */
  readonly write: () => void
  /** Puts everything on the disk. */
  readonly sync: () => void
  /** Milliseconds until a seal falls due; `undefined` while nothing is unsealed. */
  readonly sealDueMs: () => number | undefined
  /** The last write, with the seal that says that the log ended in order. */
  readonly close: () => void
}

/** No file: records are counted, and reported by others. What `exec` without a state directory uses. */
export class UnwrittenLog implements JournalLog {
  #seq = 0

  append(): number {
    return ++this.#seq
  }

  unwritten(): number {
    return 0
  }

  write(): void {}

  sync(): void {}

  sealDueMs(): undefined {
    return undefined
  }

  close(): void {}
}
