import type { adminCommands, ExplanationReport, OutputOf } from '@bulkhead/admin'
import { BulkheadError } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { run } from '../terminal.test.support.js'

type Changed = OutputOf<typeof adminCommands, 'grant'>

const granted: Changed = {
  changed: ['filesystem.read=/srv/data/**'],
  how: ['operator grant'],
  bound: { child: 'ingest', incarnation: 3, within: 'running', stuck: false },
}

it('grants for a while, in the name of the user, and says that it binds', async () => {
  const argv = ['grant', 'ingest', 'filesystem.read=/srv/data/**', '--expires', '1h', '--reason', 'export']
  const { code, out, asked } = await run(argv, { grant: granted })
  expect(code).toBe(0)
  expect(asked).toEqual([
    {
      command: 'grant',
      input: {
        child: 'ingest',
        capabilities: ['filesystem.read=/srv/data/**'],
        expiresMs: 3_600_000,
        reason: 'export',
        author: 'ada',
      },
    },
  ])
  expect(out).toBe(
    [
      'granted  filesystem.read=/srv/data/**  (operator grant)',
      'in force for ingest (incarnation 3), also inside calls that had begun',
      '',
    ].join('\n'),
  )
})

it('revokes, and ends with 1 when a call could not be reached', async () => {
  const argv = ['revoke', 'ingest', 'filesystem.read=/a', 'storage.read=self:*']
  const stopped: Changed = {
    changed: ['filesystem.read=/a', 'storage.read=self:*'],
    how: ['taken out of the policy', 'denied by the policy'],
    policyVersion: 4,
    bound: { child: 'ingest', within: 'next-start', stuck: false },
  }
  const first = await run(argv, { revoke: stopped })
  expect(first.code).toBe(0)
  expect(first.out).toContain('revoked  storage.read=self:*  (denied by the policy)\n')
  expect(first.out).toContain('policy version 4')
  expect(first.out).toContain('in force for ingest from its next start')
  const stuck = await run(argv, { revoke: { ...stopped, bound: { child: 'ingest', within: 'running', stuck: true } } })
  expect(stuck.code).toBe(1)
  expect(stuck.out).toContain('not yet in force for ingest')
})

it.each(['0s', 'soon', '-1h', '1d1'])('takes no end of `%s`', async (text) => {
  const { code, error, asked } = await run(['grant', 'ingest', 'a.b=c', `--expires=${text}`], { grant: granted })
  expect(code).toBe(2)
  expect(error).toContain('is not a duration')
  expect(asked).toEqual([])
})

it('prints what the desk refuses, with its way out', async () => {
  const refused = new BulkheadError('grant-refused', 'the deny rule `/etc/**` covers it', { hint: 'remove p.toml:4' })
  const { code, error } = await run(['grant', 'ingest', 'filesystem.read=/etc/x'], { grant: refused })
  expect(code).toBe(3)
  expect(error).toContain('hint:  remove p.toml:4')
})

it('lists what operators granted', async () => {
  const grant = {
    child: 'ingest',
    kind: 'filesystem',
    action: 'read',
    pattern: '/a\u001b[2J',
    digest: `sha256:${'a'.repeat(64)}`,
    grantedBy: 'ada',
    time: Date.UTC(2026, 0, 2, 3, 4, 5),
  } as const
  const { out } = await run(['grants'], {
    grants: { grants: [grant, { ...grant, expiresAt: grant.time + 1_000, reason: 'why' }] },
  })
  const [head, first, second] = out.split('\n')
  expect(head).toMatch(/^child +capability +pattern +by +since +until/)
  expect(first).toMatch(/^ingest +filesystem\.read +\/a\\x1b\[2J +ada +2026-01-02T03:04:05Z +revoked +sha256:a{12}$/)
  expect(second).toMatch(/2026-01-02T03:04:06Z +sha256:a{12} +why$/)
  expect((await run(['grants', 'ingest', '--json'], { grants: { grants: [] } })).out).toBe('{"grants":[]}\n')
  expect((await run(['grants', 'ingest'], { grants: { grants: [] } })).asked[0]?.input).toEqual({ child: 'ingest' })
})

const denied: ExplanationReport = {
  child: 'ingest',
  kind: 'filesystem',
  action: 'read',
  resource: '/etc/passwd',
  verdict: 'denied',
  layer: 'policy',
  reason: 'no rule of ingest.policy.toml covers it',
  steps: [
    { layer: 'forbidden', answer: 'silent' },
    {
      layer: 'manifest',
      answer: 'grants',
      rule: { layer: 'manifest', pattern: '/etc/**', origin: { document: 'Component.toml', line: 7 } },
    },
    { layer: 'policy', answer: 'refuses' },
    { layer: 'role', answer: 'absent' },
  ],
  allow: 'bulkhead grant ingest filesystem.read=/etc/passwd',
  always: ['filesystem.read = ["/etc/passwd"] under [allow] in ingest.policy.toml:3'],
}

it('explains a denial layer by layer, with what would allow it, and ends with 3', async () => {
  const { code, out, asked } = await run(['explain', 'ingest', 'filesystem.read=/etc/passwd'], { explain: denied })
  expect(code).toBe(3)
  expect(asked[0]?.input).toEqual({ child: 'ingest', request: 'filesystem.read=/etc/passwd' })
  expect(out).toBe(
    [
      'denied  filesystem.read /etc/passwd    no rule of ingest.policy.toml covers it',
      '        once:    bulkhead grant ingest filesystem.read=/etc/passwd',
      '        always:  filesystem.read = ["/etc/passwd"] under [allow] in ingest.policy.toml:3',
      '',
      'layer      answer              rule     where',
      'forbidden  says nothing of it',
      'manifest   grants              /etc/**  manifest Component.toml:7',
      'policy     refuses',
      'role       there is none',
      '',
    ].join('\n'),
  )
})

it('explains a grant and ends with 0; says where nothing helps', async () => {
  const granted = await run(['explain', 'ingest', 'filesystem.read=/a'], {
    explain: {
      ...denied,
      verdict: 'granted',
      layer: 'policy',
      allow: null,
      always: [],
      limits: { maxFileSizeBytes: 1_024 },
    },
  })
  expect(granted.code).toBe(0)
  expect(granted.out).toMatch(/^granted .*; files up to 1 KiB\n/)
  const hopeless = await run(['explain', 'ingest', 'filesystem.read=/a'], {
    explain: { ...denied, layer: 'forbidden', allow: null, always: [] },
  })
  expect(hopeless.code).toBe(3)
  expect(hopeless.out).toContain('; nothing allows this\n')
})
