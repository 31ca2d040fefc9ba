import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { command, namesOf, textOf } from '../support/file-operator.mjs'
import { startOperator } from '../support/operator-session.mjs'
import { createTestRuntime } from '../support/test-runtime.mjs'

// A FIFO that is opened the plain way blocks its thread inside the kernel: the actor could then not even be terminated and
// the process not exit. Without `O_NONBLOCK` and the look at the kind of file before it is opened for real, this test hangs
// until its time is up.

type Runtime = Awaited<ReturnType<typeof createTestRuntime>>
let root: string
let runtime: Runtime

beforeAll(async () => {
  runtime = await createTestRuntime()
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'bulkhead-fifo-')))
  execFileSync('mkfifo', [path.join(root, 'pipe')])
  fs.symlinkSync('pipe', path.join(root, 'link'))
  fs.writeFileSync(path.join(root, 'regular'), 'plain')
})
afterAll(async () => {
  await runtime.stop()
  fs.rmSync(root, { recursive: true, force: true })
})

/** Far less than for ever, far more than a busy machine takes. */
const answerWithinMs = 20_000

describe.skipIf(process.platform !== 'linux')('a FIFO with nobody at its other end', () => {
  it('is refused at once, whatever it is opened for, and the file beside it is served', async () => {
    const startedMs = performance.now()
    const guest = startOperator(runtime, { mounts: { '/m': { host: root, mode: 'write' } }, deadline: '60s' })
    const refused = await guest.send([
      command.open('/m/pipe', 2),
      command.open('/m/pipe', 2, { nonblock: true }),
      command.open('/m/pipe', 2, { write: true }),
      command.open('/m/pipe', 2, { read: true, write: true }),
      command.open('/m/pipe', 2, { write: true, create: true }),
      command.open('/m/pipe', 2, { write: true, truncate: true }),
      command.open('/m/pipe', 2, { write: true, append: true }),
      command.open('/m/link', 2),
      command.open('/m/link', 2, { write: true }),
      command.open('/m/pipe', 2, { directory: true }),
    ])
    const served = await guest.send([
      command.open('/m/regular', 2),
      command.readAll(2),
      command.open('/m', 3, { directory: true, readdir: true }),
      command.readdir(3),
    ])
    const { exitCode } = await guest.end()
    expect(refused.map(({ errno }) => errno === 'success')).toEqual(Array(10).fill(false))
    expect(textOf(served[1])).toBe('plain')
    expect(namesOf(served[3])).toEqual(['link', 'pipe', 'regular'])
    expect(exitCode).toBe(0)
    expect(performance.now() - startedMs).toBeLessThan(answerWithinMs)
  })

  it('does not keep the runtime from stopping', async () => {
    const short = await createTestRuntime()
    const guest = startOperator(short, { mounts: { '/m': { host: root, mode: 'write' } }, deadline: '60s' })
    expect(await guest.send([command.open('/m/pipe', 2)])).toHaveLength(1)
    const startedMs = performance.now()
    await Promise.all([short.stop(), guest.end()])
    expect(performance.now() - startedMs).toBeLessThan(answerWithinMs)
  })
})
