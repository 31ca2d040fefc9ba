import type { Clock, HealthEventDraft } from '@bulkhead/vocabulary'
import { refusalsToldMs } from './limits.js'

const words = {
  full: 'its mailbox has no room',
  down: 'it does not run',
  late: 'they waited as long as one may take',
} as const

/** Why requests were refused. */
export type Refusal = keyof typeof words

/** Tells of refused requests: the first at once, those of the next second as a number. */
export class Refusals {
  readonly #clock: Clock
  readonly #raise: (draft: HealthEventDraft) => void
  readonly #untold = new Map<string, { readonly refusal: Refusal; count: number; readonly cancel: () => void }>()

  constructor(clock: Clock, raise: (draft: HealthEventDraft) => void) {
    this.#clock = clock
    this.#raise = raise
  }

  tell(child: string, refusal: Refusal): void {
    const untold = this.#untold.get(child)
    if (untold !== undefined) {
      untold.count += 1
      return
    }
    this.#say(child, refusal, 1)
    const cancel = this.#clock.after(refusalsToldMs, () => {
      const { count = 0 } = this.#untold.get(child) ?? {}
      this.#untold.delete(child)
      if (count > 0) this.#say(child, refusal, count)
    })
    this.#untold.set(child, { refusal, count: 0, cancel })
  }

  close(): void {
    for (const { cancel } of this.#untold.values()) cancel()
  }

  #say(child: string, refusal: Refusal, count: number): void {
    const requests = count === 1 ? 'an HTTP request was refused' : `${count} more HTTP requests were refused`
    this.#raise({ type: 'mailbox.overloaded', supervisor: 'root', child, reason: `${requests}: ${words[refusal]}` })
  }
}
