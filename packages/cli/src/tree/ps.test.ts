import type { ChildStatus, SupervisorStatus, TreeReport } from '@bulkhead/admin'
import { expect, it } from 'vitest'
import { runLive } from '../live.test.support.js'
import { renderTree } from './ps-command.js'

const now = Date.UTC(2026, 0, 2, 3, 4, 5)
const running: ChildStatus = {
  ...{ child: 'validate-1', supervisor: 'root', component: 'validate.wasm', state: 'running', health: 'healthy' },
  ...{
    since: now - 123_000,
    incarnation: 2,
    restarts: 1,
    restartsLeft: 3,
    trust: 'trusted',
    approval: 'auto-approved',
    level: 'thread',
    score: 0,
  },
  ...{ memory: { bytes: 1_572_864, maxBytes: 67_108_864 }, mailbox: { messages: 3, messagesMax: 1_024 } },
}
const { health: _health, memory: _memory, mailbox: _mailbox, ...down } = running

const root: SupervisorStatus = {
  ...{ supervisor: 'root', state: 'running', health: 'healthy', since: now - 9_000, strategy: 'one_for_one' },
  ...{ profile: 'default', isPool: false, children: [] },
}

function reportOf(children: readonly ChildStatus[]): TreeReport {
  return { root: 'root', children, tree: { ...root, children: children.map(({ child }) => child) } }
}

const plain = (_style: unknown, text: string): string => text

it('shows a child a line: how it stands, why, and what is next', () => {
  const children: ChildStatus[] = [
    running,
    { ...running, child: 'price', health: 'degraded', why: 'message quota: 300 refused in 5 s' },
    { ...down, child: 'flaky', state: 'backoff', why: 'exit \u001b1', next: { what: 'restart', at: now + 4_000 } },
    {
      ...down,
      child: 'hostile',
      state: 'quarantined',
      level: 'quarantine',
      score: 5,
      since: now,
      next: { what: 'bulkhead release hostile' },
    },
    { ...down, child: 'later', state: 'quarantined', next: { what: 'tried again', at: now + 7_200_000 } },
    { ...down, child: 'draft', state: 'completed', approval: 'bypassed', trust: 'dev-mode' },
  ]
  const [head, ...lines] = renderTree(reportOf(children), plain, now)
  expect(head).toMatch(
    /^child +state +health +level +score +for +incarnation +restarts +memory +waiting +trust +why, and what is next$/,
  )
  expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
    [
      'validate-1',
      'running',
      'healthy',
      'thread',
      '2 min 3 s',
      '2',
      '1 (3 left)',
      '1.5 MiB/64 MiB',
      '3/1024',
      'trusted',
    ],
    expect.arrayContaining(['price', 'degraded', 'message quota: 300 refused in 5 s']),
    ['flaky', 'backoff', 'thread', '2 min 3 s', '2', '1 (3 left)', 'trusted', 'exit \\x1b1; restart in 4 s'],
    ['hostile', 'quarantined', 'quarantine', '5', '0 s', '2', '1 (3 left)', 'trusted', 'bulkhead release hostile'],
    [
      'later',
      'quarantined',
      'thread',
      '2 min 3 s',
      '2',
      '1 (3 left)',
      'trusted',
      'tried again at 2026-01-02T05:04:05Z',
    ],
    ['draft', 'completed', 'thread', '2 min 3 s', '2', '1 (3 left)', 'dev mode'],
  ])
})

it('asks the process, and prints what it says as JSON', async () => {
  const report = reportOf([running])
  const people = await runLive(['ps', '--state', 's'], { tree: report })
  expect(people).toMatchObject({ code: 0, opened: ['/s', 'closed'], asked: [{ command: 'tree', input: {} }] })
  expect(people.out).toMatch(/^child .*\nvalidate-1 +running +healthy /)
  expect(JSON.parse((await runLive(['ps', '--json'], { tree: report })).out)).toEqual(report)
})

it('shows supervisors that nest, each child below its own', () => {
  const children = [running, { ...running, child: 'price' }, { ...running, child: 'worker-1' }]
  const tree: SupervisorStatus = {
    ...root,
    children: [
      'validate-1',
      {
        ...{ ...root, supervisor: 'shop', strategy: 'one_for_all', health: 'degraded', why: 'price is quarantined' },
        children: [
          'price',
          {
            ...root,
            supervisor: 'pool',
            isPool: true,
            profile: 'otp',
            restartsLeft: 2,
            children: ['worker-1', 'gone'],
          },
        ],
      },
    ],
  }
  const [, ...lines] = renderTree({ root: 'root', children, tree }, plain, now)
  expect(lines.map((line) => [line.search(/\S/), ...line.trim().split(/ {2,}/)])).toEqual([
    [0, 'root', 'running', 'healthy', '9 s', 'one_for_one'],
    [2, 'validate-1', ...Array(9).fill(expect.any(String))],
    [2, 'shop', 'running', 'degraded', '9 s', 'one_for_all; price is quarantined'],
    [4, 'price', ...Array(9).fill(expect.any(String))],
    [4, 'pool', 'running', 'healthy', '9 s', '(2 left)', 'pool of 2, otp'],
    [6, 'worker-1', ...Array(9).fill(expect.any(String))],
  ])
})

it('shows HTTP requests where there were any, and nothing of them where there were none', () => {
  const counters = { served: 120, failed: 3, refused: 0, dropped: 1, inFlight: 2 }
  const [head, web] = renderTree(reportOf([{ ...running, child: 'web', http: counters }, running]), plain, now)
  expect(head).toMatch(/waiting +requests +trust/)
  expect(web).toContain('120 served, 3 failed, 2 now')
  expect(renderTree(reportOf([running]), plain, now)[0]).toMatch(/waiting +trust/)
})
