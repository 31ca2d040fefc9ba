import type { adminCommands, OutputOf, ReviewReport } from '@bulkhead/admin'
import { expect, it } from 'vitest'
import { run } from '../terminal.test.support.js'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
const fingerprint = `sha256:${'f'.repeat(64)}`
const nothing = { added: [], removed: [], changed: [] }

const review: ReviewReport = {
  child: 'ingest',
  state: 'reviewing',
  reviewer: 'ada',
  trust: { level: 'unknown', reason: 'no source of trust.toml matches' },
  requestedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
  reference: './ingest.wasm',
  request: {
    fingerprint,
    componentDigest: digest,
    manifestDigest: null,
    componentId: { componentSays: 'ingest' },
    version: { componentSays: '1.2.0' },
    description: { componentSays: 'Reads drops\u001b[2J' },
    asks: [
      {
        kind: 'filesystem',
        actions: ['read', 'write'],
        pattern: '/data/**',
        words: 'read and write files below /data',
        optional: false,
        why: [{ componentSays: 'the drops' }],
      },
      {
        kind: 'storage',
        actions: ['read'],
        pattern: 'self:*',
        words: 'read its own keys in the key-value store',
        optional: true,
        why: [],
      },
    ],
    mounts: ['/data = /srv/data (write)'],
    inherited: ['API_TOKEN'],
    interfaces: [],
    risks: [{ flag: 'secret-variable', about: 'API_TOKEN', words: 'by its name it holds a secret of the host' }],
    changes: {
      component: true,
      manifest: false,
      capabilities: { added: ['filesystem.write=/data/**'], removed: ['environment.read=X'], changed: [] },
      mounts: { ...nothing, changed: ['/data = /srv/data (write), before = /srv/data (read)'] },
      inherited: nothing,
      interfaces: nothing,
    },
  },
  history: [
    {
      fingerprint: digest,
      verdict: 'approved',
      reviewer: 'bob',
      time: Date.UTC(2025, 0, 1),
      reason: 'known',
      narrow: ['filesystem.read=/data/**'],
    },
  ],
}

it('shows what a component asks for, in our words, with its own beside and marked', async () => {
  const { code, out, asked } = await run(['review', 'ingest'], { review })
  expect(code).toBe(0)
  expect(asked).toEqual([{ command: 'review', input: { child: 'ingest', author: 'ada' } }])
  expect(out.split('\n')).toEqual([
    'ingest  reviewing since 2026-01-02T03:04:05Z, ada looks at it',
    `  component  ./ingest.wasm  ${digest}`,
    '  manifest   none: it declares nothing',
    '  names      itself “ingest” “1.2.0”',
    '  trust      unknown: no source of trust.toml matches',
    '  it says: “Reads drops\\x1b[2J”',
    '',
    'asks to',
    '  read and write files below /data',
    '      filesystem.read,write /data/**',
    '      it says: “the drops”',
    '  read its own keys in the key-value store (optional: it also starts without)',
    '      storage.read self:*',
    '',
    'mounts',
    '  /data = /srv/data (write)',
    '',
    'variables of the host',
    '  API_TOKEN',
    '',
    'look twice',
    '  secret-variable  API_TOKEN: by its name it holds a secret of the host',
    '',
    'changed since the last approval',
    '  the component has other bytes',
    '  + capability filesystem.write=/data/**',
    '  - capability environment.read=X',
    '  ~ mount /data = /srv/data (write), before = /srv/data (read)',
    '',
    'decided before',
    '  2025-01-01T00:00:00Z  approved by bob, narrowed to filesystem.read=/data/**: known',
    '',
    'decide',
    `  bulkhead approve ingest --fingerprint ${fingerprint}`,
    `  bulkhead approve ingest --fingerprint ${fingerprint} --narrow KIND.ACTION=PATTERN`,
    `  bulkhead deny ingest --fingerprint ${fingerprint} --reason "…"`,
    '',
  ])
})

it('shows one that asks for nothing and was never decided about', async () => {
  const { changes: _changes, description: _description, version: _version, ...request } = review.request
  const plain = { ...review, history: [], request: { ...request, asks: [], mounts: [], inherited: [], risks: [] } }
  const { out } = await run(['review', 'ingest'], { review: plain })
  expect(out).toContain('asks to\n  nothing\n\ndecide\n')
})

it('lists the queue', async () => {
  const entry = { child: 'ingest', state: 'pending', fingerprint, trust: 'unknown', capabilities: 3, risks: 1 } as const
  const reviews = [{ ...entry, requestedAt: Date.UTC(2026, 0, 2) }]
  const { out } = await run(['review'], { reviews: { reviews } })
  expect(out.split('\n').slice(0, 2)).toEqual([
    'child   state    since                 trust    asks  risks  reviewer  fingerprint',
    'ingest  pending  2026-01-02T00:00:00Z  unknown     3      1            sha256:ffffffffffff',
  ])
  expect((await run(['review'], { reviews: { reviews: [] } })).out).toBe('nothing waits for a review\n')
  expect(JSON.parse((await run(['review', '--json'], { reviews: { reviews } })).out)).toEqual({ reviews })
})

type Decided = OutputOf<typeof adminCommands, 'approve'>
const decided: Decided = {
  child: 'ingest',
  fingerprint,
  decision: 'approved',
  bound: { child: 'ingest', within: 'running', stuck: false },
}

it('approves what was seen, whole or in part', async () => {
  const whole = await run(['approve', 'ingest'], { approve: decided })
  expect(whole.asked[0]?.input).toEqual({ child: 'ingest', reason: '', author: 'ada' })
  expect(whole.out).toBe(
    'approved  ingest  sha256:ffffffffffff\nin force for ingest, also inside calls that had begun\n',
  )
  const narrow = ['--narrow', 'filesystem.read=/data/**', '--narrow', 'storage.read=self:*']
  const part = await run(['approve', 'ingest', ...narrow, '--fingerprint', fingerprint, '--reason', 'ok'], {
    approve: decided,
  })
  expect(part.asked[0]?.input).toEqual({
    child: 'ingest',
    fingerprint,
    narrow: ['filesystem.read=/data/**', 'storage.read=self:*'],
    reason: 'ok',
    author: 'ada',
  })
})

it('denies with a reason, and never without', async () => {
  const deny: Decided = { ...decided, decision: 'denied', bound: { ...decided.bound, within: 'next-start' } }
  const ran = await run(['deny', 'ingest', '--reason', 'writes everywhere'], { deny })
  expect(ran.asked[0]?.input).toEqual({ child: 'ingest', reason: 'writes everywhere', author: 'ada' })
  expect(ran.out).toContain('denied  ingest')
  expect(await run(['deny', 'ingest'], { deny })).toMatchObject({ code: 2, asked: [] })
})
