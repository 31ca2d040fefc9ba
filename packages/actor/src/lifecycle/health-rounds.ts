import { errorOf, type GuestLifecycle, type LifecyclePowers } from './guest-lifecycle.js'

export type HealthPowers = LifecyclePowers & {
  /** Monotonic nanoseconds. */
  readonly now: () => bigint
  /** From one question to the next, in milliseconds; `undefined`: it is never asked. */
  readonly everyMs: number | undefined
}

/**
 * Asks a guest between its messages how it is, as often as is due: what comes of it is told to the host, which also looks at
 * the time. A guest that traps in its answer has ended.
 */
export class HealthRounds {
  readonly #health: (() => void) | undefined
  readonly #powers: HealthPowers
  readonly #everyNs: bigint
  #dueNs: bigint

  constructor({ health }: GuestLifecycle, powers: HealthPowers) {
    this.#powers = powers
    this.#health = powers.everyMs === undefined ? undefined : health
    this.#everyNs = BigInt(Math.round((powers.everyMs ?? 0) * 1e6))
    this.#dueNs = powers.now() + this.#everyNs
  }

  /** In how many milliseconds it is due. */
  leftMs(): number {
    if (this.#health === undefined) return Number.POSITIVE_INFINITY
    return Math.max(0, Math.ceil(Number(this.#dueNs - this.#powers.now()) / 1e6))
  }

  /** To be called between messages. */
  look(): void {
    if (this.#health === undefined || this.leftMs() > 0) return
    const { host, stopping, begin, post, now } = this.#powers
    post({ kind: 'lifecycle', stage: 'asked', words: '' })
    // A stop that comes meanwhile lets it answer.
    stopping.inMessage = true
    begin()
    const error = errorOf(this.#health, host)
    stopping.inMessage = false
    host.flush()
    post({ kind: 'lifecycle', stage: error === undefined ? 'well' : 'ill', words: error ?? '' })
    this.#dueNs = now() + this.#everyNs
  }
}
