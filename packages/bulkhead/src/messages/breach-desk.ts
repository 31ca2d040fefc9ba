// What is done about senders and receivers who write what they may not.

import type { MailboxId } from '@bulkhead/actor'
import type { HealthEventDraft } from '@bulkhead/vocabulary'
import type { LaneDesk } from './lane-desk.js'
import type { MessageRun } from './message-member.js'
import type { PostBox } from './post-box.js'

/**
 * INVARIANT (no word alone): what a worker says of another is looked at by the host. Only what the host sees itself ends
 * somebody; else the lane between the two ends, and that is told.
 */
export class BreachDesk {
  readonly #lanes: LaneDesk
  readonly #now: () => bigint
  readonly #raise: (draft: HealthEventDraft) => void

  constructor(lanes: LaneDesk, now: () => bigint, raise: (draft: HealthEventDraft) => void) {
    this.#lanes = lanes
    this.#now = now
    this.#raise = raise
  }

  /** A reader says that a sender wrote what it may not. */
  accused(box: PostBox, lane: number, claim: string): void {
    const proof = box.mailbox.breachOf(lane, this.#now())
    if (proof !== undefined) {
      this.punish(box, lane, proof.message)
      return
    }
    const run = this.#end(box, lane)
    if (run !== undefined) this.#suspect(run.member.id, `its lane was ended: ${claim}`)
  }

  /** The host saw that a sender wrote what it may not: nothing of that lane is read any more, and its security fault it is. */
  punish(box: PostBox, lane: number, reason: string): void {
    const run = this.#end(box, lane)
    void run?.actor?.killBecause({ kind: 'breach', message: reason })
  }

  /** A sender says that the receiver has torn the lane between them. */
  torn(run: MessageRun, target: MailboxId, claim: string): void {
    const held = run.outlets.get(target)
    if (held === undefined) return
    const reader = held.box.mailbox.isTorn(held.lane) ? readerOf(held.box) : undefined
    this.#end(held.box, held.lane)
    if (reader === undefined) this.#suspect(run.member.id, `it says that its receiver tore a lane: ${claim}`)
    else void reader.actor?.killBecause({ kind: 'breach', message: claim })
  }

  #end(box: PostBox, lane: number): MessageRun | undefined {
    const user = box.condemn(lane)
    if (user !== undefined) this.#lanes.forget(box, user)
    return user?.run
  }

  #suspect(child: string, reason: string): void {
    this.#raise({ type: 'security.violation', supervisor: 'root', child, class: 'security', reason })
  }
}

function readerOf({ purpose }: PostBox): MessageRun | undefined {
  if (purpose.kind === 'mailbox') return purpose.member.run
  return purpose.kind === 'inbox' ? purpose.run : undefined
}
