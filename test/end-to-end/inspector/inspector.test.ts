import type {
  ChildAnswer,
  DecidedAnswer,
  DenialsAnswer,
  OrderAnswer,
  ReleaseAnswer,
  ReviewAnswer,
  ReviewsAnswer,
  SamplesAnswer,
  TreeAnswer,
} from '@bulkhead/inspector'
import type { HealthReport } from 'bulkhead'
import { expect, it } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { readFile } from '../authority/world.js'
import { inspected, itemsUntil, messagesUntil, stranger, until } from './inspected-tree.js'

it('answers probes', async () => {
  const { get, json, runtime } = await inspected()
  for (const path of ['/livez', '/readyz']) {
    const answer = await get(path)
    expect([answer.status, await answer.text()]).toEqual([200, 'ok\n'])
  }
  const report = await json<HealthReport>('/healthz')
  expect(report).toMatchObject({ status: 'degraded', ready: true, id: runtime.id, children: { waiting: 1 } })
  expect(report.walls).toBeDefined()
  await runtime.stop()
  const draining = await get('/readyz')
  expect(draining.status).toBe(503)
  expect(await draining.text()).toContain('the runtime was stopped\n')
})

it('shows the tree as `bulkhead ps` does, and what a child may do with who granted it', async () => {
  const { json, runtime, get } = await inspected({ stranger, agent: { grants: ['filesystem.read = ["/d/*"]'] } })
  expect(await json<TreeAnswer>('/api/tree')).toMatchObject({
    root: 'root',
    children: [{ child: 'stranger', state: 'waiting' }, { child: 'agent' }],
  })
  const { members, effective } = await json<ChildAnswer>('/api/children/agent')
  expect(members.map(({ child }) => child)).toEqual(['agent'])
  expect(effective).toEqual(JSON.parse(JSON.stringify(await runtime.policy.show('agent'))))
  expect(effective.granted.map(({ pattern }) => pattern)).toContain('/d/*')
  expect((await get('/api/children/nobody')).status).toBe(404)
  expect((await get('/api/children/a/tenant')).status).toBe(404)
  expect((await get('/api/reviews/nobody')).status).toBe(404)
})

it('approves exactly what was shown, and less of it if asked', async () => {
  const { json, order, session, runtime } = await inspected()
  const { reviews } = await json<ReviewsAnswer>('/api/reviews')
  expect(reviews).toMatchObject([{ child: 'stranger', state: 'pending' }])
  const { request } = await json<ReviewAnswer>('/api/reviews/stranger')
  const stale = await order('/api/reviews/stranger/approve', { fingerprint: 'sha256:00' })
  expect([stale.status, await stale.json()]).toMatchObject([409, { error: { code: 'update-conflict' } }])
  const wider = { fingerprint: request.fingerprint, narrow: ['filesystem.read=/**'] }
  expect((await order('/api/reviews/stranger/approve', wider)).status).toBe(403)
  expect(session.state('stranger')).toBe('waiting')

  const narrow = { fingerprint: request.fingerprint, narrow: ['filesystem.read=/d/**'], reason: 'it only reads' }
  const decided = await order('/api/reviews/stranger/approve', narrow)
  expect((await decided.json()) as DecidedAnswer).toMatchObject({ child: 'stranger', decision: 'approved' })
  await session.event('child.ready', 'stranger')
  const { granted } = await runtime.policy.show('stranger')
  expect(granted.map(({ action, pattern }) => [action, pattern])).toEqual([['read', '/d/**']])
  const { history } = await runtime.approvals.review('stranger')
  expect(history[0]).toMatchObject({ verdict: 'approved', reviewer: 'inspector', reason: 'it only reads' })
})

it('marks a request as being looked at for who may decide it, and for nobody else', async () => {
  const { json, get, runtime, token } = await inspected()
  expect(await json<ReviewAnswer>('/api/reviews/stranger')).toMatchObject({ child: 'stranger', state: 'pending' })
  const wrong = { headers: { authorization: 'Bearer 0123456789abcdef' } }
  await (await get('/api/reviews/stranger', wrong)).text()
  expect(await runtime.approvals.list()).toMatchObject([{ child: 'stranger', state: 'pending' }])
  const right = { headers: { authorization: `Bearer ${token}` } }
  expect(await (await get('/api/reviews/stranger', right)).json()).toMatchObject({ reviewer: 'inspector' })
  expect(await runtime.approvals.list()).toMatchObject([{ state: 'reviewing', reviewer: 'inspector' }])
}, 60_000)

it('denies with a reason, and never without', async () => {
  const { json, order, runtime } = await inspected()
  const { request } = await json<ReviewAnswer>('/api/reviews/stranger')
  const { fingerprint } = request
  expect((await order('/api/reviews/stranger/deny', { fingerprint })).status).toBe(400)
  expect((await order('/api/reviews/stranger/deny', { fingerprint, reason: '' })).status).toBe(400)
  expect((await order('/api/reviews/nobody/deny', { fingerprint, reason: 'no' })).status).toBe(404)
  const denied = await order('/api/reviews/stranger/deny', { fingerprint, reason: 'nobody knows it' })
  expect(await denied.json()).toMatchObject({ decision: 'denied' })
  expect((await runtime.approvals.review('stranger')).state).toBe('denied')
})

it('carries out orders, by name of a child or of one of its members', async () => {
  const { order, session } = await inspected({ agent: {} })
  await session.event('child.ready', 'agent')
  const ordered = async (what: string, body = {}): Promise<unknown> =>
    (await order(`/api/children/agent/${what}`, body)).json()
  expect((await ordered('stop')) as OrderAnswer).toEqual({ members: [{ child: 'agent', outcome: 'stopped' }] })
  expect(session.state('agent')).toBe('stopped')
  expect((await ordered('start')) as OrderAnswer).toEqual({ members: [{ child: 'agent', outcome: 'started' }] })
  expect((await ordered('restart')) as OrderAnswer).toEqual({ members: [{ child: 'agent', outcome: 'restarted' }] })
  expect((await ordered('release', { reason: 'a try' })) as ReleaseAnswer).toEqual({ released: [] })
  expect(await ordered('release')).toMatchObject({ error: { code: 'order-invalid' } })
  expect(await ordered('stop', { now: true })).toMatchObject({ error: { code: 'order-invalid' } })
  for (const what of ['restart', 'stop', 'start']) {
    expect((await order(`/api/children/nobody/${what}`, {})).status, what).toBe(404)
  }
  expect((await order('/api/children/nobody/release', { reason: 'x' })).status).toBe(404)
})

it('releases what is quarantined', async () => {
  const forger = {
    component: guestFile('forged-handle-never'),
    mounts: { '/d': '"."' },
    grants: ['filesystem.read = ["/d"]'],
  }
  const { order, session } = await inspected({ forger })
  await session.reaches('forger', 'quarantined')
  const released = await order('/api/children/forger/release', { reason: 'looked into' })
  expect(await released.json()).toEqual({ released: ['forger'] })
  const event = await session.event('child.released', 'forger')
  expect(event.reason).toBe('looked into')
})

it('tells a denial in the stream of the page, in its list, and in what follows', async () => {
  const { json, get, session, runtime } = await inspected({ agent: {} })
  await session.event('child.ready', 'agent')
  const items = itemsUntil(await get('/api/stream'), (item) => item.kind === 'denials')
  session.tell('agent', readFile('/ctl/../etc/shadow'))
  const told = await items
  expect(told.slice(0, 2).map(({ kind }) => kind)).toEqual(['health', 'tree'])
  const { denials } = await json<DenialsAnswer>('/api/denials')
  expect(denials).toMatchObject([
    { id: `${runtime.id}-1`, child: 'agent', kind: 'filesystem', resource: '/etc/shadow' },
  ])
  const samples = await until(async () => {
    const all = (await json<SamplesAnswer>('/api/samples')).samples
    return all.length >= 3 && all
  }, 'three samples')
  expect(samples.every(({ children }) => children[0]?.child === 'agent')).toBe(true)
  expect(samples.at(-1)?.children[0]?.memoryBytes).toBeGreaterThan(0)
})

it('follows the tree and the review queue in the stream', async () => {
  const { json, get, order } = await inspected()
  const stream = await get('/api/stream')
  const items = itemsUntil(stream, (item) => {
    const [child] = item.kind === 'tree' ? item.tree.children : []
    return child?.state === 'completed'
  })
  const { request } = await json<ReviewAnswer>('/api/reviews/stranger')
  await order('/api/reviews/stranger/approve', { fingerprint: request.fingerprint })
  const types = (await items).flatMap((item) => (item.kind === 'event' ? [item.event.type] : []))
  expect(types).toContain('child.waiting')
  const empty = itemsUntil(await get('/api/stream'), (item) => item.kind === 'reviews')
  expect((await empty).at(-1)).toEqual({ kind: 'reviews', reviews: [] })
})

it('tells health events as CloudEvents, and goes on where a client was', async () => {
  const { get, runtime } = await inspected()
  const isWaiting = ({ event }: { readonly event: string }): boolean => event === 'child.waiting'
  const first = await messagesUntil(await get('/events'), isWaiting)
  expect(first.map(({ id }) => id)).toEqual(first.map((_, index) => `${runtime.id}-${index + 1}`))
  const waiting = first.at(-1)
  expect(JSON.parse(waiting?.data ?? '')).toMatchObject({
    specversion: '1.0',
    type: 'dev.bulkhead.child.waiting',
    source: `urn:bulkhead:${runtime.id}`,
    id: waiting?.id,
    subject: 'stranger',
  })
  const next = `${runtime.id}-${first.length + 1}`
  const cursor = waiting?.id ?? ''
  const started = ({ event }: { readonly event: string }): boolean => event === 'supervisor.started'
  const again = await messagesUntil(await get('/events', { headers: { 'last-event-id': cursor } }), started)
  expect(again[0]?.id).toBe(next)
  expect((await messagesUntil(await get(`/events?after=${cursor}`), started))[0]?.id).toBe(next)
  const both = await get('/events?after=nonsense', { headers: { 'last-event-id': cursor } })
  expect((await messagesUntil(both, started))[0]?.id).toBe(next)
})

it('refuses what a stream cannot be asked for', async () => {
  const { get } = await inspected()
  for (const path of ['/events?types=child.ready', '/events?after=1&child=agent', '/api/stream?follow']) {
    const refused = await get(path)
    expect(refused.status, path).toBe(400)
    expect(await refused.json()).toMatchObject({
      error: { code: 'usage', message: expect.stringMatching(/^the query has no key `(types|child|follow)`$/) },
    })
  }
  const allowed = await get('/events?after=')
  expect(allowed.status).toBe(200)
  await allowed.body?.cancel()
})

it('says what it cannot tell of a stale, a future, a foreign cursor, or of none at all', async () => {
  const { get, runtime } = await inspected()
  for (const cursor of [
    `${runtime.id}-999999`,
    'ffffffffffff-3',
    '%00',
    '-1',
    'x'.repeat(8_000),
    `${runtime.id}-1e3`,
  ]) {
    const stream = await get(`/events?after=${encodeURIComponent(cursor)}`)
    const [missed, event] = await messagesUntil(stream, ({ event }) => event !== 'bulkhead.missed')
    expect(missed, cursor.slice(0, 40)).toMatchObject({ event: 'bulkhead.missed', id: `${runtime.id}-0` })
    expect(JSON.parse(missed?.data ?? '')).toEqual({ from: 1, to: 0, count: 0, why: 'other-runtime' })
    expect(event?.id).toBe(`${runtime.id}-1`)
  }
})
