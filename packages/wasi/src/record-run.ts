import type { AccessRecord } from '@bulkhead/vocabulary'
import { recordRunNs } from './limits.js'

/**
 * Lets runs of identical decisions share records (D11). The first of a run is written before its effect; what repeats it
 * within 100 ms is counted and written as one more record when the run ends: at another decision, when the time is over,
 * before the guest blocks, and at the end.
 */
export class RecordRun {
  readonly #append: (record: AccessRecord) => unknown
  #last: AccessRecord | undefined
  #startedAt = 0n
  #pending = 0

  constructor(append: (record: AccessRecord) => unknown) {
    this.#append = append
  }

  note(record: AccessRecord): true {
    const last = this.#last
    if (last !== undefined && record.at - this.#startedAt <= recordRunNs && isSame(last, record)) {
      this.#pending += record.count
      this.#last = record
      return true
    }
    this.flush()
    this.#append(record)
    this.#last = record
    this.#startedAt = record.at
    return true
  }

  /** Ends the run: writes what was only counted. */
  flush(): void {
    const last = this.#last
    const pending = this.#pending
    this.#last = undefined
    this.#pending = 0
    if (last !== undefined && pending > 0) this.#append({ ...last, count: pending })
  }
}

function isSame(one: AccessRecord, other: AccessRecord): boolean {
  return (
    one.resource === other.resource &&
    one.action === other.action &&
    one.kind === other.kind &&
    one.verdict === other.verdict &&
    one.policyVersion === other.policyVersion &&
    one.layer === other.layer &&
    one.rule === other.rule &&
    one.reason === other.reason &&
    one.probeHostPath === other.probeHostPath
  )
}
