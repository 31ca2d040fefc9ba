import type { HealthEvent } from '@bulkhead/vocabulary'
import { parseChildId } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import type { MessageStats } from '../messages/message-desk.js'
import type { ChildReport } from '../types.js'
import { ChildStories } from './child-stories.js'
import { childStatus } from './tree-report.js'

const report: ChildReport = {
  ...{ id: parseChildId('price'), state: 'running', incarnation: 2, restarts: 1, restartsLeft: 2, sinceMs: 1_000 },
  ...{ reason: 'exit code 1', expect: 'completed', metExpectation: false, component: 'price.wasm' },
  usage: { wallMs: 0, cpuMs: 0, memoryPeak: 0, checksGranted: 0, checksDenied: 0 },
  ...{ trust: 'trusted', approval: 'auto-approved', health: { status: 'healthy', reasons: [] } },
} as unknown as ChildReport
const nothing = {
  ...{ supervisor: 'root', story: undefined, memory: undefined, cpuMs: undefined, denied: 0 },
  messages: undefined,
}

function told(...events: readonly Partial<HealthEvent>[]): ChildStories {
  const stories = new ChildStories()
  for (const [seq, event] of events.entries()) {
    stories.note({ seq, time: 5_000 + seq, supervisor: 'root', child: 'price', type: 'child.ready', ...event })
  }
  return stories
}

it('says how a running child stands; its last exit is history', () => {
  expect(childStatus(report, nothing)).toEqual({
    ...{ child: 'price', supervisor: 'root', component: 'price.wasm', state: 'running', health: 'healthy' },
    ...{ since: 1_000, incarnation: 2, restarts: 1, restartsLeft: 2, trust: 'trusted', approval: 'auto-approved' },
  })
})

it('says since when and why a child is degraded, and that it is no more', () => {
  const reason = 'message quota: 300 refused in 5 s'
  const stories = told({}, { type: 'child.degraded', reason })
  const story = stories.of('price')
  expect(childStatus(report, { ...nothing, story })).toMatchObject({ health: 'degraded', since: 5_001, why: reason })
  const now = { status: 'degraded', reasons: ['message quota: 120 refused in 5 s'] } as const
  expect(childStatus({ ...report, health: now }, { ...nothing, story }).why).toBe(now.reasons[0])
  stories.note({ seq: 3, time: 6_000, type: 'child.healthy', supervisor: 'root', child: 'price' })
  const again = childStatus(report, { ...nothing, story: stories.of('price') })
  expect(again).toMatchObject({ health: 'healthy', since: 1_000 })
  expect(again).not.toHaveProperty('why')
  const restarted = told({ type: 'child.degraded', reason }, { type: 'child.ready' })
  expect(restarted.of('price')).toMatchObject({ health: 'degraded', reason })
  expect(told({ type: 'child.waiting', reason }, { type: 'child.ready' }).of('price')).toBeUndefined()
})

it('says what a waiting child waits for, in full where an event told it', () => {
  const waiting: ChildReport = { ...report, state: 'waiting', reason: 'approval-required' }
  expect(childStatus(waiting, nothing)).toMatchObject({ why: 'approval-required' })
  const why = 'approval-required: nobody has approved it (bulkhead review price)'
  const story = told({ type: 'child.waiting', reason: why }).of('price')
  const explained = childStatus(waiting, { ...nothing, story })
  expect(explained).toMatchObject({ state: 'waiting', why })
  expect(explained).not.toHaveProperty('health')
})

it('says what happens next, and when', () => {
  const next = (more: Partial<ChildReport>) => childStatus({ ...report, ...more }, nothing).next
  const backoff: Partial<ChildReport> = { state: 'backoff', next: { what: 'restart', atMs: 5_800 } }
  expect(childStatus({ ...report, ...backoff }, nothing)).toMatchObject({
    why: 'exit code 1',
    next: { what: 'restart', at: 5_800 },
  })
  expect(next({ state: 'backoff', next: { what: 'turn' } })).toEqual({ what: 'restart when it is its turn' })
  expect(next({ state: 'waiting', next: { what: 'admission' } })).toBeUndefined()
  expect(next({ state: 'quarantined', next: { what: 'canary', atMs: 7 } })).toEqual({ what: 'tried again', at: 7 })
  expect(next({ state: 'quarantined' })?.what).toBe('stays until it is released')
  expect(next({ state: 'zombie' })?.what).toContain('before its thread has ended')
  expect(next({ state: 'completed' })).toBeUndefined()
})

/** What `ps` says of each state: what is to come by itself, or nothing where nothing is to come, or it comes at once. */
const comesNext: Readonly<
  Record<ChildReport['state'], readonly [next: ChildReport['next'], told: string | undefined]>
> = {
  declared: [undefined, undefined],
  waiting: [{ what: 'admission' }, undefined],
  starting: [{ what: 'kill', atMs: 9 }, 'killed if it takes longer'],
  running: [{ what: 'step-down', atMs: 9 }, 'given back one step of what was taken from it'],
  'half-open': [{ what: 'step-down', atMs: 9 }, 'given back one step of what was taken from it'],
  dormant: [{ what: 'wake' }, 'woken by the next message'],
  stopping: [{ what: 'kill', atMs: 9 }, 'killed if it takes longer'],
  killing: [{ what: 'zombie', atMs: 9 }, 'given up as a zombie'],
  zombie: [undefined, 'nothing is started in its place before its thread has ended'],
  evaluating: [undefined, undefined],
  backoff: [{ what: 'restart', atMs: 9 }, 'restart'],
  held: [{ what: 'group' }, 'started again with its group'],
  quarantined: [{ what: 'fail', atMs: 9 }, 'given up: it is never restarted'],
  completed: [undefined, undefined],
  stopped: [undefined, undefined],
  failed: [undefined, undefined],
  removed: [undefined, undefined],
}

it.each(Object.entries(comesNext))('says of a child that is %s what comes next, and when', (state, [next, told]) => {
  const child = { ...report, state: state as ChildReport['state'], ...(next === undefined ? {} : { next }) }
  const at = next?.atMs === undefined ? {} : { at: next.atMs }
  expect(childStatus(child, nothing).next).toEqual(told === undefined ? undefined : { what: told, ...at })
})

it('shows memory, and a mailbox where there is one', () => {
  const memory = { bytes: 65_536, maxBytes: 1_048_576 }
  const messages = { depth: 3, depthMax: 1_024, oldestMs: 12 } as MessageStats
  expect(childStatus(report, { ...nothing, memory, messages })).toMatchObject({
    memory,
    mailbox: { messages: 3, messagesMax: 1_024, oldestMs: 12 },
  })
  const sender = { ...nothing, messages: { ...messages, depth: 0, depthMax: 0 } }
  expect(childStatus(report, sender)).not.toHaveProperty('mailbox')
})

it('shows what its run has used, what was refused in all its runs, and its rates', () => {
  const usage = { ...report.usage, cpuMs: 900, checksDenied: 5 }
  const messages = { depth: 0, depthMax: 0, publishedPerSecond: 10, handledPerSecond: 0.2 } as MessageStats
  const status = childStatus({ ...report, usage }, { ...nothing, cpuMs: 12.6, denied: 2, messages })
  expect(status).toMatchObject({ cpuMs: 13, denied: 7, rates: { publishedPerSecond: 10, handledPerSecond: 0.2 } })
  const { cpuMs, denied, rates } = childStatus(report, nothing)
  expect([cpuMs, denied, rates]).toEqual([undefined, undefined, undefined])
})

it('forgets what was removed, and minds nobody else', () => {
  const stories = told({ type: 'child.degraded' }, { type: 'child.exited', reason: 'x' })
  expect(stories.of('price')).toEqual({ health: 'degraded', healthSince: 5_000 })
  stories.note({ seq: 9, time: 9, type: 'supervisor.started', supervisor: 'root' })
  stories.note({ seq: 9, time: 9, type: 'child.removed', supervisor: 'root', child: 'price' })
  expect(stories.of('price')).toBeUndefined()
})
