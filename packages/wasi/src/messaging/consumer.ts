import { isTopic } from '@bulkhead/capability'
import type { Decision, Request } from '@bulkhead/vocabulary'
import { type Authority, denied } from '../authority.js'
import { Waiter } from '../io/waiter.js'
import type { InterfaceImplementation } from '../link.js'
import type { HostPowers } from '../powers.js'
import { fail } from '../wasi-failure.js'
import type { IncomingMessage, MessagePowers, OutgoingMessage, Pause } from './message-powers.js'

type ConsumerPowers = Pick<HostPowers, 'messages' | 'monotonicNs'> & {
  readonly authority: Authority
  readonly waiter: Waiter
}

/**
 * `wasmcloud:messaging/consumer`. A message is allowed → of a size that its receivers take → within the rate → on record →
 * committed, in this order. The guest learns one word: `access-denied`, `invalid-subject`, `invalid-reply-to`, `too-large`,
 * `quota-exceeded`, `overloaded`; of a request also `no-subscriber` and `timeout`.
 */
export function messagingConsumer(powers: ConsumerPowers): InterfaceImplementation {
  const { authority, messages } = powers
  const consumer = messages === undefined ? undefined : new Consumer(powers, messages)
  return {
    name: 'wasmcloud:messaging/consumer',
    functions: {
      publish: (message: IncomingMessage) => {
        if (consumer === undefined) return refuseWithout(authority, 'publish', message.subject)
        consumer.publish(message)
      },
      request: (subject: string, body: Uint8Array, timeoutMs: number) =>
        consumer === undefined
          ? refuseWithout(authority, 'request', subject)
          : consumer.request(subject, body, timeoutMs),
    },
  }
}

/** `wasmcloud:messaging/types` holds a record and no function. */
export const messagingTypes: InterfaceImplementation = { name: 'wasmcloud:messaging/types', functions: {} }

class Consumer {
  readonly #authority: Authority
  readonly #messages: MessagePowers
  readonly #monotonicNs: () => bigint
  readonly #waiter: Waiter
  /** Ends also when something comes into the guest's inbox. */
  readonly #replyWaiter: Waiter

  constructor({ authority, waiter, monotonicNs }: ConsumerPowers, messages: MessagePowers) {
    this.#authority = authority
    this.#messages = messages
    this.#monotonicNs = monotonicNs
    this.#waiter = waiter
    this.#replyWaiter = new Waiter({ wakeCount: messages.wakeCount, park: messages.park, monotonicNs }, authority)
  }

  publish({ subject, body, replyTo }: IncomingMessage): void {
    // What was handed to the guest is for itself to answer: it cannot pass on the right to.
    if (replyTo !== undefined) fail('invalid-reply-to')
    const request: Request = { kind: 'messaging', action: 'publish', resource: subject }
    const decision = this.#authority.decide(request)
    if (decision.verdict === 'granted') this.#send({ kind: 'publish', subject, body }, request, decision)
    else if (this.#mayReply(subject)) this.#send({ kind: 'reply', subject, body }, replyRequest(subject), undefined)
    else deny(this.#authority, request, decision)
  }

  request(subject: string, body: Uint8Array, timeoutMs: number): IncomingMessage {
    const request: Request = { kind: 'messaging', action: 'request', resource: subject }
    const decision = this.#authority.decide(request)
    if (decision.verdict === 'denied') deny(this.#authority, request, decision)
    const dueNs = this.#monotonicNs() + BigInt(timeoutMs) * 1_000_000n
    let outcome: 'answered' | 'timed-out' | 'given-up' = 'given-up'
    try {
      this.#send({ kind: 'request', subject, body, dueNs }, request, decision)
      const reply = this.#awaitReply(request, dueNs)
      outcome = reply === undefined ? 'timed-out' : 'answered'
      return reply ?? fail('timeout')
    } finally {
      this.#messages.endRequest(outcome)
    }
  }

  /** Whether it is the reply-to of a message that the guest was handed: whoever asked has granted this one answer. */
  #mayReply(subject: string): boolean {
    const state = this.#messages.replyState(subject)
    if (state === 'expired') fail('timeout')
    return state === 'open'
  }

  /** `decision`: what allows it, to be put on record; `undefined` for an answer, which needs no capability. */
  #send(message: OutgoingMessage, request: Request, decision: Decision | undefined): void {
    const pause = this.#pause(request, decision === undefined)
    const ready = this.#messages.prepare(message, pause)
    if (typeof ready === 'string') fail(ready)
    if (!ready.charge()) {
      this.#authority.record(request, overRate)
      fail('quota-exceeded')
    }
    if (decision !== undefined && !this.#authority.record(request, decision)) fail('access-denied')
    const answer = ready.commit(pause)
    if (answer !== 'sent') fail(answer)
  }

  /** Waits for the host; after it, what was allowed is decided again by the newest rules. */
  #pause(request: Request, isReply: boolean): Pause {
    return (isReady, dueNs) => {
      this.#waiter.wait(() => isReady() || !(isReply || this.#authority.permits(request)), dueNs)
      if (!isReply) this.#decideAgain(request)
    }
  }

  #awaitReply(request: Request, dueNs: bigint): IncomingMessage | undefined {
    let reply: IncomingMessage | undefined
    this.#replyWaiter.wait(() => {
      if (!this.#authority.permits(request)) return true
      reply = this.#messages.takeReply()
      return reply !== undefined
    }, dueNs)
    this.#decideAgain(request)
    return reply
  }

  #decideAgain(request: Request): void {
    const decision = this.#authority.decide(request)
    if (decision.verdict === 'denied') this.#refuse(request, decision)
  }

  #refuse(request: Request, decision: Decision): never {
    this.#authority.record(request, decision)
    return fail('access-denied')
  }
}

function refuseWithout(authority: Authority, action: 'publish' | 'request', subject: string): never {
  const request: Request = { kind: 'messaging', action, resource: subject }
  const decision = authority.decide(request)
  return deny(authority, request, decision.verdict === 'denied' ? decision : withoutMessages)
}

/** A subject that is no topic is no named thing, and not put on record; one of the host's own is. */
function deny(authority: Authority, request: Request, decision: Decision): never {
  if (isTopic(request.resource)) authority.record(request, decision)
  else if (isReserved(request.resource)) authority.record(replyRequest(request.resource, request.action), onlyAsIssued)
  else fail('invalid-subject')
  return fail('access-denied')
}

/** Topics of the host's own: `$sys.` and the inboxes. */
function isReserved(subject: string): boolean {
  return /^(?:\$sys|_inbox)(?:\.|$)/.test(subject)
}

/** What is put on record of an answer: whose it is. The rest of a reply-to is a secret. */
function replyRequest(subject: string, action: Request['action'] = 'publish'): Request {
  const resource = /^_inbox\.\d{1,16}(?=\.)/.exec(subject)?.[0]
  return { kind: 'messaging', action, resource: resource === undefined ? subject : `${resource}.*` }
}

const overRate = denied('quota', 'more messages than its rate lets through')
const onlyAsIssued = denied('error', 'only the reply-to of a message in hand can be answered, and once')
const withoutMessages = denied('error', 'granted, but this run has no messages')
