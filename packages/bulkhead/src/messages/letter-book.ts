import {
  type DeadLetter,
  type DeadLetterReason,
  DeadLetters,
  type Delivery,
  hostSubjects,
  type Message,
} from '@bulkhead/mailbox'
import type { Clock, HealthEventDraft } from '@bulkhead/vocabulary'
import type { PostBox } from './post-box.js'

/** What was lost where. */
export type Lost = {
  readonly reason: DeadLetterReason
  /** The mailbox that it lay in. */
  readonly box?: PostBox | undefined
  readonly message: Delivery | Message
}

/** The dead letters, and what is told of them: the first of a kind at once, the others of that second as a number. */
export class LetterBook {
  readonly letters: DeadLetters
  readonly #clock: Clock
  readonly #raise: (draft: HealthEventDraft) => void
  /** By child and reason: how many were not told since the last event. */
  readonly #untold = new Map<string, { readonly draft: HealthEventDraft; count: number }>()

  constructor(clock: Clock, raise: (draft: HealthEventDraft) => void, letters = new DeadLetters()) {
    this.#clock = clock
    this.#raise = raise
    this.letters = letters
  }

  /**
   * Keeps a message that nobody processed; `undefined` when it was reported before. What the host itself asks of a child is
   * no letter: whoever waits for the answer is told, and nobody is to send it again.
   */
  add({ reason, box, message }: Lost): DeadLetter | undefined {
    if (message.subject.startsWith(hostSubjects)) return undefined
    const { member, receiver } = whose(box)
    const letter = this.letters.add({
      ...{ reason, receiver, message },
      ...(box === undefined ? {} : { mailbox: box.id }),
      atMs: this.#clock.wallMs(),
    })
    if (letter === undefined) return undefined
    if (member !== undefined) member.deadLetters++
    const sender = message.sender?.id ?? 'host'
    this.#tell(`${receiver ?? sender} ${reason}`, {
      type: 'message.dead-lettered',
      supervisor: 'root',
      ...(receiver === undefined ? (sender === 'host' ? {} : { child: sender }) : { child: member?.id ?? receiver }),
      reason: `${reason}: \`${message.subject}\` from \`${sender}\``,
    })
    return letter
  }

  /** To be called every second: tells how many there were besides those that were told. */
  tellRest(): void {
    for (const [key, { draft, count }] of this.#untold) {
      this.#untold.delete(key)
      if (count > 0) this.#raise({ ...draft, reason: `${draft.reason}, and ${count} more` })
    }
  }

  #tell(key: string, draft: HealthEventDraft): void {
    const known = this.#untold.get(key)
    if (known !== undefined) {
      known.count++
      return
    }
    this.#untold.set(key, { draft, count: 0 })
    this.#raise(draft)
  }
}

function whose(box: PostBox | undefined) {
  switch (box?.purpose.kind) {
    case undefined:
      return { member: undefined, receiver: undefined }
    case 'mailbox':
      return { member: box.purpose.member, receiver: box.purpose.member.child.id }
    case 'inbox':
      return { member: box.purpose.run.member, receiver: box.purpose.run.member.child.id }
    default:
      return { member: undefined, receiver: 'host' }
  }
}
