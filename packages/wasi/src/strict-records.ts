import type { AccessRecord } from '@bulkhead/vocabulary'

/**
 * Each decision as a record of its own, on the disk before its effect (`audit = "strict"`). What was refused while the
 * journal stalled and found no room is counted, and told with the last of it once there is room again.
 */
export class StrictRecords {
  readonly #append: (record: AccessRecord) => boolean
  #untold: AccessRecord | undefined
  #count = 0

  constructor(append: (record: AccessRecord) => boolean) {
    this.#append = append
  }

  /** Whether the decision is on record, and a granted one may be acted on. */
  note(record: AccessRecord): boolean {
    this.flush()
    if (this.#untold === undefined && this.#append(record)) return true
    if (record.verdict === 'denied') {
      this.#untold = record
      this.#count += record.count
    }
    return false
  }

  flush(): void {
    const untold = this.#untold
    if (untold === undefined) return
    const reason = `${untold.reason ?? 'denied'} (the last of ${this.#count} while nothing could be recorded)`
    if (!this.#append({ ...untold, reason, count: this.#count })) return
    this.#untold = undefined
    this.#count = 0
  }
}
