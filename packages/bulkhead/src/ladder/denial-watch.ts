import type { RingRecord } from '@bulkhead/audit'
import { type SeenFault, Tripwire } from '@bulkhead/supervisors'

/**
 * Judges what the journal reports of one member's denials. Of many look-ups of what is not there the journal itself says
 * when they are too many: they are counted where they are numbered.
 */
export class DenialWatch {
  readonly #tripwires = new Map<string, Tripwire>()
  readonly #nowMs: () => number

  /** @param nowMs monotonic milliseconds. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** The fault that the record completes, if it does. */
  note(member: string, record: RingRecord): SeenFault | undefined {
    if (record.type === 'probe-flood') {
      const { distinct, withinMs } = record
      return violation(`looked for ${distinct} different things that are not there within ${withinMs / 1000} s`)
    }
    if (record.type !== 'access' || record.verdict === 'granted' || record.probe) return undefined
    const found = this.#of(member).note(record, this.#nowMs())
    return found === undefined ? undefined : violation(found.reason)
  }

  #of(member: string): Tripwire {
    const known = this.#tripwires.get(member)
    if (known !== undefined) return known
    const made = new Tripwire()
    this.#tripwires.set(member, made)
    return made
  }
}

function violation(reason: string): SeenFault {
  return { class: 'security', reason }
}
