import type { IncidentReport, IncidentSummary } from '@bulkhead/admin'
import { expect, it } from 'vitest'
import { run } from '../terminal.test.support.js'

const summary: IncidentSummary = {
  ...{ id: 3, child: 'ingest', incarnation: 4, from: 'reduced', to: 'process', reason: 'it floods\u001b[2J' },
  time: '2026-01-02T03:04:05.006Z',
  hooks: [
    { hook: 'command', outcome: 'done' },
    { hook: 'topic', outcome: 'late' },
  ],
}
const { id, hooks, ...known } = summary

const incident: IncidentReport = {
  ...{ id, hooks: [{ hook: 'command', outcome: 'failed', reason: 'exit code 3' }] },
  bundle: {
    ...{ ...known, format: 1, tenant: 'acme', digest: 'sha256:aa', codeDigest: 'sha256:bb' },
    policy: { version: 2, hash: 'sha256:cc' },
    ledger: { restarts: 3, cpuMs: 12 },
    mailbox: [{ subject: 'orders', bytes: 1, sender: 'intake' }],
    events: [
      { seq: 9, time: Date.UTC(2026, 0, 2), type: 'child.exited', supervisor: 'root', child: 'ingest', reason: 'x' },
    ],
    audit: [
      { v: 1, seq: 1, time: '2026-01-02T00:00:00.000Z', event: 'access-denied', kind: 'filesystem', count: 2 },
      7,
    ],
    log: 'taking over\n\u001b]0;owned\u0007\n',
    truncated: ['audit', 'log'],
  },
}

it('lists when and why children were isolated, and who was told', async () => {
  const { code, out, asked } = await run(['incidents', 'list'], { 'incidents.list': { incidents: [summary] } })
  expect(code).toBe(0)
  expect(asked).toEqual([{ command: 'incidents.list', input: {} }])
  expect(out.split('\n')).toEqual([
    'id  time                      child   from     to       told                 why',
    ' 3  2026-01-02T03:04:05.006Z  ingest  reduced  process  command, topic late  it floods\\x1b[2J',
    '',
    'bulkhead incidents show ID shows what was known then',
    '',
  ])
})

it('asks for those of one child, and says when there is none', async () => {
  const { out, asked } = await run(['incidents', 'list', '--child', 'ingest'], { 'incidents.list': { incidents: [] } })
  expect(asked).toEqual([{ command: 'incidents.list', input: { child: 'ingest' } }])
  expect(out).toBe('no child was isolated\n')
  const untold = { ...summary, hooks: [] }
  expect((await run(['incidents', 'list'], { 'incidents.list': { incidents: [untold] } })).out).toContain('process  -')
})

it('shows what was known, in lines that a component cannot write itself', async () => {
  const { code, out, asked } = await run(['incidents', 'show', '3'], { 'incidents.show': incident })
  expect(code).toBe(0)
  expect(asked).toEqual([{ command: 'incidents.show', input: { id: 3 } }])
  expect(out.split('\n')).toEqual([
    'incident 3',
    '  child     ingest (incarnation 4)',
    '  tenant    acme',
    '  time      2026-01-02T03:04:05.006Z',
    '  rung      reduced → process',
    '  why       it floods\\x1b[2J',
    '  component sha256:aa',
    '  code      sha256:bb',
    '  policy    version 2, sha256:cc',
    '  cut       audit, log',
    '',
    'who was told',
    '  command failed: exit code 3',
    '',
    'counts',
    '  restarts 3',
    '  cpuMs 12',
    '',
    'what waited',
    '  orders from intake, 1 byte',
    '',
    'events',
    '  2026-01-02T00:00:00.000Z child.exited x',
    '',
    'audit records',
    '  2026-01-02T00:00:00.000Z access-denied filesystem count=2',
    '  7',
    '',
    'end of its output',
    '  taking over',
    '  \\x1b]0;owned\\x07',
    '',
  ])
})

it('leaves out what there is nothing of, and prints all of it as JSON', async () => {
  const { tenant: _tenant, codeDigest: _codeDigest, ...bundle } = incident.bundle
  const nothing = { ledger: {}, mailbox: [], events: [], audit: [], log: '', truncated: [], policy: { version: 1 } }
  const little = { id, hooks: [], bundle: { ...bundle, ...nothing } }
  const { out } = await run(['incidents', 'show', '3'], { 'incidents.show': little })
  expect(out.split('\n').at(-2)).toBe('  policy    version 1')
  const json = await run(['incidents', 'show', '3', '--json'], { 'incidents.show': incident })
  expect(JSON.parse(json.out)).toEqual(incident)
})

it('wants a number', async () => {
  const { code, error, asked } = await run(['incidents', 'show', 'three'], {})
  expect(code).toBe(2)
  expect(error).toContain('`three` is not the id of an incident')
  expect(asked).toEqual([])
})
