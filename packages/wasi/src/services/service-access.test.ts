import type { SlotOutcome } from '@bulkhead/lane'
import { describe, expect, it } from 'vitest'
import type { Authority } from '../authority.js'
import { Waiter } from '../io/waiter.js'
import { ServiceAccess, type ServiceCaller, ServiceEnded } from './service-access.js'

const request = Uint8Array.of(1)
const answer = Uint8Array.of(2)

type State = {
  nowNs: bigint
  isBehind: boolean
  isAllowed: boolean
  opened: 'open' | 'opening' | 'down'
  takes: boolean
  outcome: SlotOutcome | undefined
  began: boolean
}

/**
 * A service as a guest's thread sees it. Each step is what changes while the thread sleeps; after the last one it sleeps
 * until its deadline.
 */
function world(steps: readonly Partial<State>[] = []) {
  const left = [...steps]
  const state: State & { readonly given: string[]; posted: number } = {
    ...{ nowNs: 0n, isBehind: false, isAllowed: true, opened: 'open', takes: true, outcome: undefined, began: false },
    ...{ given: [], posted: 0 },
  }
  const caller: ServiceCaller = {
    post: () => {
      state.posted += 1
      return state.takes
    },
    settled: () => state.outcome,
    giveUp: (kind) => {
      state.given.push(kind)
      return { kind, began: state.began }
    },
  }
  const authority = {
    get isBehind() {
      return state.isBehind
    },
    ...{ catchUp() {}, flush() {}, rest() {}, enter() {} },
  } as unknown as Authority
  const powers = {
    wakeCount: () => left.length,
    monotonicNs: () => state.nowNs,
    park: (_seen: number, untilNs: bigint | undefined) => {
      const step = left.shift()
      if (step !== undefined) Object.assign(state, step)
      else if (untilNs !== undefined) state.nowNs = untilNs
      else throw new Error('it would sleep for ever')
    },
  }
  const openService = () => (state.opened === 'open' ? caller : state.opened)
  const waiter = new Waiter(powers, authority)
  const access = new ServiceAccess('store', { openService } as never, waiter, authority)
  const ask = (untilNs?: bigint): Uint8Array => access.ask(request, () => state.isAllowed, untilNs)
  return { state, access, ask, caller, waiter, authority }
}

function endOf(act: () => unknown): ServiceEnded {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof ServiceEnded) return thrown
    throw thrown
  }
  throw new Error('it went well')
}

describe('a call to a service', () => {
  it('waits for its answer', () => {
    const seen = world([{}, { outcome: { kind: 'answer', bytes: answer } }])
    expect(seen.ask()).toBe(answer)
    expect(seen.state.given).toEqual([])
  })

  it('waits for a service that is being opened', () => {
    const seen = world([{}, { opened: 'open' }])
    seen.state.opened = 'opening'
    seen.state.outcome = { kind: 'answer', bytes: answer }
    expect(seen.access.caller()).toBeUndefined()
    expect(seen.ask()).toBe(answer)
    expect(seen.access.caller()).toBe(seen.caller)
  })

  it('ends at its deadline, also while the service is being opened', () => {
    const opening = world()
    opening.state.opened = 'opening'
    expect(endOf(() => opening.ask(5n))).toMatchObject({ end: 'expired', began: false })
    expect(opening.state.posted).toBe(0)
    const slow = world()
    slow.state.began = true
    expect(endOf(() => slow.ask(5n))).toMatchObject({ end: 'expired', began: true })
    expect(slow.state.given).toEqual(['expired'])
  })

  it('is given up when the rules allow it no more, and never posted when they did not before', () => {
    const waiting = world([{ isAllowed: false }])
    waiting.state.began = true
    expect(endOf(() => waiting.ask())).toMatchObject({ end: 'refused', began: true })
    expect(waiting.state.given).toEqual(['given-up'])
    const opening = world([{ isAllowed: false }])
    opening.state.opened = 'opening'
    expect(endOf(() => opening.ask())).toMatchObject({ end: 'refused', began: false })
    const behind = world()
    behind.state.isBehind = true
    expect(endOf(() => behind.ask())).toMatchObject({ end: 'refused', began: false })
    expect(opening.state.posted + behind.state.posted).toBe(0)
  })

  it('says of a service that is not there that it is down', () => {
    const down = world()
    down.state.opened = 'down'
    expect(endOf(() => down.ask())).toMatchObject({ end: 'down', began: false })
    expect(down.access.caller()).toBeUndefined()
    const full = world()
    full.state.takes = false
    expect(endOf(() => full.ask())).toMatchObject({ end: 'down', began: false })
    const { waiter, authority } = world()
    const none = new ServiceAccess('store', {}, waiter, authority)
    expect(endOf(() => none.ask(request, () => true))).toMatchObject({ end: 'down', began: false })
  })

  it.each<[SlotOutcome, Partial<ServiceEnded>]>([
    [
      { kind: 'failed', began: true },
      { end: 'down', began: true },
    ],
    [
      { kind: 'failed', began: false },
      { end: 'down', began: false },
    ],
    [{ kind: 'closed' }, { end: 'down', began: false }],
    [
      { kind: 'expired', began: true },
      { end: 'expired', began: true },
    ],
    [
      { kind: 'given-up', began: false },
      { end: 'refused', began: false },
    ],
  ])('that ends as %o says so', (outcome, end) => {
    const seen = world()
    seen.state.outcome = outcome
    expect(endOf(() => seen.ask())).toMatchObject(end)
  })
})
