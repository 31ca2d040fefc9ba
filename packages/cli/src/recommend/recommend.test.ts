import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecommendationReport } from '@bulkhead/admin'
import { expect, it } from 'vitest'
import { noLive } from '../live.test.support.js'
import { recorder, run } from '../terminal.test.support.js'
import { recommendCommand } from './recommend-command.js'

const grant = {
  kind: 'filesystem',
  action: 'read',
  pattern: '/data/in/*',
  origin: { document: 'recommendation' },
} as const

const report: RecommendationReport = {
  child: 'ingest',
  componentId: 'ingest',
  generalise: 'siblings',
  lines: [
    {
      grant,
      covers: 120,
      resources: 14,
      confidence: 0.94,
      reason: '14 files in one directory',
      examples: ['/data/in/a.csv'],
      widens: true,
    },
  ],
  unused: [{ ...grant, action: 'delete', pattern: '/data/**', origin: { document: 'Component.toml', line: 7 } }],
  denied: [
    {
      kind: 'filesystem',
      action: 'write',
      layer: 'policy',
      count: 3,
      resources: 2,
      examples: ['/data/x\u001b[2J'],
      grantHelps: true,
      remedy: 'grant it',
    },
    {
      kind: 'filesystem',
      action: 'read',
      layer: 'forbidden',
      count: 1,
      resources: 1,
      examples: ['/etc/shadow'],
      grantHelps: false,
      remedy: 'nothing allows this',
    },
  ],
  probes: 9,
  diff: { added: [grant], removed: [{ ...grant, pattern: '/data/**' }], kept: [] },
  text: '[allow]\nfilesystem.read = ["/data/in/*"]\n',
  observed: {
    records: 40,
    accesses: 132,
    from: Date.UTC(2026, 0, 1),
    to: Date.UTC(2026, 0, 2),
    leftOut: [{ digest: 'other', records: 2 }],
    uncounted: 0,
  },
  notes: ['2 records of other were left out'],
}

it('says for each line why, and what was never used or was denied', async () => {
  const { code, out, asked } = await run(['recommend', 'ingest', '--generalise', 'siblings'], { recommend: report })
  expect(code).toBe(0)
  expect(asked[0]?.input).toEqual({ child: 'ingest', generalise: 'siblings' })
  expect(out.split('\n')).toEqual([
    'ingest  132 accesses in 40 records from 2026-01-01T00:00:00Z to 2026-01-02T00:00:00Z; generalised: siblings; 9 probes apart; 2 records of other bytes left out',
    '',
    'recommended',
    '  capability                  uses  names  confidence  reason',
    '  filesystem.read=/data/in/*   120     14        94 %  allows more than now: 14 files in one directory',
    '',
    'granted and never used',
    '  filesystem.delete=/data/**    Component.toml:7',
    '',
    'denied',
    '  filesystem.write /data/x\\x1b[2J and 1 more  3 times by policy',
    '        grant:   grant it',
    '  filesystem.read /etc/shadow  1 times by forbidden',
    '        note:    nothing allows this',
    '',
    'know before you use it',
    '  2 records of other were left out',
    '',
  ])
})

it('prints the difference, the document, or both for programs', async () => {
  expect((await run(['recommend', 'ingest', '--diff'], { recommend: report })).out).toBe(
    '- filesystem.read=/data/**\n+ filesystem.read=/data/in/*\n0 rules kept\n',
  )
  expect((await run(['recommend', 'ingest', '--text'], { recommend: report })).out).toBe(report.text)
  expect(JSON.parse((await run(['recommend', 'ingest', '--json'], { recommend: report })).out)).toEqual(report)
})

it('writes the document where it is told, and overwrites none', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cli-'))
  const argv = ['recommend', 'ingest', '-o', 'p.toml']
  expect((await run(argv, { recommend: report }, directory)).out).toContain('wrote  p.toml')
  expect(await readFile(join(directory, 'p.toml'), 'utf8')).toBe(report.text)
  expect((await run(argv, { recommend: report }, directory)).code).toBe(2)
  expect((await run([...argv, '--force'], { recommend: report }, directory)).code).toBe(0)
})

it('says so where nothing was used', async () => {
  const empty = { ...report, lines: [], unused: [], denied: [], notes: [], probes: 0 }
  const { observed } = report
  const { out } = await run(['recommend', 'ingest'], {
    recommend: { ...empty, observed: { records: 1, accesses: 1, leftOut: [], uncounted: observed.uncounted } },
  })
  expect(out).toBe(
    'ingest  1 access in 1 record; generalised: siblings\n\nrecommended\n  nothing: it used nothing that needs a grant\n',
  )
})

it('reads since when', async () => {
  const inputs: unknown[] = []
  const session = {
    terminal: recorder().terminal,
    openDesk: async () => ({
      request: async (_command: string, input: unknown) => {
        inputs.push(input)
        return report as never
      },
      close: async () => {},
    }),
    openLive: noLive,
  }
  const ask = (since: string) => recommendCommand('a', { generalise: 'none', since, json: true }, session, 3_600_000)
  await ask('10m')
  await ask('1970-01-01T00:00:01Z')
  await ask('24h')
  expect(inputs).toEqual([
    { child: 'a', generalise: 'none', since: 3_000_000 },
    { child: 'a', generalise: 'none', since: 1_000 },
    { child: 'a', generalise: 'none', since: 0 },
  ])
  await expect(ask('yesterday')).rejects.toMatchObject({ code: 'usage' })
})
