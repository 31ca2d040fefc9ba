import type { DeadLetterReason } from '@bulkhead/mailbox'
import type { PostBox } from './post-box.js'
import { type Drainer, drainer, type RecoveryWorld } from './recovery.js'

type Retired = { readonly box: PostBox; readonly drainer: Drainer; lanes: 'open' | 'closed' }

/** Mailboxes that were given up. An end of a lane to them may still be in somebody's hands, who knows nothing of it. */
export class Retirement {
  readonly #world: RecoveryWorld
  /** Ends the lanes of a mailbox, and tells who sends on them. */
  readonly #closeLanes: (box: PostBox) => void
  #retired: readonly Retired[] = []

  constructor(world: RecoveryWorld, closeLanes: (box: PostBox) => void) {
    this.#world = world
    this.#closeLanes = closeLanes
  }

  /** Makes dead letters of what lies in it; of what is still on its way, at the sweeps that follow. */
  add(box: PostBox, reason: DeadLetterReason): void {
    const retired: Retired = { box, drainer: drainer(box, reason, this.#world), lanes: 'open' }
    box.reader = retired.drainer
    retired.drainer.drain()
    this.#retired = [...this.#retired, retired]
  }

  sweep(): void {
    this.#retired = this.#retired.filter((retired) => {
      const wasOpen = retired.lanes === 'open'
      // ORDER: closed, then drained: from now on nobody commits but who was about to, for whom it is drained once more.
      if (wasOpen) this.#closeLanes(retired.box)
      retired.lanes = 'closed'
      retired.drainer.drain()
      return wasOpen
    })
  }
}
