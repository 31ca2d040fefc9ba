import { roundQuantum } from '../limits.js'

/**
 * Whose turn it is, when many callers wait for one service: deficit round robin. Each has a credit that what it costs is
 * taken from; a round serves those who have any, and those who owe wait while others are served. Who is alone never waits.
 *
 * INVARIANT (fair): beside others that wait, who costs at most a quantum a call is served in every round, and who costs
 * more gets a quantum a round and one call, however much it asks for.
 */
export class FairRounds<Caller> {
  readonly #credit = new Map<Caller, number>()
  #turn = 0

  /** Those of `waiting` who are served in this round, in the order in which they are. */
  choose(waiting: readonly Caller[]): readonly Caller[] {
    if (waiting.length === 0) return []
    const most = Math.max(...waiting.map((caller) => this.creditOf(caller)))
    // Nobody waits for credit to come of its own: as many quanta at once as make somebody's turn.
    const quanta = Math.max(1, Math.ceil((1 - most) / roundQuantum))
    for (const caller of waiting) {
      this.#credit.set(caller, Math.min(roundQuantum, this.creditOf(caller) + quanta * roundQuantum))
    }
    const first = this.#turn++ % waiting.length
    return [...waiting.slice(first), ...waiting.slice(0, first)].filter((caller) => this.creditOf(caller) > 0)
  }

  charge(caller: Caller, cost: number): void {
    this.#credit.set(caller, this.creditOf(caller) - cost)
  }

  creditOf(caller: Caller): number {
    return this.#credit.get(caller) ?? 0
  }

  forget(caller: Caller): void {
    this.#credit.delete(caller)
  }
}
