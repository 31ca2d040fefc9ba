import { decodePollAnswer, encodeNetworkRequest, type Interest } from '@bulkhead/host-services/client'
import type { ServiceAccess } from '../services/service-access.js'
import type { Waitable } from './waitable.js'
import type { Waiter } from './waiter.js'

type Question = { readonly index: number; readonly interest: Interest }

/**
 * Waits for the first of many, whatever they are: files, timers, standard input, messages, and handles of the network.
 *
 * Those of the network are asked for in one call of its slot, which the service answers when the first of them is ready; the
 * answer moves the same wake word as everything else does. A call that is open when something else became ready is given
 * up. Nothing is lost with it: the service tells what is ready, not what has become so.
 *
 * INVARIANT (slot): no call is left open when a function of this class returns, and nothing else is asked while one is.
 */
export class Poller {
  readonly #waiter: Waiter
  readonly #network: ServiceAccess

  constructor(waiter: Waiter, network: ServiceAccess) {
    this.#waiter = waiter
    this.#network = network
  }

  /** Returns when at least one of them is ready: all that are, as indices. */
  poll(list: readonly Waitable[]): readonly number[] {
    return this.#poll(list, 'wait')
  }

  /** Returns when it is ready. */
  wait(one: Waitable): void {
    this.#poll([one], 'wait')
  }

  /** Whether it is ready now; takes no longer than the network's service needs to answer. */
  isReady(one: Waitable): boolean {
    return this.#poll([one], 'look').length > 0
  }

  #poll(list: readonly Waitable[], patience: 'wait' | 'look'): readonly number[] {
    const here = (): readonly number[] => this.#readyHere(list)
    const known = here()
    const questions = questionsOf(list, known)
    if (questions.length === 0) {
      if (patience === 'wait') this.#waiter.wait(() => here().length > 0, earliest(list))
      return here()
    }
    // Where something is ready the network is still looked at: what is always ready must not hide what it has.
    const asked = patience === 'look' || known.length > 0 ? 'look' : 'wait'
    const ready = new Set(this.#ask(questions, asked, here, earliest(list)))
    for (const index of here()) ready.add(index)
    return [...ready].sort((left, right) => left - right)
  }

  #readyHere(list: readonly Waitable[]): readonly number[] {
    const ready: number[] = []
    for (const [index, { ready: isReady, dueNs }] of list.entries()) {
      if (isReady() || (dueNs !== undefined && this.#waiter.nowNs() >= dueNs)) ready.push(index)
    }
    return ready
  }

  #ask(
    questions: readonly Question[],
    patience: 'wait' | 'look',
    here: () => readonly number[],
    dueNs: bigint | undefined,
  ): readonly number[] {
    const indices = questions.map(({ index }) => index)
    const caller = this.#network.caller()
    const interests = questions.map(({ interest }) => interest)
    // Without a service they are ready to say so.
    if (caller?.post(encodeNetworkRequest({ op: 'poll', interests, patience })) !== true) return indices
    let outcome = caller.settled()
    this.#waiter.wait(
      () => {
        outcome = caller.settled()
        if (outcome !== undefined) return true
        const known = here()
        return patience === 'wait' ? known.length > 0 : indices.every((index) => known.includes(index))
      },
      patience === 'wait' ? dueNs : undefined,
    )
    outcome ??= caller.giveUp('given-up')
    if (outcome.kind === 'answer') return decodePollAnswer(outcome.bytes).flatMap((at) => indices[at] ?? [])
    return outcome.kind === 'given-up' ? [] : indices
  }
}

function questionsOf(list: readonly Waitable[], known: readonly number[]): readonly Question[] {
  return list.flatMap(({ interest }, index) => {
    const asked = known.includes(index) ? undefined : interest?.()
    return asked === undefined ? [] : [{ index, interest: asked }]
  })
}

function earliest(list: readonly Waitable[]): bigint | undefined {
  let due: bigint | undefined
  for (const { dueNs } of list) if (dueNs !== undefined && (due === undefined || dueNs < due)) due = dueNs
  return due
}
