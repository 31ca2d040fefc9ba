import type { AttachedRing } from '@bulkhead/audit'
import { AuditRing } from '@bulkhead/audit/ring'
import { type AccessRecord, Fault } from '@bulkhead/vocabulary'
import { recordRetryMs } from './limits.js'

export type HostRecordPowers = {
  /** A ring for what the host itself decides of one incarnation. */
  readonly attach: () => AttachedRing
  readonly release: (ring: number) => Promise<unknown>
  readonly nowNs: () => bigint
}

/**
 * What the host decides of one incarnation, on record before it is done, at the incarnation's own rate of records. The ring is
 * made with the first of them.
 */
export class HostRecords {
  readonly #powers: HostRecordPowers
  #open: { readonly attached: AttachedRing; readonly ring: AuditRing } | undefined
  #isClosed = false

  constructor(powers: HostRecordPowers) {
    this.#powers = powers
  }

  /**
   * @returns whether it is on record. `false` for a granted decision of which a strict journal stalls: it may not be acted on.
   * @throws {Fault} `journal-stalled` when the journal takes nothing more of it: nothing may be done then.
   */
  async write(record: AccessRecord): Promise<boolean> {
    for (;;) {
      if (this.#isClosed) throw new Fault('journal-stalled', 'the incarnation has ended')
      this.#open ??= this.#attach()
      const { ring } = this.#open
      if (ring.isStalled && record.verdict === 'granted') return false
      const how = ring.tryAppend(record)
      if (how === 'recorded') return record.verdict === 'denied' || this.#isDurable(ring)
      if (how === 'ended') throw new Fault('journal-stalled', 'the journal has ended this audit ring')
      // The thread is everybody's: it never blocks for a journal that is late or an actor that is too fast.
      await new Promise((resolve) => setTimeout(resolve, recordRetryMs))
    }
  }

  async #isDurable(ring: AuditRing): Promise<boolean> {
    const position = ring.position()
    if (ring.isStrict) ring.hurry()
    for (;;) {
      const standing = ring.standingOf(position)
      if (standing !== 'pending') return standing === 'durable'
      await new Promise((resolve) => setTimeout(resolve, recordRetryMs))
    }
  }

  /** Nothing is written any more; resolves when all of it is in the log. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#open !== undefined) await this.#powers.release(this.#open.attached.id)
  }

  #attach() {
    const attached = this.#powers.attach()
    return { attached, ring: new AuditRing(attached.memory, { clock: this.#powers.nowNs }) }
  }
}
