import type { AuditRing } from '@bulkhead/audit'
import { laneRetryMs } from './limits.js'

export type ConfirmationPowers = {
  /** So many granted decisions are on the disk, and whether the journal makes no progress. */
  readonly onRecorded: (granted: number, stalled: boolean) => void
  /** Whether something is owed may have changed. */
  readonly onMoved: () => void
}

/**
 * Strict audit of a process: watches for the disk to have what the process recorded, and tells it. It looks while something
 * is owed, and while the process was told that the journal stalled.
 */
export class ConfirmationWatch {
  readonly #ring: AuditRing
  readonly #powers: ConfirmationPowers
  /** Where each granted decision that is not confirmed yet ends in the ring, oldest first. */
  readonly #owed: number[] = []
  #granted = 0
  #stalled = false
  #timer: NodeJS.Timeout | undefined
  #over = false

  constructor(ring: AuditRing, powers: ConfirmationPowers) {
    this.#ring = ring
    this.#powers = powers
  }

  /** Whether the process waits for the disk. */
  get isOwed(): boolean {
    return this.#owed.length > 0
  }

  /** A granted decision was put into the ring just now. */
  expect(): void {
    if (!this.#ring.isStrict || this.#over) return
    this.#owed.push(this.#ring.position())
    this.#ring.hurry()
    this.#powers.onMoved()
    this.#arm()
  }

  /** The process is gone: nobody waits. */
  end(): void {
    this.#over = true
    this.#owed.length = 0
    clearTimeout(this.#timer)
    this.#powers.onMoved()
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => this.#look(), laneRetryMs)
  }

  #look(): void {
    this.#timer = undefined
    if (this.#over) return
    const grantedBefore = this.#granted
    while (this.#owed[0] !== undefined && this.#ring.standingOf(this.#owed[0]) === 'durable') {
      this.#owed.shift()
      this.#granted = (this.#granted + 1) | 0
    }
    const stalled = this.#ring.isStalled
    if (this.#granted !== grantedBefore || stalled !== this.#stalled) {
      this.#stalled = stalled
      this.#powers.onRecorded(this.#granted, stalled)
      this.#powers.onMoved()
    }
    if (this.#owed.length > 0 || stalled) this.#arm()
  }
}
