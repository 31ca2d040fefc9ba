import { replyRightsMax } from '../limits.js'
import { inboxOf } from './reply-topic.js'

/** The reply-tos of messages that the guest was handed: each may be answered once, until the asker waits no more. */
export class ReplyRights {
  readonly #now: () => bigint
  /** When each ends. In the order in which they came: the oldest goes first. */
  readonly #until = new Map<string, bigint>()

  constructor(now: () => bigint) {
    this.#now = now
  }

  /** Takes note of a message's reply-to; answers it when it is one of ours, else nothing. */
  grant(replyTo: string | undefined, expiresAtNs: bigint | undefined): string | undefined {
    if (replyTo === undefined || expiresAtNs === undefined || inboxOf(replyTo) === undefined) return undefined
    this.#until.set(replyTo, expiresAtNs)
    if (this.#until.size > replyRightsMax) this.#forgetOldest()
    return replyTo
  }

  state(topic: string): 'open' | 'expired' | 'unknown' {
    const untilNs = this.#until.get(topic)
    if (untilNs === undefined) return 'unknown'
    return untilNs > this.#now() ? 'open' : 'expired'
  }

  /** It was answered. */
  spend(topic: string): void {
    this.#until.delete(topic)
  }

  #forgetOldest(): void {
    for (const oldest of this.#until.keys()) {
      this.#until.delete(oldest)
      return
    }
  }
}
