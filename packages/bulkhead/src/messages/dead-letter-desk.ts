import { type DeadLetter, formatTraceparent } from '@bulkhead/mailbox'
import type { HostSender } from './host-sender.js'
import type { LetterBook } from './letter-book.js'
import type { DeadLetterDesk, DeadLetterReport, Replayed } from './message-desk.js'

/** What may be done with dead letters. */
export function deadLetterDesk({ letters }: LetterBook, sender: HostSender): DeadLetterDesk {
  const idsOf = (ids: readonly number[] | 'all'): readonly number[] =>
    ids === 'all' ? letters.list().map(({ id }) => id) : [...new Set(ids)]
  return {
    list: ({ child, reason } = {}) =>
      letters
        .list()
        .map(reportOf)
        .filter((letter) => child === undefined || letter.receiver === child || letter.from === child)
        .filter((letter) => reason === undefined || letter.reason === reason),
    replay: (ids) =>
      idsOf(ids).map((id) => {
        const letter = letters.get(id)
        const outcome = letter === undefined ? 'not-found' : replay(letter, sender)
        if (outcome === 'sent') letters.take(id)
        return { id, outcome }
      }),
    discard: (ids) => idsOf(ids).filter((id) => letters.take(id) !== undefined).length,
  }
}

/**
 * To the one in whose mailbox it lay, the others have had it; to all where nobody was there. Nobody waits for an answer any
 * more, so none is asked for.
 */
function replay({ message, receiver }: DeadLetter, sender: HostSender): Replayed['outcome'] {
  const { subject, body, trace } = message
  if (subject.startsWith('_inbox.')) return 'answers-nobody'
  const receivers = sender.receiversOf(subject).filter(({ id }) => receiver === undefined || id === receiver)
  if (receivers.length === 0) return 'no-subscriber'
  const sent = sender.send(
    {
      subject,
      body,
      ...(trace === undefined ? {} : { trace }),
      ...(message.sender === undefined || message.sender.id === 'host' ? {} : { sender: message.sender }),
    },
    receivers,
  )
  return sent.receivers > 0 ? 'sent' : 'overloaded'
}

function reportOf({ id, reason, receiver, message, atMs }: DeadLetter): DeadLetterReport {
  const { subject, body, sender, replyTo, trace } = message
  return {
    ...{ id, reason, body, atMs },
    topic: subject,
    from: sender?.id ?? 'host',
    incarnation: sender?.incarnation ?? 0,
    ...(receiver === undefined ? {} : { receiver }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(trace === undefined ? {} : { traceparent: formatTraceparent(trace) }),
  }
}
