import type { UpgradeAnswer } from '@bulkhead/admin'
import { describe, expect, it } from 'vitest'
import { runLive } from '../live.test.support.js'

describe('an order to a child', () => {
  it('is passed on, and each member answers for itself', async () => {
    const members = [
      { child: 'workers-1', outcome: 'restarted' },
      { child: 'workers-2', outcome: 'sleeps' },
    ] as const
    const ran = await runLive(['restart', 'workers'], { 'child.restart': { members: [...members] } })
    expect(ran).toMatchObject({ code: 0, asked: [{ command: 'child.restart', input: { child: 'workers' } }] })
    expect(ran.out).toBe(
      'workers-1  is stopped in order and started again\nworkers-2  sleeps; the next message wakes it\n',
    )
  })

  it('that is not obeyed exits with 1, and says why', async () => {
    const answer = (outcome: 'failed' | 'quarantined', why?: string) => ({
      'child.start': { members: [{ child: 'ingest', outcome, ...(why === undefined ? {} : { why }) }] },
    })
    expect(await runLive(['start', 'ingest'], answer('failed', 'trap \u001b'))).toMatchObject({
      code: 1,
      out: 'ingest  failed: trap \\x1b\n',
    })
    expect((await runLive(['start', 'ingest'], answer('quarantined'))).out).toContain('bulkhead release')
    const stopped = await runLive(['stop', 'ingest', '--json'], {
      'child.stop': { members: [{ child: 'ingest', outcome: 'zombie' }] },
    })
    expect(stopped.code).toBe(1)
    expect(JSON.parse(stopped.out)).toEqual({ members: [{ child: 'ingest', outcome: 'zombie' }] })
    const none = await runLive(['stop', 'workers'], { 'child.stop': { members: [] } })
    expect(none).toMatchObject({ code: 0, out: '`workers` has no members\n' })
  })
})

describe('an upgrade', () => {
  const upgraded: UpgradeAnswer = {
    child: 'ingest',
    outcome: 'upgraded',
    from: { component: 'a.wasm', digest: `sha256:${'1'.repeat(64)}`, version: '1.0.0' },
    to: { component: 'b.wasm', digest: `sha256:${'2'.repeat(64)}` },
    difference: { added: [], removed: [], changed: [] },
    isWider: false,
    probationMs: 60_000,
  }

  it('names files as the caller sees them, and says what was changed and until when', async () => {
    const ran = await runLive(['upgrade', 'ingest', 'b.wasm', '--manifest', 'b.toml', '--reason', 'mended'], {
      upgrade: upgraded,
    })
    expect(ran.asked).toEqual([
      {
        command: 'upgrade',
        input: {
          ...{ child: 'ingest', file: '/b.wasm', manifest: '/b.toml', approve: false, author: 'ada', reason: 'mended' },
        },
      },
    ])
    expect(ran.code).toBe(0)
    expect(ran.out).toMatch(/^upgraded {2}ingest {2}1\.0\.0 \(.*\) → .*\n {2}it asks for what it asked for before\n/)
    expect(ran.out).toContain('takes it back by itself')
  })

  it('that asks for more exits with 3, and says how to say yes', async () => {
    const difference = { added: ['network.connect=\u001b*'], removed: ['b'], changed: ['c'] }
    const answer = { ...upgraded, outcome: 'approval-required', isWider: true, difference } as const
    const ran = await runLive(['upgrade', 'ingest', 'npm:x/b.wasm', '--yes'], { upgrade: answer })
    expect(ran.code).toBe(3)
    expect(ran.asked).toMatchObject([{ input: { file: 'npm:x/b.wasm', approve: true } }])
    expect(ran.out).toContain('  + network.connect=\\x1b*\n  - b\n  ~ c\n')
    expect(ran.out).toContain('  bulkhead upgrade ingest npm:x/b.wasm --yes\n')
  })
})
