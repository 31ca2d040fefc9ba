import type { ChildState, Health, SupervisorState } from '@bulkhead/supervisors'
import type { HealthEvent, HealthEventType } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import type { TreeChildView, TreeView } from '../administration/tree-view.js'
import { HealthCounts } from './health-counts.js'
import { type HealthReport, healthReport } from './health-report.js'

const healthy: Health = { status: 'healthy', reasons: [] }

function child(id: string, state: ChildState, more: Partial<TreeChildView> = {}): TreeChildView {
  return { kind: 'child', id, state, health: healthy, level: 'thread', metExpectation: false, ...more } as TreeChildView
}

function tree(children: TreeView['children'], more: { readonly state?: SupervisorState; readonly name?: string } = {}) {
  return { kind: 'supervisor', name: 'root', state: 'running', health: healthy, children, ...more } as TreeView
}

function counts(
  ...events: readonly { readonly type: HealthEventType; readonly child?: string; readonly reason?: string }[]
) {
  const found = new HealthCounts()
  for (const [seq, event] of events.entries()) found.note({ seq, time: 0, supervisor: 'root', ...event } as HealthEvent)
  return found
}

function report(view: TreeView | undefined, more: Partial<Parameters<typeof healthReport>[0]> = {}): HealthReport {
  return healthReport({
    ...{ since: 5, id: '00112233aabb', cursor: '00112233aabb-3', version: '1.0.0', node: 'v20.0.0', pid: 7 },
    ...{ counts: counts(), tree: view, walls: undefined, isStrict: false, gaveUp: undefined, isStopping: false },
    ...more,
  })
}

const ready = { type: 'child.ready', child: 'a' } as const

it('is well where everything that was to start has started', () => {
  expect(report(tree([child('a', 'running')]), { counts: counts(ready) })).toEqual({
    ...{ status: 'ok', ready: true, live: true, reasons: [], since: 5, id: '00112233aabb', cursor: '00112233aabb-3' },
    ...{ version: '1.0.0', node: 'v20.0.0', pid: 7, children: { running: 1 } },
    security: { violations: 0, quarantined: [], isolated: [], reduced: [] },
    ...{ journal: { stalled: false, strict: false }, zombies: 0 },
  })
  expect(report(undefined)).toMatchObject({ status: 'ok', ready: true, live: true, children: {} })
})

it.each(['declared', 'starting', 'backoff', 'evaluating', 'held', 'zombie'] as const)(
  'awaits a child that is %s and was never ready, and no more once it was',
  (state) => {
    const view = tree([child('a', state, { reason: 'exit code 1' })])
    const reason = `\`a\` has not been ready yet: ${state}, exit code 1`
    expect(report(view)).toMatchObject({ ready: false, live: true, status: 'degraded', reasons: [reason] })
    expect(report(view, { counts: counts(ready) })).toMatchObject({ ready: true })
    expect(report(view, { counts: counts({ type: 'child.restarted', child: 'a' }) })).toMatchObject({ ready: true })
    expect(report(view, { counts: counts(ready, { type: 'child.removed', child: 'a' }) }).ready).toBe(false)
  },
)

it.each(['dormant', 'completed', 'stopped', 'failed', 'quarantined', 'removed'] as const)(
  'does not await a child that is %s',
  (state) => {
    expect(report(tree([child('a', state), child('b', 'running')]), { counts: counts() }).reasons).toEqual([
      '`b` has not been ready yet: running',
    ])
  },
)

it('awaits a child that waits for memory, and not one that waits for a yes', () => {
  expect(report(tree([child('a', 'waiting', { approval: 'approved' })])).ready).toBe(false)
  for (const approval of ['pending', 'reviewing', 'denied'] as const) {
    expect(report(tree([child('a', 'waiting', { approval })])).ready, approval).toBe(true)
  }
})

it('awaits every supervisor, also those below others', () => {
  for (const state of ['declared', 'reconcile', 'starting'] as const) {
    const below = tree([tree([], { name: 'pipeline', state })])
    expect(report(below)).toMatchObject({
      ready: false,
      reasons: [`supervisor \`pipeline\` has not started yet: ${state}`],
    })
  }
  expect(report(tree([tree([], { name: 'pipeline', state: 'held' })])).ready).toBe(true)
  for (const state of ['escalating', 'stopping', 'stopped'] as const) {
    expect(report(tree([], { state })), state).toMatchObject({ ready: false, reasons: [`the tree is ${state}`] })
  }
})

it('is degraded by whom it supervises, unless that was expected of it', () => {
  const ill = (more: Partial<TreeChildView>): TreeView =>
    tree([child('a', 'quarantined', { health: { status: 'failed', reasons: ['forged handle'] }, ...more })])
  expect(report(ill({}))).toMatchObject({
    ...{ status: 'degraded', ready: true, live: true, reasons: ['`a` is quarantined: forged handle'] },
    security: { quarantined: ['a'] },
  })
  expect(report(ill({ metExpectation: true })).status).toBe('ok')
  const held = {
    ...tree([], { state: 'held' }),
    health: { status: 'degraded', reasons: ['a is quarantined'] } as const,
  }
  expect(report(held).reasons).toEqual(['supervisor `root`: a is quarantined'])
  const failed = { ...tree([]), health: { status: 'failed', reasons: ['too many restarts'] } as const }
  expect(report(failed).status).toBe('failed')
})

it('is not live while the journal makes no progress, and when it gives itself up', () => {
  const stalled = counts({ type: 'journal.stalled', reason: 'disk full' })
  expect(report(tree([]), { counts: stalled })).toMatchObject({
    ...{ status: 'failed', live: false, ready: false, reasons: ['the audit journal stalled: disk full'] },
    journal: { stalled: true },
  })
  const resumed = counts({ type: 'journal.stalled' }, { type: 'journal.resumed' })
  expect(report(tree([]), { counts: resumed, isStrict: true })).toMatchObject({
    ...{ status: 'ok', live: true, journal: { stalled: false, strict: true } },
  })
  expect(report(tree([]), { gaveUp: '2 threads would not end' })).toMatchObject({
    ...{ status: 'failed', live: false, reasons: ['giving up: 2 threads would not end'] },
  })
  expect(report(undefined, { isStopping: true })).toMatchObject({ ready: false, live: true })
})

it('counts children by state, violations and zombies, and says who lives where on the ladder', () => {
  const view = tree([
    tree([child('a', 'running', { level: 'process' }), child('b', 'running', { level: 'reduced' })], { name: 'inner' }),
    child('c', 'zombie'),
  ])
  const walls = { up: ['bubblewrap'], missing: [{ wall: 'cgroup', reason: 'none is delegated' }] } as const
  const violations = counts({ type: 'security.violation', child: 'a' }, { type: 'security.forged-handle', child: 'b' })
  expect(report(view, { counts: violations, walls })).toMatchObject({
    ...{ children: { running: 2, zombie: 1 }, zombies: 1, walls },
    security: { violations: 2, isolated: ['a'], reduced: ['b'], quarantined: [] },
  })
})

it('names so many reasons and children, and counts the rest', () => {
  const many = Array.from({ length: 150 }, (_, at) =>
    child(`c${at}`, 'quarantined', { health: { status: 'failed', reasons: ['flood'] } }),
  )
  const { reasons, security } = report(tree(many))
  expect(reasons).toHaveLength(21)
  expect(reasons.at(-1)).toBe('and 130 more')
  expect(security.quarantined).toHaveLength(100)
})
