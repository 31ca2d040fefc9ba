import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AdminClient,
  AdminServer,
  connectAdmin,
  type LiveCommands,
  liveCommands,
  type TreeReport,
} from '@bulkhead/admin'
import { StateDirectory } from '@bulkhead/state'
import { systemClock } from '@bulkhead/vocabulary'
import { afterEach, expect, it } from 'vitest'
import { OrderBook } from '../audit/order-book.js'
import { Emitter } from '../emitter.js'
import { HealthDesk } from '../health/health-desk.js'
import { LogDesk } from '../logs/log-desk.js'
import { MessageCenter } from '../messages/message-center.js'
import { ChildNames } from '../metrics/child-names.js'
import { MetricSheet } from '../metrics/metric-sheet.js'
import { liveHandlers } from './live-handlers.js'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const keeper: TreeReport['children'][number] = {
  ...{ child: 'keeper', supervisor: 'root', component: './keeper.wasm', state: 'running', since: 1, incarnation: 1 },
  ...{ restarts: 0, restartsLeft: 3, level: 'thread', score: 0, trust: 'unknown', approval: 'approved' },
}

const tree: TreeReport = {
  root: 'root',
  children: [keeper],
  tree: {
    ...{ supervisor: 'root', state: 'running', health: 'healthy', since: 1, strategy: 'one_for_one' },
    ...{ profile: 'default', isPool: false, children: [] },
  },
}

const logs = new LogDesk({ emitter: new Emitter(), nowNs: systemClock.monotonicNs, wallMs: () => 7 })

const health = new HealthDesk(new Emitter(), systemClock)

const nobody = async (): Promise<never> => {
  throw new Error('nobody expected this')
}
const ordered = (what: string) => async (child: string) => [{ child, outcome: 'failed', why: what } as const]

type Office = {
  readonly center: MessageCenter
  readonly directory: string
  readonly client: AdminClient<LiveCommands>
  readonly closeServer: () => Promise<void>
}

/** The messages of a tree without children, behind an admin socket, and a client of it. */
async function open(): Promise<Office> {
  const base = mkdtempSync(join(tmpdir(), 'live-'))
  const directory = join(base, 'state')
  const state = await StateDirectory.open(directory, { create: true })
  const center = new MessageCenter({
    ...{ clock: systemClock, originNs: process.hrtime.bigint(), random: Math.random, supervisors: [] },
    ...{
      raise: () => {},
      onHandlerFailed: () => {},
      isRunning: () => true,
      gaugesOf: () => [],
      feed: { tell: () => {} },
      fault: () => {},
      floodSamples: 10,
    },
  })
  const handlers = liveHandlers({
    messages: center.desk,
    tree: () => tree,
    orders: { start: ordered('start'), stop: ordered('stop'), restart: ordered('restart') },
    upgrades: { upgrade: nobody },
    reloads: { reload: nobody },
    calls: { call: nobody, functionOf: () => ({ name: 'nothing', params: [] }) },
    release: async (child, reason, author) => [child, reason, author],
    logs,
    health,
    book: new OrderBook({ journal: { note: async () => {} }, clock: systemClock }),
    metrics: () => new MetricSheet(new ChildNames()).snapshot(1),
  })
  const server = await AdminServer.listen({ state, commands: liveCommands, handlers, version: '1' })
  closers.push(
    () => rmSync(base, { recursive: true }),
    () => state.close(),
    () => center.close(),
    () => server.close(),
  )
  const client = await connectAdmin(directory, liveCommands)
  closers.push(() => client.close())
  return { center, directory, client, closeServer: () => server.close() }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** The first items of a subscription; it is left afterwards. */
async function taken(items: AsyncIterable<unknown>, count: number): Promise<unknown[]> {
  const seen: unknown[] = []
  for await (const item of items) if (seen.push(item) === count) break
  return seen
}

it('subscribes before it says so, and passes on what is published', async () => {
  const { client } = await open()
  const items = client.stream('messages.subscribe', { pattern: 'orders.*' })
  expect((await items.next()).value).toEqual({ kind: 'subscribed' })
  expect(await client.request('messages.publish', { topic: 'orders.new', body: 'AP8=' })).toEqual({
    receivers: 1,
    overloaded: 0,
  })
  expect(await client.request('messages.publish', { topic: 'bills.new' })).toEqual({ receivers: 0, overloaded: 0 })
  const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
  await client.request('messages.publish', { topic: 'orders.old', traceparent })
  expect(await taken(items, 2)).toEqual([
    expect.objectContaining({ kind: 'message', topic: 'orders.new', from: 'host', body: 'AP8=' }),
    expect.objectContaining({ topic: 'orders.old', body: '', traceparent: expect.stringContaining('1'.repeat(32)) }),
  ])
})

it('asks, and gives the answer of the one that is subscribed', async () => {
  const { center, client } = await open()
  center.subscribe('price.*', ({ topic, body }) => Buffer.from(`${topic} ${Buffer.from(body)}`))
  const reply = await client.request('messages.request', { topic: 'price.chair', body: base64('EUR') })
  expect(reply).toEqual({ topic: 'price.chair', from: 'host', body: base64('price.chair EUR') })
  center.subscribe('silent', () => undefined)
  const late = client.request('messages.request', { topic: 'silent', timeoutMs: 30 })
  await expect(late).rejects.toMatchObject({ code: 'call-timeout' })
})

it('refuses what is no topic, in a subscription too', async () => {
  const { client } = await open()
  for (const topic of ['a b', 'a..b', '$sys.stop', '_inbox.1.x', 'a.*']) {
    await expect(client.request('messages.publish', { topic }), topic).rejects.toMatchObject({ code: 'usage' })
  }
  for (const pattern of ['a..b', '>.a', 'a b']) {
    const items = client.stream('messages.subscribe', { pattern })
    await expect(items.next(), pattern).rejects.toMatchObject({ code: 'document-invalid' })
  }
  // The connection is as good as before.
  expect(await client.request('tree', {})).toEqual(tree)
})

it('passes on orders to a child', async () => {
  const { client } = await open()
  for (const what of ['start', 'stop', 'restart'] as const) {
    expect(await client.request(`child.${what}`, { child: 'ingest' })).toEqual({
      members: [{ child: 'ingest', outcome: 'failed', why: what }],
    })
  }
})

it('releases a child with its reason, which has to be given, and says who does it', async () => {
  const { client } = await open()
  const released = client.request('release', { child: 'ingest', reason: 'mended', author: 'ada' })
  expect(await released).toEqual({ released: ['ingest', 'mended', 'ada'] })
  const unsaid = client.request('release', { child: 'ingest', reason: '', author: 'ada' })
  await expect(unsaid).rejects.toMatchObject({ code: 'usage' })
})

it('says of a process without a tree that it runs none', async () => {
  const handlers = liveHandlers(undefined)
  for (const command of Object.keys(liveCommands) as (keyof LiveCommands)[]) {
    const ask = () => handlers[command]({} as never, { signal: new AbortController().signal })
    expect(ask, command).toThrow(expect.objectContaining({ code: 'runtime-unreachable' }))
  }
})

it('ends a subscription when its reader is gone, and when the process closes', async () => {
  const { center, directory, client, closeServer } = await open()
  const other = await connectAdmin(directory, liveCommands)
  await other.stream('messages.subscribe', { pattern: 'a' }).next()
  const mine = client.stream('messages.subscribe', { pattern: 'a' })
  await mine.next()
  await other.close()
  await until(async () => (await center.desk.publish('a', new Uint8Array())).receivers === 1)
  await mine.return?.()
  await until(async () => (await center.desk.publish('a', new Uint8Array())).receivers === 0)
  const last = client.stream('messages.subscribe', { pattern: 'a' })
  await last.next()
  const end = last.next()
  await closeServer()
  expect(await end).toEqual({ done: true, value: undefined })
})

it('tells a slow reader how much it missed, and slows nobody else', async () => {
  const { client, center } = await open()
  const items = client.stream('messages.subscribe', { pattern: 'a' })
  await items.next()
  const body = new Uint8Array(200_000)
  let sent = 0
  for (let round = 0; round < 600; round++) {
    const { receivers } = await center.desk.publish('a', body)
    sent += receivers
    if (receivers === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    else await new Promise((resolve) => setImmediate(resolve))
  }
  let read = 0
  let missed = 0
  for await (const item of items) {
    if (item.kind === 'message') read += 1
    else if (item.kind === 'missed') missed += item.count
    if (read + missed >= sent) break
  }
  expect(read).toBeGreaterThan(200)
  expect(missed).toBeGreaterThan(0)
  expect(read + missed).toBe(sent)
})

it('lists dead letters, shows one, sends them again and forgets them', async () => {
  const { client, center } = await open()
  const ask = (topic: string, body: string): Promise<unknown> =>
    client.request('messages.request', { topic, body: base64(body) })
  await expect(ask('price.chair', 'x'.repeat(500))).rejects.toMatchObject({ code: 'no-subscriber' })
  await expect(ask('price.table', 'y')).rejects.toMatchObject({ code: 'no-subscriber' })
  const { letters, total, dropped } = await client.request('messages.deadletters', { limit: 1 })
  expect({ total, dropped }).toEqual({ total: 2, dropped: 0 })
  expect(letters).toMatchObject([
    { topic: 'price.table', reason: 'no-subscriber', from: 'host', bytes: 1, head: 'eQ==' },
  ])
  const [first] = (await client.request('messages.deadletters', { reason: 'no-subscriber' })).letters
  expect(Buffer.from(first?.head ?? '', 'base64')).toHaveLength(96)
  expect((await client.request('messages.deadletters', { child: 'price' })).letters).toEqual([])
  const id = first?.id ?? 0
  const whole = await client.request('messages.deadletter', { id })
  expect(whole).toMatchObject({ id, body: base64('x'.repeat(500)), replyTo: expect.stringMatching(/^_inbox\./) })
  const missing = client.request('messages.deadletter', { id: 999 })
  await expect(missing).rejects.toMatchObject({ code: 'usage', hint: expect.stringContaining('deadletters') })

  expect((await client.request('messages.replay', { ids: 'all' })).letters).toEqual([
    { id, outcome: 'no-subscriber' },
    { id: id + 1, outcome: 'no-subscriber' },
  ])
  center.subscribe('price.chair', () => {})
  expect((await client.request('messages.replay', { ids: [id, 999] })).letters).toEqual([
    { id, outcome: 'sent' },
    { id: 999, outcome: 'not-found' },
  ])
  expect(await client.request('messages.stats', {})).toEqual({
    ...{ children: [], tenants: [] },
    deadLetters: { kept: 1, dropped: 0 },
  })
  expect(await client.request('messages.discard', { ids: 'all' })).toEqual({ discarded: 1 })
})

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 500; round++) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('it never came to be so')
}

it('tells the last records of a child, and of none that is not there', async () => {
  const { client } = await open()
  const write = logs.begin('keeper', 1, 'keeper', () => 1e9).stdout
  void write(Buffer.from('one\ntwo\n'))
  const items = []
  for await (const item of client.stream('logs', { child: 'keeper', tail: 1 })) items.push(item)
  expect(items).toMatchObject([{ kind: 'record', record: { child: 'keeper', seq: 2, message: 'two' } }])
  const following = client.stream('logs', { child: 'keeper', follow: true })
  expect([(await following.next()).value, (await following.next()).value]).toMatchObject([
    { record: { message: 'one' } },
    { record: { message: 'two' } },
  ])
  const next = following.next()
  void write(Buffer.from('three\n'))
  expect((await next).value).toMatchObject({ record: { message: 'three' } })
  await following.return?.()
  await expect(client.stream('logs', { child: 'nobody' }).next()).rejects.toMatchObject({ code: 'usage' })
})

it('tells how the process stands, with its walls', async () => {
  const { client } = await open()
  const report = await client.request('health', {})
  expect(report).toMatchObject({ status: 'ok', ready: true, live: true, id: health.id, children: {} })
  expect(report.walls).toBeDefined()
})

it('tells health events behind a cursor, those that are chosen, and follows', async () => {
  const { client } = await open()
  const { raise, last } = health.log
  raise({ type: 'child.ready', supervisor: 'root', child: 'keeper' })
  raise({ type: 'quota.warning', supervisor: 'root', child: 'keeper' })
  raise({ type: 'child.ready', supervisor: 'root', child: 'other' })
  const after = `${health.id}-${last}`
  const items = client.stream('events', { after, types: ['child.ready'], child: 'keeper' })
  expect(await taken(items, 9)).toMatchObject([
    { kind: 'began', id: health.id },
    { kind: 'event', cursor: `${health.id}-${last + 1}`, event: { type: 'child.ready', child: 'keeper' } },
  ])
  const following = client.stream('events', { after: 'ffffffffffff-3', child: 'late', follow: true })
  expect(await following.next()).toMatchObject({ value: { kind: 'began' } })
  expect(await following.next()).toMatchObject({ value: { kind: 'missed', why: 'other-runtime' } })
  const next = following.next()
  raise({ type: 'child.ready', supervisor: 'root', child: 'late' })
  expect(await next).toMatchObject({ value: { kind: 'event', event: { child: 'late' } } })
  await following.return?.()
  for (const wrong of [
    { types: ['nope'] },
    { types: [] },
    { after: 'x'.repeat(65) },
    { after: 'a\nb' },
    { since: 1 },
  ]) {
    const refused = client.stream('events', wrong as never).next()
    await expect(refused, JSON.stringify(wrong)).rejects.toMatchObject({ code: 'usage' })
  }
})

it('keeps no health events for a caller that does not read them, and tells it what it missed', async () => {
  const { client } = await open()
  const { raise, last } = health.log
  const items = client.stream('events', { after: `${health.id}-${last}`, follow: true })
  await items.next()
  // More than sockets buffer, and more than is kept: what the caller gets in the end was not kept for it.
  const reason = 'x'.repeat(1_000)
  const count = 25_000
  for (let at = 0; at < count; at++) {
    raise({ type: 'child.ready', supervisor: 'root', child: 'loud', reason })
    if (at % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  let read = 0
  let missed = 0
  for await (const item of items) {
    if (item.kind === 'event') read += 1
    else if (item.kind === 'missed') missed += item.count
    if (read + missed >= count) break
  }
  expect(missed).toBeGreaterThan(0)
  expect(read + missed).toBe(count)
})
