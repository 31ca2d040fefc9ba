import type { Clock, HealthEventDraft } from '@bulkhead/vocabulary'

/** Ends of a run that are its own doing. */
const faults: ReadonlySet<string | undefined> = new Set(['crash', 'resource', 'security'])

/** For a while after an upgrade a fault of any member is taken to be the new component's, and takes it back. */
export class Probation {
  readonly #onFailed: (reason: string) => void
  readonly #cancel: () => void
  #isOver = false

  /** @param onPassed called when the time is over and nothing has happened. */
  constructor(clock: Clock, ms: number, onFailed: (reason: string) => void, onPassed: () => void) {
    this.#onFailed = onFailed
    this.#cancel = clock.after(ms, () => {
      if (this.end()) onPassed()
    })
  }

  /** Takes what supervision says of a member. */
  heard({ type, class: faultClass, reason = '' }: HealthEventDraft): void {
    if (type !== 'child.exited' || !faults.has(faultClass) || !this.end()) return
    this.#onFailed(reason)
  }

  /** Whether it was not over before. */
  end(): boolean {
    const wasOn = !this.#isOver
    this.#isOver = true
    this.#cancel()
    return wasOn
  }
}
