import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EffectiveReport, PolicyVersionReport } from '@bulkhead/admin'
import { expect, it } from 'vitest'
import { run } from '../terminal.test.support.js'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

const effective: EffectiveReport = {
  child: 'ingest',
  componentId: 'ingest',
  component: { reference: './ingest.wasm', digest },
  state: 'running',
  trust: { level: 'trusted', reason: 'signed by release@example.com (trust.toml:4)' },
  approval: { state: 'auto-approved' },
  policyVersion: 12,
  policy: { version: 3, file: 'ingest.policy.toml', key: 'child:ingest' },
  granted: [
    {
      kind: 'filesystem',
      action: 'read',
      pattern: '/data/in/**',
      extent: 'whole',
      from: [
        { layer: 'manifest', pattern: '/data/in/**', origin: { document: 'Component.toml', line: 7 } },
        { layer: 'policy', pattern: '/data/**', origin: { document: 'ingest.policy.toml', line: 4 } },
      ],
      except: [{ layer: 'deny', pattern: '/data/in/secret/**', origin: { document: 'ingest.policy.toml', line: 9 } }],
      optional: false,
    },
    {
      kind: 'filesystem',
      action: 'write',
      pattern: '/tmp/x',
      extent: 'whole',
      from: [],
      except: [],
      optional: false,
      operator: { grantedBy: 'ada', expiresAt: Date.UTC(2026, 0, 2), reason: 'export' },
    },
  ],
  ungranted: [
    {
      kind: 'network',
      action: 'connect',
      pattern: 'https://api.example.com',
      optional: true,
      layer: 'policy',
      reason: 'no rule of ingest.policy.toml covers it',
      remedy: { once: ['bulkhead grant ingest network.connect=https://api.example.com'], always: [] },
      why: 'rates\u001b[31m\nerror: fake',
    },
    {
      kind: 'filesystem',
      action: 'write',
      pattern: '/sys/x',
      optional: false,
      layer: 'forbidden',
      reason: 'forbidden list',
    },
  ],
  denied: [
    {
      kind: 'filesystem',
      action: 'read',
      rule: { layer: 'deny', pattern: '/data/in/secret/**', origin: { document: 'ingest.policy.toml', line: 9 } },
    },
  ],
  limits: [
    { name: 'memoryBytes', value: 67_108_864, document: 'Component.toml' },
    { name: 'cpuPercent', value: 50, document: 'ingest.policy.toml' },
    { name: 'handles', value: 256, document: 'default' },
    { name: 'deadlineMs', value: 30_000, document: 'bulkhead.toml' },
  ],
  mounts: [{ guest: '/data', host: '/srv/data', mode: 'read' }],
}

it('shows what a child may do, where it comes from, and what it may not', async () => {
  const { code, out } = await run(['policy', 'show', 'ingest'], { 'policy.show': effective })
  expect(code).toBe(0)
  expect(out.split('\n')).toEqual([
    'ingest',
    '  state      running',
    '  component  ./ingest.wasm  sha256:0123456789ab',
    '  trust      trusted: signed by release@example.com (trust.toml:4)',
    '  approval   auto-approved',
    '  policy     version 3 of ingest.policy.toml',
    '  table      version 12',
    '',
    'granted',
    '  filesystem.read  /data/in/**  manifest Component.toml:7, policy ingest.policy.toml:4; except /data/in/secret/** (deny ingest.policy.toml:9)',
    '',
    'granted by an operator',
    '  filesystem.write  /tmp/x  by ada, until 2026-01-02T00:00:00Z: export',
    '',
    'asked for and not granted',
    '  network.connect https://api.example.com  (optional) no rule of ingest.policy.toml covers it',
    '        it says: “rates\\x1b[31m\\nerror: fake”',
    '        once:    bulkhead grant ingest network.connect=https://api.example.com',
    '  filesystem.write /sys/x  (required) forbidden list; nothing allows this',
    '',
    'denied',
    '  filesystem.read  /data/in/secret/**  deny ingest.policy.toml:9',
    '',
    'limits',
    '  memory    64 MiB  Component.toml',
    '  cpu       50 %    ingest.policy.toml',
    '  handles   256     default',
    '  deadline  30 s    bulkhead.toml',
    '',
    'mounts',
    '  /data  /srv/data  read',
    '',
  ])
})

it('gives programs the same report, whole', async () => {
  const { out } = await run(['policy', 'show', 'ingest', '--json'], { 'policy.show': effective })
  expect(JSON.parse(out)).toEqual(effective)
})

it('hands the text of a policy out byte for byte', async () => {
  const text = '# mine\n[allow]\nfilesystem.read = ["/a"]\n'
  const found = { version: 3, text, format: 'native', file: 'p.toml' } as const
  const current = await run(['policy', 'show', 'ingest', '--text'], { 'policy.text': found })
  expect(current).toMatchObject({ code: 0, out: text, asked: [{ input: { child: 'ingest' } }] })
  const third = await run(['policy', 'show', 'ingest', '--version', '3'], { 'policy.text': found })
  expect(third).toMatchObject({ out: text, asked: [{ input: { child: 'ingest', version: 3 } }] })
})

const version: PolicyVersionReport = {
  version: 3,
  current: true,
  format: 'native',
  file: 'ingest.policy.toml',
  hash: digest,
  author: 'ada',
  time: Date.UTC(2026, 0, 2, 3, 4, 5),
  reason: 'export',
}

it('lists the versions of a policy', async () => {
  const versions = [
    version,
    { ...version, version: 2, current: false, rolledBackTo: 1, signature: { sequence: 7, key: 'ed25519:x' } },
  ]
  const { out } = await run(['policy', 'history', 'ingest'], { 'policy.history': { versions } })
  expect(out.split('\n')).toEqual([
    'version     time                  by   document                                 hash                 reason',
    '      3  *  2026-01-02T03:04:05Z  ada  ingest.policy.toml                       sha256:0123456789ab  export',
    '      2     2026-01-02T03:04:05Z  ada  ingest.policy.toml (signed, sequence 7)  sha256:0123456789ab  back to 1 export',
    '',
  ])
  const none = await run(['policy', 'history', 'ingest'], { 'policy.history': { versions: [] } })
  expect(none.out).toContain('no policy of its own')
})

it('shows what changed between versions', async () => {
  const report = {
    from: 'version 2',
    to: 'version 5',
    changes: [
      { change: 'added', section: 'allow', text: 'filesystem.read=/b' },
      { change: 'removed', section: 'deny', text: 'filesystem.read=/c' },
      { change: 'changed', section: 'limits', text: 'memory 64MiB', before: 'memory 32MiB' },
    ],
  } as const
  const { out, asked } = await run(['policy', 'diff', 'ingest', '2', '5'], { 'policy.diff': report })
  expect(asked[0]?.input).toEqual({ child: 'ingest', from: 2, to: 5 })
  expect(out.split('\n')).toEqual([
    'version 2 → version 5',
    '+ allow filesystem.read=/b',
    '- deny filesystem.read=/c',
    '- limits memory 32MiB',
    '+ limits memory 64MiB',
    '',
  ])
  const same = await run(['policy', 'diff', 'ingest'], { 'policy.diff': { ...report, changes: [] } })
  expect(same).toMatchObject({ asked: [{ input: { child: 'ingest' } }] })
  expect(same.out).toContain('no difference')
})

it.each(['0', '-1', '1.5', 'latest', '01'])('takes no version `%s`', async (text) => {
  expect((await run(['policy', 'rollback', 'ingest', '--', text])).code).toBe(2)
  expect((await run(['policy', 'diff', 'ingest', '--', text])).asked).toEqual([])
})

const updated = {
  version: 4,
  changed: true,
  warnings: [{ file: 'p.toml', line: 2, column: 3, message: '`/a/b` does nothing', hint: '`/a/**` covers it' }],
  bound: [{ child: 'ingest', within: 'running', stuck: false } as const],
}

it('puts a document in force with its exact text and the signature beside it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cli-'))
  const text = '[allow]\nfilesystem.read = ["/daten/ä"]\n'
  await writeFile(join(directory, 'p.toml'), text)
  await writeFile(join(directory, 'w.yaml'), 'version: "1.0"\n')
  await writeFile(join(directory, 'w.yaml.sig'), 'head..signature\n')
  const argv = ['policy', 'update', 'ingest', 'p.toml', '--reason', 'why', '--expected', '3']
  const ran = await run(argv, { 'policy.update': updated }, directory)
  expect(ran.asked[0]?.input).toEqual({
    ...{ child: 'ingest', text, format: 'native', file: 'p.toml', reason: 'why', author: 'ada', expected: 3 },
  })
  expect(ran.out).toBe(
    [
      'p.toml:2:3: warning: `/a/b` does nothing',
      '  `/a/**` covers it',
      'version 4',
      'in force for ingest, also inside calls that had begun',
      '',
    ].join('\n'),
  )
  const wassette = await run(
    ['policy', 'default', 'command', 'w.yaml', '--expected', '0'],
    { 'policy.default': updated },
    directory,
  )
  expect(wassette.asked[0]?.input).toMatchObject({
    ...{ kind: 'command', format: 'wassette', signature: 'head..signature', expected: 0, reason: '' },
  })
})

it('says when nothing changed, and ends with 1 when a call could not be reached', async () => {
  const same = await run(['policy', 'rollback', 'ingest', '3'], {
    'policy.rollback': { ...updated, warnings: [], changed: false },
  })
  expect(same).toMatchObject({ code: 0, out: 'version 4 has these very bytes already: nothing changed\n' })
  const stuck = { ...updated, bound: [{ child: 'ingest', within: 'running', stuck: true } as const] }
  expect((await run(['policy', 'rollback', 'ingest', '3'], { 'policy.rollback': stuck })).code).toBe(1)
})

it('refuses a kind that there is none of, and a document that cannot be read, before it asks', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cli-'))
  await writeFile(join(directory, 'bad.toml'), Buffer.from([0xff, 0xfe]))
  await writeFile(join(directory, 'p.txt'), '')
  for (const argv of [
    ['default', 'robot', 'p.toml'],
    ['update', 'ingest', 'missing.toml'],
    ['update', 'ingest', '.'],
    ['update', 'ingest', 'bad.toml'],
    ['update', 'ingest', 'p.txt'],
  ]) {
    const { code, asked, error } = await run(['policy', ...argv], {}, directory)
    expect({ code, asked }).toEqual({ code: 2, asked: [] })
    expect(error).toMatch(/^error: /)
  }
})
