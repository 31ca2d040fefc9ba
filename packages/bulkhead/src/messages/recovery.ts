// What becomes of messages when an incarnation ends, or a child for good.

import type { DeadLetterReason } from '@bulkhead/mailbox'
import { type Delivery, MailboxReader, MessageEncoder } from '@bulkhead/mailbox'
import { tellReader } from './host-reader.js'
import type { LetterBook } from './letter-book.js'
import type { MessageMember } from './message-member.js'
import type { BoxReader, PostBox } from './post-box.js'

export type RecoveryWorld = {
  readonly letters: LetterBook
  readonly now: () => bigint
  /** What a member had in hand when it ended, and will not have again. */
  readonly onLost: (member: MessageMember, delivery: Delivery) => void
  /** A lane of a mailbox was found to be written as its writer may not. */
  readonly onBreach: (box: PostBox, lane: number, reason: string) => void
}

/**
 * Settles the fate of the message that was in processing at a verified exit (SPEC 10). All others stay where they are.
 *
 * @param box of the member, which nobody reads now.
 */
export function recoverMessage(member: MessageMember, box: PostBox, world: RecoveryWorld): void {
  const recovered = box.mailbox.recover(member.child.delivery, world.now())
  if (recovered.kind === 'dead-letter') {
    world.letters.add({ reason: recovered.reason, box, message: recovered.delivery })
    world.onLost(member, recovered.delivery)
  } else if (recovered.kind === 'breach') {
    world.onBreach(box, recovered.breach.lane, recovered.breach.error.message)
  } else if (recovered.kind === 'redeliver') {
    redeliverElsewhere(member, box, recovered.delivery, world)
  }
}

/** To another member of the pool that runs and has room; else it stays for the next incarnation of this one. */
function redeliverElsewhere(member: MessageMember, box: PostBox, delivery: Delivery, { now }: RecoveryWorld): void {
  const others = member.child.members.filter((one) => one !== member && one.run !== undefined)
  for (const { box: other } of others) {
    if (other === undefined || other.send(forwarded(delivery, delivery.attempt + 1), now()) !== 'sent') continue
    box.mailbox.withdraw(delivery, now())
    return
  }
}

/** Reads a mailbox that nobody will read again, and makes dead letters of what lies in it. */
export type Drainer = BoxReader & {
  /** To be called again for what has come since. */
  readonly drain: () => void
}

/**
 * Makes dead letters of everything that lies in a mailbox which nobody reads, or will. It is told of lanes and arenas as any
 * reader is: who sends there knows nothing of its end yet.
 */
export function drainer(box: PostBox, reason: DeadLetterReason, { letters, now, onBreach }: RecoveryWorld): Drainer {
  let letter = 0
  const add = (message: Delivery): void => {
    letter += 1
    letters.add({ reason, box, message })
  }
  const reader = new MailboxReader(box.mailbox.readerMemory(), {
    now,
    awaitsReply: () => true,
    onRefused: ({ delivery }) => add(delivery),
    onBreach: ({ lane, error }) => onBreach(box, lane, error.message),
  })
  return {
    post: (message) => {
      // Lanes are taken away while something lies in them: that is what it is here to read.
      if (message.kind !== 'inlet-ended') tellReader(reader, message)
    },
    drain: () => {
      // A look that finds only messages which are refused finds nothing to take, however many follow. More than a mailbox
      // holds there are only where somebody goes on sending.
      const untilLetter = letter + box.mailbox.messagesMax
      for (let before = -1; before !== letter && letter < untilLetter; ) {
        before = letter
        for (let taken = reader.take(); taken !== undefined; taken = letter < untilLetter ? reader.take() : undefined) {
          add(taken)
          reader.finish()
        }
      }
    },
  }
}

const encoder = new MessageEncoder()

/** A message as the host sends it on, for the one who sent it; good until the next one is made. */
export function forwarded(delivery: Delivery, attempt = delivery.attempt): MessageEncoder {
  const { subject, body, replyTo, trace, sentAtNs, expiresAtNs, sender } = delivery
  return encoder.encode({
    ...{ subject, body, sentAtNs, attempt, sender },
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(trace === undefined ? {} : { trace }),
    ...(expiresAtNs === undefined ? {} : { expiresAtNs }),
  })
}
