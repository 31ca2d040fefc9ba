// A mailbox has room for so many lanes. Further senders get a lane to a mailbox of the host's instead, which looks to them
// like the one they asked for; the host reads it, names the sender, and writes into the receiver's host lane, for which
// there is always place. So nobody is turned away for having come late, and nobody's identity is another's claim.

import type { Delivery, ReaderOptions } from '@bulkhead/mailbox'
import type { Clock } from '@bulkhead/vocabulary'
import { forwardRetryMs } from '../limits.js'
import { type Handled, HostReader } from './host-reader.js'
import type { PostBox } from './post-box.js'
import { forwarded } from './recovery.js'

/** One of the host's mailboxes before a receiver's own. */
export class Forwarder {
  readonly box: PostBox
  readonly #target: PostBox
  readonly #reader: HostReader
  readonly #clock: Clock
  readonly #now: () => bigint

  /**
   * @param box a mailbox of the same purpose as the target's, so that the same may pass.
   */
  constructor(box: PostBox, target: PostBox, options: ReaderOptions & { readonly clock: Clock }) {
    this.box = box
    this.#target = target
    this.#clock = options.clock
    this.#now = options.now
    // Which answers are awaited is the receiver's to judge.
    this.#reader = new HostReader(box, { ...options, awaitsReply: () => true })
    this.#reader.start((delivery) => this.#forward(delivery))
  }

  /** Forwards no more; what it was about to is still in its box. */
  close(): Promise<void> {
    return this.#reader.close()
  }

  /** Offers the message until there is room for it: meanwhile its own mailbox fills, and senders are told so. */
  async #forward(delivery: Delivery): Promise<Handled> {
    while (!this.#reader.isClosed) {
      if (this.#target.send(forwarded(delivery), this.#now()) === 'sent') return 'handled'
      await new Promise<void>((resolve) => {
        this.#clock.after(forwardRetryMs, resolve)
      })
    }
    return 'cut-short'
  }
}
