import type { ChildStatus, HealthStatusReport, TreeReport } from '@bulkhead/admin'
import { expect, it } from 'vitest'
import { displayWidth } from '../display-width.js'
import { paintFor } from '../sgr.js'
import { type Frame, renderFrame } from './frame.js'
import { rowsOf, type TopRow } from './rows.js'
import { firstView } from './view.js'

const status = (child: string, more: Partial<ChildStatus> = {}): ChildStatus => ({
  ...{ child, supervisor: 'root', component: 'a.wasm', state: 'running', health: 'healthy', since: 0 },
  ...{
    incarnation: 1,
    restarts: 2,
    restartsLeft: 3,
    level: 'thread',
    score: 0,
    trust: 'unknown',
    approval: 'approved',
  },
  ...more,
})
const look = (atMs: number, ...children: readonly ChildStatus[]) => ({
  atMs,
  tree: { children } as unknown as TreeReport,
})

it('tells rates between two looks, and none across a restart or of a newcomer', () => {
  const before = look(1_000, status('a', { cpuMs: 100, denied: 3 }), status('b', { cpuMs: 100 }))
  const now = look(
    3_000,
    status('a', { cpuMs: 1_100, denied: 8, rates: { publishedPerSecond: 1, handledPerSecond: 2 } }),
    status('b', { cpuMs: 5, incarnation: 2 }),
    status('c', { cpuMs: 5 }),
  )
  expect(rowsOf(before, now)).toMatchObject([
    { child: 'a', cpuPercent: 50, deniedPerSecond: 2.5, denied: 8, messagesPerSecond: 3 },
    { child: 'b', deniedPerSecond: 0 },
    { child: 'c' },
  ])
  const [, b, c] = rowsOf(before, now)
  expect([b?.cpuPercent, c?.cpuPercent, c?.deniedPerSecond]).toEqual([undefined, undefined, undefined])
  expect(rowsOf(undefined, now)[0]?.cpuPercent).toBeUndefined()
  expect(rowsOf(before, { ...now, atMs: 1_000 })[0]?.cpuPercent).toBeUndefined()
  // An exit that is not yet seen: what the run has counted is nowhere for a moment.
  expect(rowsOf(now, look(4_000, status('a', { denied: 3 })))[0]?.deniedPerSecond).toBe(0)
})

it('says why, and what is next', () => {
  const waiting = status('a', { state: 'backoff', why: 'exit code 1', next: { what: 'restart', at: 5 } })
  const mailbox = { messages: 3, messagesMax: 1_024, oldestMs: 12 }
  const [row] = rowsOf(undefined, look(0, { ...waiting, mailbox, memory: { bytes: 1, maxBytes: 2 } }))
  expect(row).toMatchObject({ why: 'exit code 1; restart', mailbox: { messages: 3 }, memory: { bytes: 1 } })
})

const health: HealthStatusReport = {
  ...{ status: 'degraded', ready: true, live: true, reasons: ['`b` is quarantined: flood', 'x'], since: 1_000 },
  ...{ id: '00112233aabb', cursor: '00112233aabb-9', version: '0.1.0', node: 'v20.0.0', pid: 7 },
  children: { running: 3 },
  security: { violations: 2, quarantined: [], isolated: [], reduced: [] },
  walls: { up: ['bubblewrap'], missing: [{ wall: 'cgroup', reason: 'none' }] },
  ...{ journal: { stalled: false, strict: false }, zombies: 0 },
}
const rows: readonly TopRow[] = [
  ...rowsOf(
    look(0, status('busy', { cpuMs: 0 }), status('evil')),
    look(
      1_000,
      status('busy', { cpuMs: 123, memory: { bytes: 1_048_576, maxBytes: 67_108_864 } }),
      status('evil', { denied: 500, level: 'reduced' }),
    ),
  ),
  ...rowsOf(undefined, look(0, status('sad', { health: 'degraded', why: 'bad\u001b[2Jwords', restarts: 7 }))),
]
const frame = (more: Partial<Frame> = {}): Frame => {
  return { sample: { time: 61_000, health, children: rows, events: [] }, view: firstView, ...more }
}
const plain = paintFor(false, {})

it('shows how the process stands, the children, and the keys', () => {
  const event = { seq: 1, time: 34_860_312, type: 'child.ready', supervisor: 'root', child: 'busy' } as const
  expect(renderFrame(frame({ event }), { columns: 110, rows: 10 }, plain)).toEqual([
    'degraded, ready, live · up 1 min · 3 running · pid 7',
    'walls: bubblewrap, no cgroup; 2 security violations',
    '`b` is quarantined: flood; x',
    '09:41:00.312 child.ready          busy',
    'child  state     level    cpu        memory  waiting  msg/s  denied/s  restarts  why',
    'busy   running   thread   12%  1 MiB/64 MiB                         0         2  ',
    'evil   running   reduced                                          500         2  ',
    'sad    degraded  thread                                                       7  bad\\x1b[2Jwords',
    '',
    'by cpu  c cpu  m memory  d denials  n name  / filter  space pause  q quit',
  ])
})

it('is never wider or longer than the screen, coloured or not', () => {
  const many = Array.from(
    { length: 200 },
    (_, at) => ({ ...rows[at % rows.length], child: `child-${'x'.repeat(at)}` }) as TopRow,
  )
  const paint = paintFor(true, {})
  for (const children of [rows, many, []]) {
    for (const columns of [1, 2, 10, 20, 40, 60, 79, 80, 200]) {
      for (const height of [1, 2, 5, 6, 7, 8, 24, 60]) {
        const lines = renderFrame(
          frame({ sample: { time: 61_000, health, children, events: [] }, view: { ...firstView, offset: 1_000 } }),
          { columns, rows: height },
          paint,
        )
        expect(lines.length).toBeLessThanOrEqual(height)
        for (const line of lines) expect(displayWidth(line), `${columns}: ${line}`).toBeLessThanOrEqual(columns)
      }
    }
  }
})

it('leaves out what there is no room for, the least needed first', () => {
  const head = (columns: number): string | undefined => renderFrame(frame(), { columns, rows: 24 }, plain)[4]?.trimEnd()
  expect(head(200)).toMatch(/restarts {2}why$/)
  expect(head(80)).toBe('child  state     level    cpu        memory  waiting  msg/s  denied/s  restarts')
  expect(head(60)).toBe('child  state     cpu        memory  waiting  denied/s')
  expect(head(30)).toBe('child  state     cpu  why')
  expect(head(12)).toBe('child  state')
})

it('says what is the matter, what is paused, filtered and out of sight', () => {
  const view = { ...firstView, isPaused: true, filter: 's', offset: 0 }
  const many = Array.from({ length: 9 }, (_, at) => ({ ...rows[2], child: `s${at}` }) as TopRow)
  const sample = {
    time: 61_000,
    health: { ...health, status: 'ok', reasons: [] } as HealthStatusReport,
    children: many,
    events: [],
  }
  const lines = renderFrame(frame({ sample, view, trouble: 'no answer for 3 s' }), { columns: 200, rows: 10 }, plain)
  expect(lines[2]).toBe('no answer for 3 s')
  expect(lines[9]).toMatch(/^PAUSED {2}1–4 of 9 {2}filter: s {2}by cpu/)
  const typing = renderFrame(frame({ view: { ...view, isTyping: true } }), { columns: 200, rows: 10 }, plain)
  expect(typing[9]).toBe('filter: s_')
  const { walls: _walls, ...unwalled } = health
  const unseen = frame({ sample: { ...frame().sample, health: unwalled } })
  expect(renderFrame(unseen, { columns: 80, rows: 10 }, plain)[1]).toContain('not looked for')
})
