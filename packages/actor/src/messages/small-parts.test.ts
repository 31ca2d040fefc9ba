import { type InletMemory, Mailbox, type OutletMemory, traceBytes } from '@bulkhead/mailbox'
import { createQuotaBlock, RateTree } from '@bulkhead/quota'
import { describe, expect, test } from 'vitest'
import { Ledger } from '../ledger.js'
import { messageBytesMax, refusedOutletsMax, replyRightsMax } from '../limits.js'
import type { MessageEvent } from '../message-protocol.js'
import { PortPump } from '../port-pump.js'
import type { ToWorker } from '../protocol.js'
import { LetterBudget } from './letter-budget.js'
import { openMessageRate } from './message-rate.js'
import { Outlets } from './outlets.js'
import { RandomPool } from './random-pool.js'
import { readerOptions } from './reader-options.js'
import { ReplyRights } from './reply-rights.js'
import { inboxOf, newReplyTopic } from './reply-topic.js'
import { Stopping } from './stopping.js'
import { TraceSource } from './trace-source.js'

/** Counts up, so that what is handed out twice is seen. */
function countingPool() {
  let next = 0
  return new RandomPool((bytes) => {
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at + 4 <= bytes.length; at += 4) words.setUint32(at, next++)
  })
}

const topicOf = (index: number): string => `_inbox.7.${String(index).padStart(22, 'A')}`

describe('random bytes', () => {
  test('are handed out once, in pieces of any length', () => {
    const pool = countingPool()
    const seen = new Set<string>()
    for (let round = 0; round < 5_000; round++) seen.add(Buffer.from(pool.take(16)).toString('hex'))
    expect(seen.size).toBe(5_000)
  })

  test('make fractions below one', () => {
    const full = new RandomPool((bytes) => bytes.fill(0xff))
    const empty = new RandomPool((bytes) => bytes.fill(0))
    expect([full.fraction(), empty.fraction()]).toEqual([65_535 / 65_536, 0])
  })
})

describe('a reply topic', () => {
  test('names its inbox, and is like no other', () => {
    const pool = countingPool()
    const [one, other] = [newReplyTopic(7, pool), newReplyTopic(7, pool)]
    expect(one).toMatch(/^_inbox\.7\.[\w-]{22}$/)
    expect([inboxOf(one), one === other]).toEqual([7, false])
  })

  test.each([
    '_inbox.7',
    '_inbox.7.short',
    `_inbox.07.${'A'.repeat(22)}`,
    `_inbox.-7.${'A'.repeat(22)}`,
    `_inbox.7.${'A'.repeat(23)}`,
    `_inbox.7.${'A'.repeat(22)}.x`,
    `_inbox.7777777777777777.${'A'.repeat(22)}`,
    `x_inbox.7.${'A'.repeat(22)}`,
    'orders.new',
    '',
  ])('`%s` is none', (topic) => {
    expect(inboxOf(topic)).toBeUndefined()
  })
})

describe('the right to answer', () => {
  test('comes with a message and lasts until it is spent or over', () => {
    let now = 5n
    const rights = new ReplyRights(() => now)
    const [topic, other] = [topicOf(1), topicOf(2)]
    expect(rights.grant(topic, 10n)).toBe(topic)
    expect([rights.state(topic), rights.state(other)]).toEqual(['open', 'unknown'])
    rights.spend(topic)
    expect(rights.state(topic)).toBe('unknown')
    rights.grant(other, 10n)
    now = 10n
    expect(rights.state(other)).toBe('expired')
  })

  test('does not come with what a sender made up', () => {
    const rights = new ReplyRights(() => 0n)
    expect(rights.grant('orders.new', 10n)).toBeUndefined()
    expect(rights.grant(undefined, 10n)).toBeUndefined()
    expect(rights.grant(topicOf(1), undefined)).toBeUndefined()
    expect([rights.state('orders.new'), rights.state(topicOf(1))]).toEqual(['unknown', 'unknown'])
  })

  test('is remembered of so many messages: one more, and the oldest is forgotten', () => {
    const rights = new ReplyRights(() => 0n)
    for (let index = 0; index < replyRightsMax; index++) rights.grant(topicOf(index), 10n)
    expect([rights.state(topicOf(0)), rights.state(topicOf(replyRightsMax - 1))]).toEqual(['open', 'open'])
    rights.grant(topicOf(replyRightsMax), 10n)
    expect([0, 1, replyRightsMax].map((index) => rights.state(topicOf(index)))).toEqual(['unknown', 'open', 'open'])
  })
})

describe('the lanes that a guest sends by', () => {
  function lane(): OutletMemory {
    const opened = new Mailbox().openHostLane(0n)
    return opened.outlet
  }

  test('are asked for once each; who was refused is asked for again when the rules change', () => {
    const posted: MessageEvent[] = []
    const outlets = new Outlets((event) => posted.push(event))
    expect([outlets.want(1), outlets.want(1), outlets.want(2)]).toEqual(['asked', 'asked', 'asked'])
    outlets.take({ kind: 'outlet', mailbox: 1, outlet: lane() })
    outlets.take({ kind: 'outlet', mailbox: 2, outlet: undefined })
    expect([typeof outlets.want(1), outlets.want(2), outlets.depth(1), outlets.depth(2)]).toEqual([
      'object',
      'refused',
      0,
      0,
    ])
    outlets.askAgain()
    expect([typeof outlets.want(1), outlets.want(2)]).toEqual(['object', 'asked'])
    expect(posted.map((event) => `${event.kind} ${'mailbox' in event && event.mailbox}`)).toEqual([
      'outlet-wanted 1',
      'outlet-wanted 2',
      'outlet-wanted 2',
    ])
  })

  test('are given back once, however often they are asked for', () => {
    const posted: string[] = []
    const outlets = new Outlets((event) => posted.push(event.kind))
    outlets.want(1)
    outlets.take({ kind: 'outlet', mailbox: 1, outlet: lane() })
    for (let times = 0; times < 2; times++) outlets.take({ kind: 'outlet', mailbox: 1, outlet: undefined })
    expect([outlets.want(1), posted]).toEqual(['asked', ['outlet-wanted', 'outlet-closed', 'outlet-wanted']])
  })

  test('are remembered as refused up to a bound', () => {
    const outlets = new Outlets(() => {})
    for (let mailbox = 0; mailbox < refusedOutletsMax; mailbox++) {
      outlets.want(mailbox)
      outlets.take({ kind: 'outlet', mailbox, outlet: undefined })
    }
    expect([outlets.want(0), outlets.want(refusedOutletsMax - 1)]).toEqual(['refused', 'refused'])
    outlets.want(refusedOutletsMax)
    outlets.take({ kind: 'outlet', mailbox: refusedOutletsMax, outlet: undefined })
    expect([outlets.want(refusedOutletsMax), outlets.want(0)]).toEqual(['refused', 'asked'])
  })

  test('whose arena comes when nobody has the lane any more are left alone', () => {
    const posted: MessageEvent[] = []
    const outlets = new Outlets((event) => posted.push(event))
    outlets.take({ kind: 'outlet-arena', mailbox: 9, arena: new SharedArrayBuffer(1024) })
    outlets.take({ kind: 'outlet-arena', mailbox: 9, arena: undefined })
    expect(posted).toEqual([])
  })
})

describe('unanswerable requests', () => {
  test('are told the host up to a bound of bytes, and again when some time has passed', () => {
    let now = 0n
    const budget = new LetterBudget(() => now)
    for (let letter = 0; letter < 4; letter++) expect(budget.take(messageBytesMax)).toBe(true)
    expect([budget.take(0), budget.take(messageBytesMax)]).toEqual([false, false])
    now = 250_000_000n
    expect([budget.take(messageBytesMax - 512), budget.take(messageBytesMax)]).toEqual([true, false])
    now = 3_600_000_000_000n
    for (let letter = 0; letter < 4; letter++) expect(budget.take(messageBytesMax)).toBe(true)
    expect(budget.take(messageBytesMax)).toBe(false)
  })

  test('of what was refused are told all, and waited for beyond the bound', () => {
    let now = 0n
    const waits: number[] = []
    const told: MessageEvent[] = []
    const { onRefused } = readerOptions(3, {
      ...{ now: () => now, refresh: () => {}, post: (event: MessageEvent) => told.push(event) },
      letters: new LetterBudget(() => now),
      sleep: (ms) => waits.push(Math.round(ms)),
    })
    const delivery = {
      ...{ lane: 1, position: 0, sequence: 0, attempt: 0, sender: { id: 's', incarnation: 1 }, subject: 'a' },
      ...{ replyTo: undefined, trace: undefined, sentAtNs: 0n, expiresAtNs: 0n, body: new Uint8Array(messageBytesMax) },
    }
    for (let letter = 0; letter < 6; letter++) onRefused({ reason: 'expired', delivery })
    expect(waits).toEqual([250, 500])
    now = 3_600_000_000_000n
    onRefused({ reason: 'expired', delivery })
    expect(waits).toHaveLength(2)
    expect(told).toHaveLength(7)
  })
})

describe('a trace', () => {
  test('is of its own, or goes on from the message that is handled', () => {
    const traces = new TraceSource(countingPool())
    const own = traces.next().slice()
    expect([own.length, own.at(-1)]).toEqual([traceBytes, 1])
    const handled = Uint8Array.from({ length: traceBytes }, (_, index) => (index === traceBytes - 1 ? 0 : index + 1))
    traces.follow(handled)
    const next = traces.next().slice()
    expect(next.subarray(0, 16)).toEqual(handled.subarray(0, 16))
    expect(next.subarray(16, 24)).not.toEqual(handled.subarray(16, 24))
    expect(next.at(-1)).toBe(0)
    traces.follow(undefined)
    expect(traces.next().subarray(0, 16)).not.toEqual(handled.subarray(0, 16))
  })
})

describe('a stop', () => {
  test('ends calls and waits outside of a message; inside, calls go on and waits for a while', () => {
    let now = 0n
    const ledger = new Ledger()
    const stopping = new Stopping(ledger, () => now)
    expect([stopping.isAsked, stopping.endsCalls(), stopping.waitLeftMs()]).toEqual([
      false,
      false,
      Number.POSITIVE_INFINITY,
    ])
    ledger.requestStop()
    expect([stopping.endsCalls(), stopping.waitLeftMs()]).toEqual([true, 0])
    stopping.inMessage = true
    expect([stopping.endsCalls(), stopping.waitLeftMs()]).toEqual([false, 1_000])
    now = 400_000_000n
    expect(stopping.waitLeftMs()).toBe(600)
    now = 2_000_000_000n
    expect([stopping.endsCalls(), stopping.waitLeftMs()]).toEqual([false, 0])
  })
})

describe('the rate of messages', () => {
  test('is a bucket, or a seat in a tree where supervisors have one too', () => {
    const settings = { rate: { amount: 2, perMs: 1_000 } }
    const bucket = openMessageRate(
      createQuotaBlock({ rates: { messages: settings }, ledgers: {} }).rates.messages,
      () => 0n,
    )
    const tree = new RateTree({ nodesMax: 4, seatsMax: 4, clock: () => 0n })
    const root = tree.addNode({ rate: { amount: 1, perMs: 1_000 } })
    const seat = openMessageRate(tree.takeSeat(tree.addNode(settings, root)), () => 0n)
    expect([bucket(), bucket(), bucket()]).toEqual(['taken', 'taken', { retryInNs: 500_000_000 }])
    expect([seat(), seat()]).toMatchObject(['taken', { retryInNs: 1_000_000_000 }])
  })
})

describe('what the host posts', () => {
  const update = (policyVersion: number) =>
    ({ kind: 'context', update: { policyVersion } }) as unknown as Extract<ToWorker, { kind: 'context' }>

  test('is taken in where it belongs: the newest rules wait to be asked for, news of messages do not', () => {
    const inlet = { kind: 'inlet', mailbox: 1, inlet: {} as InletMemory } as const
    const posted: ToWorker[] = [update(2), inlet, update(4), update(3)]
    const pump = new PortPump(() => posted.shift())
    const news: unknown[] = []
    pump.onMessages((message) => news.push(message))
    pump.drain()
    expect([posted, news]).toEqual([[], [inlet]])
    posted.push(update(3))
    expect(pump.takeNewestContext()?.policyVersion).toBe(4)
    expect(pump.takeNewestContext()).toBeUndefined()
  })
})
