// Calls of exported functions by name, from the host to a child. A call goes through the child's mailbox as a message does,
// so that what bounds messages bounds calls: its room, its deadline, its rungs, one at a time. The answer comes back as a
// word of the worker's, which is believed about the call that it has in hand, and is of the function's type or none.
//
// INVARIANT (one answer): a call is settled once, by the first of: its answer, the end of who had it in hand, its deadline,
// its signal, the end of whoever would have answered. It is never begun twice.

import { answeredCall, callSubject, decodeAnswer, encodeCall } from '@bulkhead/actor'
import { callAnswerBytesMax, type ExportedFunction, signature, ValueProblem } from '@bulkhead/contracts'
import { MessageEncoder, parseTraceparent } from '@bulkhead/mailbox'
import { BulkheadError, type Clock, type ExitReport } from '@bulkhead/vocabulary'
import { callsWaitingMax } from '../limits.js'
import { type Reach, reachableMember } from '../messages/reachable-member.js'
import {
  answerTooLarge,
  type Called,
  changed,
  guestError,
  lostIn,
  notRunning,
  overloaded,
  timedOut,
} from './call-errors.js'
import { findFunction } from './find-function.js'

export type CallSettings = {
  readonly signal?: AbortSignal | undefined
  /** In milliseconds; the child's own when left out. */
  readonly deadlineMs?: number | undefined
  /** What the callee's messages continue; they begin traces of their own when left out. */
  readonly traceparent?: string | undefined
}

/** What is known of a child that may be called. */
export type Callee = { readonly functions: readonly ExportedFunction[]; readonly deadlineMs: number }

export type CallPowers = Reach & {
  readonly clock: Clock
  /** `undefined` for a name that the tree does not have. */
  readonly calleeOf: (child: string) => Callee | undefined
  readonly breached: (member: string, reason: string) => void
}

type Waiting = { readonly called: Called; readonly member: string; readonly settle: (outcome: Outcome) => void }
type Outcome = { readonly value: unknown } | { readonly thrown: unknown }

export class CallDesk {
  readonly #powers: CallPowers
  readonly #encoder = new MessageEncoder()
  readonly #waiting = new Map<number, Waiting>()
  /** Calls that were in hand when their member ended, whose report is not there yet. */
  readonly #lost = new Map<string, number>()
  #number = 0
  #isClosed = false

  constructor(powers: CallPowers) {
    this.#powers = powers
    powers.exchange.watchCalls({
      answered: (member, answer) => this.#answered(member, answer),
      lost: (member, body) => this.#lost.set(member, answeredCall(body)),
    })
  }

  /**
   * Calls a function and returns what it returns; of a `result` what is `ok`.
   *
   * @throws {BulkheadError} `usage` for a child or arguments that are not, with the way to the first wrong one;
   *   `function-unknown`; `resource-limit-exceeded`; `actor-not-running`; `mailbox-overloaded`; `call-timeout`;
   *   `guest-error` with the `payload` of an `err`; `guest-trap` when it ends instead of answering. An abort throws the
   *   signal's reason.
   */
  async call(child: string, name: string, args: readonly unknown[], settings: CallSettings = {}): Promise<unknown> {
    settings.signal?.throwIfAborted()
    const callee = this.#calleeOf(child)
    const fn = findFunction(child, callee.functions, name)
    return this.#send({ child, fn, deadlineMs: settings.deadlineMs ?? callee.deadlineMs }, args, settings)
  }

  /** The function that a name means; see `call` for what is thrown. */
  functionOf(child: string, name: string): ExportedFunction {
    return findFunction(child, this.#calleeOf(child).functions, name)
  }

  /** What it has in hand is lost with it, and is what the report says. To be called after the exchange has settled its end. */
  ended(member: string, report: ExitReport): void {
    const number = this.#lost.get(member)
    this.#lost.delete(member)
    const waiting = number === undefined ? undefined : this.#waiting.get(number)
    if (waiting !== undefined) waiting.settle({ thrown: lostIn(report, waiting.called) })
  }

  /** A member will not take what waits for it, or not soon. */
  abandon(member: string, why: string): void {
    for (const { called, settle, member: of } of [...this.#waiting.values()]) {
      if (of === member) settle({ thrown: notRunning(called, why) })
    }
  }

  close(): void {
    this.#isClosed = true
    for (const { called, settle } of [...this.#waiting.values()]) {
      settle({ thrown: notRunning(called, 'the runtime was stopped') })
    }
  }

  #calleeOf(child: string): Callee {
    const callee = this.#powers.calleeOf(child)
    if (callee !== undefined) return callee
    throw new BulkheadError('usage', `the tree has no child \`${child.slice(0, 100)}\``, {
      hint: '`bulkhead ps` shows its children',
    })
  }

  async #send(called: Called, args: readonly unknown[], { signal, traceparent }: CallSettings): Promise<unknown> {
    const { clock, exchange } = this.#powers
    if (this.#isClosed) throw notRunning(called, 'the runtime was stopped')
    if (this.#waiting.size >= callsWaitingMax) throw tooMany()
    const number = this.#nextNumber()
    const body = encoded(number, called, args)
    const member = reachableMember(called.child, this.#powers)
    if (member?.box === undefined) throw notRunning(called, 'it is not running, and nothing will wake it')
    const settled = this.#await(number, called, member.id)
    const sentAtNs = exchange.now()
    const expiresAtNs = sentAtNs + BigInt(Math.ceil(called.deadlineMs)) * 1_000_000n
    const { settle } = settled
    const trace = traceparent === undefined ? undefined : parseTraceparent(traceparent)
    const message = { subject: callSubject, body, sentAtNs, expiresAtNs, ...(trace === undefined ? {} : { trace }) }
    if (member.box.send(this.#encoder.encode(message), sentAtNs) !== 'sent') settle({ thrown: overloaded(called) })
    const cancel = clock.after(called.deadlineMs, () => settle({ thrown: timedOut(called) }))
    const aborted = (): void => settle({ thrown: signal?.reason })
    signal?.addEventListener('abort', aborted)
    // A timer that does not keep the process alive would let it end in the middle of a call.
    const alive = setInterval(() => {}, keepAliveMs)
    const outcome = await settled.outcome
    clearInterval(alive)
    cancel()
    signal?.removeEventListener('abort', aborted)
    if ('thrown' in outcome) throw outcome.thrown
    return outcome.value
  }

  #await(
    number: number,
    called: Called,
    member: string,
  ): { readonly outcome: Promise<Outcome>; readonly settle: (outcome: Outcome) => void } {
    let resolve: (outcome: Outcome) => void = () => {}
    const outcome = new Promise<Outcome>((settled) => {
      resolve = settled
    })
    const settle = (result: Outcome): void => {
      this.#waiting.delete(number)
      resolve(result)
    }
    this.#waiting.set(number, { called, member, settle })
    return { outcome, settle }
  }

  #answered(member: string, answer: Uint8Array): void {
    try {
      const waiting = this.#waiting.get(answeredCall(answer))
      // Nobody waits for it any more, or it is somebody else's: a late answer is dropped.
      if (waiting?.member !== member) return
      waiting.settle(outcomeOf(waiting.called, answer))
    } catch (thrown) {
      if (!(thrown instanceof ValueProblem)) throw thrown
      this.#powers.breached(member, `an answer that is none: ${thrown.message}`)
    }
  }

  #nextNumber(): number {
    do this.#number = (this.#number + 1) % 2 ** 32
    while (this.#waiting.has(this.#number))
    return this.#number
  }
}

const keepAliveMs = 1_000

function outcomeOf(called: Called, bytes: Uint8Array): Outcome {
  const answer = decodeAnswer(bytes, called.fn)
  if (answer.kind === 'refused') {
    return { thrown: answer.reason === 'changed' ? changed(called) : answerTooLarge(called, callAnswerBytesMax) }
  }
  if (called.fn.result?.kind !== 'result') return { value: answer.value }
  const { tag, val } = answer.value as { readonly tag: 'ok' | 'err'; readonly val: unknown }
  return tag === 'ok' ? { value: val } : { thrown: guestError(called, val) }
}

/** A last parameter that is an option may be left out. */
function encoded(number: number, { child, fn }: Called, args: readonly unknown[]): Uint8Array {
  const { params } = fn
  if (args.length > params.length) {
    throw new BulkheadError('usage', `found ${args.length} arguments, expected ${params.length}: ${signature(fn)}`, {
      details: { child, function: fn.name, found: args.length, expected: params.length },
    })
  }
  try {
    return encodeCall(number, fn, args)
  } catch (thrown) {
    if (!(thrown instanceof ValueProblem)) throw thrown
    const code = thrown.kind === 'size' ? 'resource-limit-exceeded' : 'usage'
    throw new BulkheadError(code, `the argument ${thrown.message}`, {
      details: { child, function: fn.name, argument: thrown.where },
      hint: `it is ${signature(fn)}`,
    })
  }
}

function tooMany(): BulkheadError {
  return new BulkheadError('resource-limit-exceeded', `${callsWaitingMax} calls wait already`, {
    details: { resource: 'calls', limit: callsWaitingMax },
  })
}
