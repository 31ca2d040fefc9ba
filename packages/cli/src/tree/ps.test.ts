import type { ChildStatus } from '@bulkhead/admin'
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
  },
  ...{ memory: { bytes: 1_572_864, maxBytes: 67_108_864 }, mailbox: { messages: 3, messagesMax: 1_024 } },
}
const { health: _health, memory: _memory, mailbox: _mailbox, ...down } = running
const plain = (_style: unknown, text: string): string => text

it('shows a child a line: how it stands, why, and what is next', () => {
  const children: ChildStatus[] = [
    running,
    { ...running, child: 'price', health: 'degraded', why: 'message quota: 300 refused in 5 s' },
    { ...down, child: 'flaky', state: 'backoff', why: 'exit \u001b1', next: { what: 'restart', at: now + 4_000 } },
    { ...down, child: 'hostile', state: 'quarantined', since: now, next: { what: 'bulkhead release hostile' } },
    { ...down, child: 'later', state: 'quarantined', next: { what: 'tried again', at: now + 7_200_000 } },
    { ...down, child: 'draft', state: 'completed', approval: 'bypassed', trust: 'dev-mode' },
  ]
  const [head, ...lines] = renderTree({ root: 'root', children }, plain, now)
  expect(head).toMatch(
    /^child +state +health +for +incarnation +restarts +memory +waiting +trust +why, and what is next$/,
  )
  expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
    ['validate-1', 'running', 'healthy', '2 min 3 s', '2', '1 (3 left)', '1.5 MiB/64 MiB', '3/1024', 'trusted'],
    expect.arrayContaining(['price', 'degraded', 'message quota: 300 refused in 5 s']),
    ['flaky', 'backoff', '2 min 3 s', '2', '1 (3 left)', 'trusted', 'exit \\x1b1; restart in 4 s'],
    ['hostile', 'quarantined', '0 s', '2', '1 (3 left)', 'trusted', 'bulkhead release hostile'],
    ['later', 'quarantined', '2 min 3 s', '2', '1 (3 left)', 'trusted', 'tried again at 2026-01-02T05:04:05Z'],
    ['draft', 'completed', '2 min 3 s', '2', '1 (3 left)', 'dev mode'],
  ])
})

it('asks the process, and prints what it says as JSON', async () => {
  const report = { root: 'root', children: [running] }
  const people = await runLive(['ps', '--state', 's'], { tree: report })
  expect(people).toMatchObject({ code: 0, opened: ['/s', 'closed'], asked: [{ command: 'tree', input: {} }] })
  expect(people.out).toMatch(/^child .*\nvalidate-1 +running +healthy /)
  expect(JSON.parse((await runLive(['ps', '--json'], { tree: report })).out)).toEqual(report)
})
