import { chooseMember, MessageEncoder, type Receiver, Router, type RoutingTable } from '@bulkhead/mailbox'
import type { MessageRefusal, OutgoingMessage, Pause, ReadyMessage } from '@bulkhead/wasi'
import type { Ledger } from '../ledger.js'
import { laneRoundsMax, laneWaitMs, messageBytesMax } from '../limits.js'
import type { MailboxId, MessageEvent } from '../message-protocol.js'
import { LetterBudget } from './letter-budget.js'
import type { MessageRate } from './message-rate.js'
import type { Outlets } from './outlets.js'
import type { RandomPool } from './random-pool.js'
import type { ReplyRights } from './reply-rights.js'
import { inboxOf } from './reply-topic.js'
import type { Requests } from './requests.js'
import type { TraceSource } from './trace-source.js'

export type SenderPowers = {
  readonly ledger: Ledger
  readonly now: () => bigint
  readonly post: (event: MessageEvent) => void
  /** Takes in what the host has posted; cheap when that is nothing. */
  readonly refresh: () => void
  readonly rate: MessageRate
  readonly outlets: Outlets
  readonly traces: TraceSource
  readonly random: RandomPool
  readonly replies: ReplyRights
  /** Absent for a guest that may make none. */
  readonly requests: Requests | undefined
}

type SentTo = 'sent' | 'overloaded' | 'too-large' | 'nobody' | 'again'

const laneWaitNs = BigInt(laneWaitMs) * 1_000_000n
const nobody: OutgoingMessage = { kind: 'publish', subject: '', body: new Uint8Array(0) }

/**
 * Sends the messages of one guest, straight into the lanes of their receivers. One message at a time: what `prepare`
 * answers is this object, until the next one.
 */
export class GuestSender implements ReadyMessage {
  readonly #powers: SenderPowers
  readonly #encoder = new MessageEncoder()
  readonly #letters: LetterBudget
  #router: Router
  #message = nobody
  /** Of which each gets the message once, in one of its mailboxes. Empty for a reply. */
  #receivers: readonly Receiver[] = []
  #targets: MailboxId[] = []

  constructor(routing: RoutingTable, powers: SenderPowers) {
    this.#router = new Router(routing)
    this.#powers = powers
    this.#letters = new LetterBudget(powers.now)
  }

  /** Newer rules say who gets what. */
  replaceRouting(routing: RoutingTable): void {
    this.#router = new Router(routing)
    this.#powers.outlets.askAgain()
  }

  prepare(message: OutgoingMessage, pause: Pause): ReadyMessage | MessageRefusal {
    if (message.body.length > messageBytesMax) return 'too-large'
    // Nowhere an answer could come to.
    if (message.kind === 'request' && this.#powers.requests === undefined) return 'no-subscriber'
    this.#powers.refresh()
    this.#message = message
    this.#choose()
    if (!this.#haveWays()) {
      this.#awaitHost(pause, () => {
        this.#choose()
        return this.#haveWays()
      })
      if (!this.#haveWays()) return this.#refuse()
    }
    return this.#fits(message.body.length) ? this : 'too-large'
  }

  charge(): boolean {
    const { rate, ledger } = this.#powers
    if (rate() === 'taken') return true
    ledger.countMessage('refusedRate')
    return false
  }

  commit(pause: Pause): 'sent' | MessageRefusal {
    this.#encode()
    const answers = this.#targets.map((target) => this.#sendTo(target))
    for (const [index, target] of this.#targets.entries()) {
      if (answers[index] === 'again') answers[index] = this.#sendAgain(target, pause)
    }
    return this.#outcome(answers)
  }

  #outcome(answers: readonly SentTo[]): 'sent' | MessageRefusal {
    const { ledger, post, replies } = this.#powers
    const message = this.#message
    const reached = answers.filter((answer) => answer === 'sent').length
    // Of several who are asked, one that got the request is enough for an answer.
    if (!(message.kind === 'request' && reached > 0)) {
      if (answers.includes('too-large')) return 'too-large'
      if (answers.includes('overloaded')) return this.#refuse()
    }
    if (message.kind === 'request' && reached === 0) {
      const { subject, body, dueNs } = message
      if (!this.#letters.take(body.length)) return this.#refuse()
      post({ kind: 'unanswerable', message: { subject, body, sentAtNs: this.#powers.now(), expiresAtNs: dueNs } })
      return 'no-subscriber'
    }
    if (message.kind === 'reply') {
      replies.spend(message.subject)
      // Its asker is gone.
      if (reached === 0) return 'timeout'
    }
    if (message.kind === 'request') ledger.countMessage('requested')
    ledger.countMessage('published')
    return 'sent'
  }

  #refuse(): 'overloaded' {
    this.#powers.ledger.countMessage('refusedOverloaded')
    return 'overloaded'
  }

  /** Chooses the mailboxes that the message goes to. */
  #choose(): void {
    const { kind, subject } = this.#message
    if (kind === 'reply') {
      const inbox = inboxOf(subject)
      this.#receivers = []
      this.#targets = inbox === undefined ? [] : [inbox]
      return
    }
    const receivers = this.#router.receiversOf(subject)
    this.#receivers = receivers
    this.#targets = receivers.map(({ mailboxes }) => this.#chooseMember(mailboxes))
  }

  #chooseMember(mailboxes: readonly MailboxId[]): MailboxId {
    const { outlets, random } = this.#powers
    const depth = (mailbox: MailboxId): number => outlets.depth(mailbox)
    return chooseMember(mailboxes, depth, () => random.fraction()) ?? 0
  }

  /** Asks for the lanes that are missing; whether none is. */
  #haveWays(): boolean {
    let complete = true
    for (const target of this.#targets) if (this.#powers.outlets.want(target) === 'asked') complete = false
    return complete
  }

  #fits(bodyBytes: number): boolean {
    return this.#targets.every((target) => {
      const way = this.#powers.outlets.want(target)
      return typeof way !== 'object' || bodyBytes <= way.messageBytesMax
    })
  }

  #encode(): void {
    const { traces, now, requests } = this.#powers
    const { subject, body } = this.#message
    const message = { subject, body, trace: traces.next(), sentAtNs: now() }
    const [first] = this.#targets
    if (this.#message.kind !== 'request' || requests === undefined || first === undefined) {
      this.#encoder.encode(message)
      return
    }
    const replyTo = requests.begin(subject, this.#receivers, first)
    this.#encoder.encode({ ...message, replyTo, expiresAtNs: this.#message.dueNs })
  }

  #sendTo(target: MailboxId): SentTo {
    const { outlets } = this.#powers
    const way = outlets.want(target)
    if (way === 'asked' || way === 'refused') return this.#isOwed(target) ? 'again' : 'nobody'
    if (way === 'full') {
      outlets.forgetFull(target)
      return 'overloaded'
    }
    const { outlet, messageBytesMax: bytesMax } = way
    // It was not looked at before: there was no way then.
    if (this.#message.body.length > bytesMax) return 'too-large'
    switch (outlet.send(this.#encoder)) {
      case 'sent':
        return 'sent'
      case 'overloaded':
        return 'overloaded'
      case 'arena-missing':
        outlets.wantArena(target, way)
        return 'again'
      case 'closed':
        outlets.forget(target)
        return 'again'
      case 'corrupt':
        outlets.accuse(target, outlet.corruption?.message ?? 'it is torn')
        return 'overloaded'
    }
  }

  /**
   * The lane has ended, has no arena yet, or there is none: waits for the host to make what is missing. By newer rules that
   * come meanwhile another member of a pool may be the one that takes it.
   */
  #sendAgain(first: MailboxId, pause: Pause): SentTo {
    const receiver = this.#receivers.find(({ mailboxes }) => mailboxes.includes(first))?.id
    let target = first
    for (let round = 0; round < laneRoundsMax; round += 1) {
      this.#awaitHost(pause, () => !(this.#isOwed(target) && this.#isReceiver(target)))
      if (!this.#isReceiver(target)) {
        const mailboxes = this.#receiversNow().find(({ id }) => id === receiver)?.mailboxes
        if (mailboxes === undefined) return 'nobody'
        target = this.#chooseMember(mailboxes)
      } else if (this.#isOwed(target)) {
        return 'overloaded'
      }
      const answer = this.#sendTo(target)
      if (answer !== 'again') return answer
    }
    return 'overloaded'
  }

  /** Whether the host will say more of the way to a mailbox: of one that it refuses to a message that is to go there, as well. */
  #isOwed(target: MailboxId): boolean {
    const way = this.#powers.outlets.want(target)
    // The rules by which it was chosen have changed, and the newer ones are on their way. Answers follow no rules.
    if (way === 'refused') return this.#message.kind !== 'reply'
    return way === 'asked' || (typeof way === 'object' && way.arena === 'asked')
  }

  #isReceiver(target: MailboxId): boolean {
    return this.#message.kind === 'reply' || this.#receiversNow().some(({ mailboxes }) => mailboxes.includes(target))
  }

  #receiversNow(): readonly Receiver[] {
    return this.#router.receiversOf(this.#message.subject)
  }

  /** Waits for something that the host owes: no deadline counts it. */
  #awaitHost(pause: Pause, isThere: () => boolean): void {
    const { ledger, now, refresh } = this.#powers
    const sinceNs = now()
    ledger.beginHostWait(sinceNs)
    try {
      pause(() => {
        refresh()
        return isThere()
      }, sinceNs + laneWaitNs)
    } finally {
      ledger.endHostWait(now())
    }
  }
}
