// What a member's worker tells of messages. It is believed about itself, and about the mailboxes that it reads.

import type { MailboxId, MessageEvent } from '@bulkhead/actor'
import { assertNever } from '@bulkhead/vocabulary'
import { handlerErrorCharactersMax } from '../limits.js'
import type { BreachDesk } from './breach-desk.js'
import type { HandlerFailure, Handling } from './exchange-types.js'
import { type LaneDesk, maySend } from './lane-desk.js'
import type { LetterBook } from './letter-book.js'
import type { MessageMember, MessageRun } from './message-member.js'
import type { PostBox } from './post-box.js'

/** Who does what such a word asks for. */
export type Ears = {
  readonly lanes: LaneDesk
  readonly breaches: BreachDesk
  readonly letters: LetterBook
  readonly onHandlerFailed: (failure: HandlerFailure) => void
  readonly onHandled: ((handling: Handling) => void) | undefined
  readonly now: () => bigint
  readonly onCallAnswered: (member: MessageMember, answer: Uint8Array) => void
  readonly onTimedOut: (member: MessageMember) => void
}

/** Takes in one word of a worker. */
export function heardOf({ lanes, breaches, letters, ...told }: Ears, run: MessageRun, event: MessageEvent): void {
  switch (event.kind) {
    case 'outlet-wanted':
      lanes.give(run, event.mailbox)
      return
    case 'arena-wanted':
      lanes.giveArena(run, event.mailbox)
      return
    case 'outlet-closed':
      lanes.takeBack(run, event.mailbox)
      return
    case 'outlet-corrupt':
      breaches.torn(run, event.mailbox, event.reason)
      return
    case 'refused-message': {
      const box = ownBox(run, event.mailbox)
      // A letter of nobody's mailbox would be sent again to all, as from whomever the worker names.
      if (box === undefined) return
      const { reason, delivery } = event.refused
      const sender = box.users.get(delivery.lane)?.run.sender ?? delivery.sender
      letters.add({ reason, box, message: { ...delivery, sender } })
      return
    }
    case 'breach': {
      const box = ownBox(run, event.mailbox)
      if (box !== undefined) breaches.accused(box, event.breach.lane, event.breach.error.message)
      return
    }
    case 'unanswerable':
      // Who sent it is what we know, whatever the worker says; and what it may not send is no letter of its own.
      if (!maySend(run, event.message.subject)) return
      letters.add({ reason: 'no-subscriber', message: { ...event.message, sender: run.sender } })
      return
    case 'handler-failed':
      told.onHandlerFailed({
        child: run.member.id,
        topic: event.subject,
        from: event.from.id,
        error: event.error.slice(0, handlerErrorCharactersMax),
        more: event.unreported,
      })
      return
    case 'message-handled': {
      const { subject: topic, from, trace, sinceNs, untilNs, failed, traced } = event
      const times = { tookNs: untilNs - sinceNs, agoNs: told.now() - untilNs }
      told.onHandled?.({ child: run.member.id, topic, from: from.id, trace, failed, traced, ...times })
      return
    }
    case 'call-answered':
      told.onCallAnswered(run.member, event.answer)
      return
    case 'request-timed-out':
      told.onTimedOut(run.member)
      return
    default:
      assertNever(event)
  }
}

/** A worker speaks of mailboxes that it reads: of no other. */
function ownBox({ member, inbox }: MessageRun, id: MailboxId): PostBox | undefined {
  return [member.box, inbox].find((box) => box?.id === id)
}
