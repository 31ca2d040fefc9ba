import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forgeryNames } from '../guests/programs.mjs'
import { createTestRuntime, guestFile } from '../support/test-runtime.mjs'

// The glue hands the host an object of the right class for any number that a guest makes up. Without the look-up of `this`
// and of every handle argument among those that the host itself gave out, the host function runs on nothing: it throws from
// its middle (then the exit below is no `forged-handle`), or goes along (then the guest says so).

type Runtime = Awaited<ReturnType<typeof createTestRuntime>>
let runtime: Runtime
let directory: string

beforeAll(async () => {
  runtime = await createTestRuntime()
  directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'bulkhead-forged-')))
})
afterAll(async () => {
  await runtime.stop()
  fs.rmSync(directory, { recursive: true, force: true })
})

const run = (name: string) =>
  runtime.exec(guestFile(`forged-handle-${name}`), {
    mounts: { '/data': { host: directory, mode: 'read' } },
    deadline: '20s',
  })

describe('a handle that the guest was never given', () => {
  it.each(forgeryNames)('%s', async (name) => {
    const { exit, stdout } = await run(name)
    expect({ stdout, class: exit.class, hostility: exit.hostility }).toEqual({
      stdout: 'honest so far\n',
      class: 'security',
      hostility: 'forged-handle',
    })
    expect(exit.commandExitCode).toBe(137)
  })

  it('is refused, and the same guest with its own handle is served', async () => {
    const { exitCode, stdout } = await run('honest')
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'honest so far\nthe host went along\n' })
  })
})
