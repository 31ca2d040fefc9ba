import type { LifecycleEvent } from '@bulkhead/actor'
import { type Clock, formatDuration } from '@bulkhead/vocabulary'
import { healthLatenessMs } from '../limits.js'

export type LifecycleWatchPowers = {
  readonly clock: Clock
  /** How long an answer may take, in milliseconds. */
  readonly answerMs: number
  /** From one question to the next, in milliseconds. */
  readonly everyMs: number
  /** @param reason why it is not well; `undefined`: it is. */
  readonly tell: (reason: string | undefined) => void
}

/**
 * Judges what one run says of itself. A question that is not answered in time counts as failed, and again each time that the
 * next one would be due: who hangs in its answer is as much past help as who answers with errors.
 */
export class LifecycleWatch {
  readonly #powers: LifecycleWatchPowers
  #silences = 0
  #cancel: () => void = () => {}

  constructor(powers: LifecycleWatchPowers) {
    this.#powers = powers
  }

  hear({ stage, words }: LifecycleEvent): void {
    this.#cancel()
    if (stage === 'asked') {
      this.#silences = 0
      this.#expect(this.#powers.answerMs)
    } else if (stage !== 'shutdown' && this.#silences === 0) {
      this.#powers.tell(stage === 'well' ? undefined : `it says of its health: ${words}`)
    }
  }

  /** The run has ended. */
  end(): void {
    this.#cancel()
  }

  #expect(ms: number): void {
    const { clock } = this.#powers
    this.#cancel = clock.after(ms, () => {
      // A host that is late has its answer waiting: it is taken in before this falls due.
      this.#cancel = clock.after(healthLatenessMs, () => this.#silent())
    })
  }

  #silent(): void {
    this.#silences += 1
    this.#powers.tell(`its \`health\` has not answered within ${formatDuration(Math.ceil(this.#powers.answerMs))}`)
    this.#expect(this.#powers.everyMs)
  }
}
