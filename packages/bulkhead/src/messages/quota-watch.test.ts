import type { MessageCounters } from '@bulkhead/actor'
import { RateBucket } from '@bulkhead/quota'
import { expect, it } from 'vitest'
import { cycleDegradedMs, samplesKept } from '../limits.js'
import { TestExchange } from './exchange.test.support.js'
import { noMessages } from './message-member.js'
import { messageReport } from './message-stats.js'
import { type Gauge, QuotaWatch } from './quota-watch.js'

function watched(gauges: () => readonly Gauge[] = () => []) {
  const lab = new TestExchange()
  lab.add({ id: 's', publish: ['orders.*'], quota: { rate: { amount: 100, perMs: 1_000 }, written: true } })
  lab.add({ id: 'acme/r', subscribe: ['orders.*'] })
  lab.add({ id: 'silent', role: { handles: false, sends: false } })
  const [s, r] = [lab.start('s'), lab.start('acme/r')]
  const running = new Set(['s', 'acme/r'])
  const ill: string[] = []
  const faults: string[] = []
  const watch = new QuotaWatch({
    exchange: lab.exchange,
    raise: (draft) => lab.events.push(draft),
    isRunning: (id) => running.has(id),
    gaugesOf: (id) => (id === 's' || id === 'silent' ? gauges() : []),
    nowMs: () => lab.clock.wallMs(),
    feed: {
      tell: (member, source, reason) => {
        if (reason !== undefined) ill.push(`${source} ${member}: ${reason}`)
      },
    },
    fault: (member, fault) => faults.push(`${fault.class} ${member}: ${fault.reason}`),
    floodSamples: 4,
  })
  const told = () => lab.events.splice(0).map(({ type, child, reason }) => `${type} ${child}: ${reason}`)
  const count = (more: Partial<MessageCounters>): void => {
    s.counters = { ...noMessages, ...more }
    watch.sample()
  }
  return { lab, s, r, running, watch, told, count, ill: () => ill.splice(0), faults: () => faults.splice(0) }
}

it('tells of refusals that go on as long as they do', () => {
  const { count, told, ill, faults } = watched()
  count({})
  count({ refusedRate: 5 })
  count({ refusedRate: 5 })
  count({ refusedRate: 9 })
  expect(told()).toEqual(['quota.exceeded s: messages: 100 % is used', 'quota.exceeded s: messages: 100 % is used'])
  expect(ill()).toEqual([])
  count({ refusedRate: 10 })
  expect(ill()).toEqual(['quota s: message quota: 10 refused in 5 s'])
  for (let seconds = 0; seconds < 4; seconds++) count({ refusedRate: 10 })
  expect(ill()).toEqual(['quota s: message quota: 10 refused in 5 s'])
  expect(faults()).toEqual([])
})

it('takes refusals without a pause for a flood', () => {
  const { count, faults } = watched()
  for (let refusedRate = 0; refusedRate < 4; refusedRate++) count({ refusedRate })
  expect(faults()).toEqual([])
  count({ refusedRate: 4 })
  expect(faults()).toEqual(['resource s: flood: refused by its quota of messages for 4 s'])
  count({ refusedRate: 5 })
  expect(faults()).toEqual([])
})

it('tells of a cycle, until the last timeout is a while ago', () => {
  const { lab, watch, count, ill } = watched()
  const [member] = lab.exchange.members
  if (member === undefined) throw new Error('nobody is there')
  watch.cycled(member, 'a → b → a')
  expect(ill()).toEqual(['requests s: requests form a cycle: a → b → a'])
  lab.clock.advance(cycleDegradedMs)
  count({})
  expect(ill()).toEqual([])
})

it('tells when a quota is used to 80, 95 and 100 percent, once each', () => {
  let used = 0
  const { s, lab, count, told } = watched(() => [{ quota: 'linear memory', spent: { used, limit: 100 } }])
  const bucket = s.begin.outboundRate
  if ('seat' in bucket) throw new Error('no supervisor has a rate')
  const taker = new RateBucket(bucket, () => lab.exchange.now())
  taker.take(80)
  count({})
  taker.take(20)
  count({})
  count({})
  expect(told()).toEqual(['quota.warning s: messages: 80 % is used', 'quota.exceeded s: messages: 100 % is used'])
  used = 95
  count({})
  expect(told()).toEqual(['quota.warning s: linear memory: 95 % is used'])
})

it('tells it also of who has nothing to do with messages, and again when it runs again after a while', () => {
  const used: Gauge = { quota: 'HTTP requests', spent: { used: 1, limit: 1 } }
  const { running, count, told } = watched(() => [used])
  const ofSilent = (): readonly string[] => told().filter((line) => line.includes('silent'))
  count({})
  expect(ofSilent()).toEqual([])
  for (let run = 0; run < 2; run++) {
    running.add('silent')
    count({})
    count({})
    expect(ofSilent()).toEqual(['quota.exceeded silent: HTTP requests: 100 % is used'])
    running.delete('silent')
    for (let second = 0; second < samplesKept; second++) count({})
  }
})

it('tells of a full mailbox once an episode', () => {
  const { s, r, count, told } = watched()
  while (s.send('orders.new', 'x')[0] === 'sent');
  count({})
  count({})
  expect(told().filter((line) => line.startsWith('mailbox'))).toEqual([
    expect.stringMatching(/^mailbox.overloaded acme\/r: \d+ messages wait; senders are told to try again$/),
  ])
  r.takeAll()
  count({})
  while (s.send('orders.new', 'x')[0] === 'sent');
  count({})
  expect(told().filter((line) => line.startsWith('mailbox'))).toHaveLength(1)
})

it('knows rates, and sums of tenants', () => {
  const { lab, s, watch, count } = watched()
  count({})
  s.send('orders.new', 'x')
  count({ published: 10, requested: 2 })
  count({ published: 20, requested: 2 })
  lab.clock.advance(3)
  const { children, tenants, deadLetters } = messageReport(lab.exchange, (member) => watch.samplesOf(member))
  expect(children).toMatchObject([
    { child: 's', published: 20, requested: 2, publishedPerSecond: 10, depth: 0, depthMax: 0 },
    { child: 'acme/r', tenant: 'acme', depth: 1, depthMax: 1_024, lanes: 1, memoryBytes: 65_536 },
  ])
  expect(children[1]?.oldestMs).toBe(3)
  expect(tenants).toMatchObject([
    { tenant: undefined, children: 1, published: 20 },
    { tenant: 'acme', children: 1, depth: 1, oldestMs: 3 },
  ])
  expect(deadLetters).toEqual({ kept: 0, dropped: 0 })
})

it('forgets who left in the middle of it: the next of the name begins anew', () => {
  const { lab, watch, told } = watched(() => [{ quota: 'memory', spent: { used: 9, limit: 10 } }])
  watch.sample()
  watch.sample()
  expect(told()).toEqual(['quota.warning s: memory: 80 % is used'])
  lab.exchange.remove('s')
  watch.sample()
  lab.add({ id: 's', publish: ['orders.*'] })
  lab.start('s')
  watch.sample()
  expect(told()).toEqual(['quota.warning s: memory: 80 % is used'])
})
