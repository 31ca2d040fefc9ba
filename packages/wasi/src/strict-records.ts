import type { AccessRecord } from '@bulkhead/vocabulary'

/**
 * Each decision as a record of its own, on the disk before its effect (`audit = "strict"`). What was refused while the
 * journal stalled and found no room is counted, and told with the last of it once there is room again. How often something was
 * used that was open when the journal stalled has happened: it is kept until it is on record, and may be there twice where
 * the journal stalled over it. No more is open meanwhile, so that it is no more than what may be open at a time.
 */
export class StrictRecords {
  readonly #append: (record: AccessRecord) => boolean
  #untold: AccessRecord | undefined
  #count = 0
  readonly #past: AccessRecord[] = []

  constructor(append: (record: AccessRecord) => boolean) {
    this.#append = append
  }

  /**
   * @param isPast it was acted on before, by what was decided then
   * @returns whether the decision is on record, and a granted one may be acted on
   */
  note(record: AccessRecord, isPast = false): boolean {
    this.flush()
    if (this.#untold === undefined && this.#append(record)) return true
    if (isPast) this.#past.push(record)
    else if (record.verdict === 'denied') {
      this.#untold = record
      this.#count += record.count
    }
    return false
  }

  flush(): void {
    this.#flushPast()
    const untold = this.#untold
    if (untold === undefined) return
    const reason = `${untold.reason ?? 'denied'} (the last of ${this.#count} while nothing could be recorded)`
    if (!this.#append({ ...untold, reason, count: this.#count })) return
    this.#untold = undefined
    this.#count = 0
  }

  #flushPast(): void {
    for (let oldest = this.#past[0]; oldest !== undefined && this.#append(oldest); oldest = this.#past[0]) {
      this.#past.shift()
    }
  }
}
