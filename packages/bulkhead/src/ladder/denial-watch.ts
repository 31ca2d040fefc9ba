import type { RingRecord } from '@bulkhead/audit'
import { type SeenFault, Tripwire } from '@bulkhead/supervisors'

/** After so long without a denial there is nothing left in any window. */
const quietMs = 60_000

/**
 * Judges what the journal reports of one member's denials. Of many look-ups of what is not there the journal itself says
 * when they are too many: they are counted where they are numbered.
 */
export class DenialWatch {
  /** By member, the longest quiet first. */
  readonly #tripwires = new Map<string, { readonly tripwire: Tripwire; readonly atMs: number }>()
  readonly #nowMs: () => number

  /** @param nowMs monotonic milliseconds. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Members of whom anything is remembered: names of pool members come and go for ever. */
  get size(): number {
    return this.#tripwires.size
  }

  /** The fault that the record completes, if it does. */
  note(member: string, record: RingRecord): SeenFault | undefined {
    if (record.type === 'probe-flood') {
      const { distinct, withinMs } = record
      return violation(`looked for ${distinct} different things that are not there within ${withinMs / 1000} s`)
    }
    if (record.type !== 'access' || record.verdict === 'granted' || record.probe) return undefined
    const nowMs = this.#nowMs()
    const found = this.#of(member, nowMs).note(record, nowMs)
    return found === undefined ? undefined : violation(found.reason)
  }

  #of(member: string, nowMs: number): Tripwire {
    const tripwire = this.#tripwires.get(member)?.tripwire ?? new Tripwire()
    this.#tripwires.delete(member)
    this.#tripwires.set(member, { tripwire, atMs: nowMs })
    for (const [quiet, { atMs }] of this.#tripwires) {
      if (atMs > nowMs - quietMs) break
      this.#tripwires.delete(quiet)
    }
    return tripwire
  }
}

function violation(reason: string): SeenFault {
  return { class: 'security', reason }
}
