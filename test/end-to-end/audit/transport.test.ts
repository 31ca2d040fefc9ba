// A runtime whose audit records go to a pino transport too: named by the tree, or by the program.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRuntime, type Runtime } from 'bulkhead'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { guest, run } from '../command.js'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-transport-')))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const logText = (): string => readFileSync(join(folder, '.bulkhead/audit/audit-000001.jsonl'), 'utf8')
const copied = (): string => readFileSync(join(folder, 'copy.jsonl'), 'utf8')

/** Something that is on record: a program that is refused what it tries. */
async function leaveRecords(runtime: Runtime): Promise<void> {
  await runtime.exec(guest('sockets-connect'))
}

describe('the audit transport of a runtime', () => {
  it('is what the tree says, with paths from its folder', async () => {
    writeFileSync(
      join(folder, 'copy.mjs'),
      `import { appendFileSync } from 'node:fs'
import { Writable } from 'node:stream'
export default ({ to }) => new Writable({ write: (chunk, _, done) => { appendFileSync(to, chunk); done() } })`,
    )
    const to = join(folder, 'copy.jsonl')
    const audit_transport = { target: './copy.mjs', options: { to } }
    const runtime = await createRuntime({ tree: { audit_transport }, base: folder })
    await leaveRecords(runtime)
    await runtime.stop()
    expect(logText()).not.toBe('')
    expect(copied()).toBe(logText())
    expect((await run(['audit', 'verify', join(folder, '.bulkhead')])).stdout).toContain('intact')
  })

  it('is rather what the program says, and a failing one changes nothing but the events', async () => {
    writeFileSync(join(folder, 'away.mjs'), 'throw new Error("nobody is there")')
    const failed: (string | undefined)[] = []
    const runtime = await createRuntime({
      tree: { audit_transport: { target: './nowhere.mjs' } },
      base: folder,
      audit: { transport: { target: join(folder, 'away.mjs') } },
      onHealth: ({ type, reason }) => void (type === 'audit.transport-failed' && failed.push(reason)),
    })
    await leaveRecords(runtime)
    for (const deadline = performance.now() + 40_000; failed.length === 0 && performance.now() < deadline; ) {
      await sleep(20)
    }
    expect(failed).toEqual([expect.stringContaining('nobody is there')])
    expect(runtime.health()).toMatchObject({ live: true, journal: { stalled: false } })
    await runtime.stop()
    expect((await run(['audit', 'verify', join(folder, '.bulkhead')])).stdout).toContain('intact')
  })

  it.each([
    [{ state: 'state', audit: { transport: { target: 'no-such-package' } } }, 'is not there'],
    [{ state: 'state', audit: { transport: {} } }, 'needs a `target`'],
    [{ state: 'state', audit: { transport: { target: 'pino/file', options: { f: () => {} } } } }, 'another thread'],
    [{ audit: { transport: { target: 'pino/file' } } }, 'none is kept here'],
    [{ audit: { transport: { tarket: 'pino/file' } } }, 'has no option `tarket`'],
  ])('is refused where it cannot be: %j', async (options, message) => {
    const state = 'state' in options ? { state: join(folder, options.state) } : {}
    mkdirSync(join(folder, 'state'), { mode: 0o700 })
    const started = createRuntime({ ...options, ...state } as never)
    await expect(started).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(message) })
    // Nothing of it is left: the directory can be used at once.
    await (await createRuntime(state)).stop()
  })
})
