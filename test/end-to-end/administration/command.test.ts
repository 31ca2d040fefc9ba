import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { run } from '../command.js'
import { treeFolder, writeTree } from '../supervision/supervised-tree.js'

it('takes orders, upgrades and a look from the command line, as a user gives them', async () => {
  const folder = treeFolder()
  writeTree(folder, { greeter: {}, sleeper: { entry: 'lifetime = "idle 1h"' } }, {})
  const next = join(folder, 'greeter-2.wasm')
  const bytes = readFileSync(guestFile('messages-operator'))
  writeFileSync(next, Buffer.concat([bytes, Buffer.from([0, 5, 1, 0x78, 1, 2, 3])]))
  const wider = '[component]\nid = "greeter"\nversion = "2.0.0"\n[capabilities]\nmessaging.subscribe = ["greeter.*"]\n'
  writeFileSync(join(folder, 'wider.toml'), wider)
  let stop = (): void => {}
  let log = ''
  const tree = run(['run', 'bulkhead.toml'], {
    cwd: folder,
    onStart: (child) => {
      stop = () => void child.kill('SIGTERM')
    },
    onOutput: (text) => {
      log = text
    },
  })
  onTestFinished(() => stop())
  const tell = (...args: string[]) => run(args, { cwd: folder })
  await vi.waitFor(async () => expect((await tell('ps')).stdout).toContain('running'), {
    timeout: 60_000,
    interval: 500,
  })

  const { stdout: ps } = await tell('ps')
  expect(ps).toMatch(/^child +state +health +level +score /)
  expect(ps).toMatch(/greeter +running +healthy +thread /)
  expect(ps).toMatch(/sleeper +dormant .*woken by the next message/)
  expect(await tell('stop', 'greeter')).toMatchObject({ exitCode: 0, stdout: 'greeter  stopped\n' })
  expect(await tell('start', 'greeter')).toMatchObject({ exitCode: 0, stdout: 'greeter  started\n' })
  expect(await tell('restart', 'greeter')).toMatchObject({ exitCode: 0 })
  expect((await tell('start', 'sleeper')).stdout).toContain('the next message wakes it')
  expect(await tell('stop', 'nobody')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no child') })

  const asked = await tell('upgrade', 'greeter', 'greeter-2.wasm', '--manifest', 'wider.toml')
  expect(asked).toMatchObject({ exitCode: 3 })
  expect(asked.stdout).toContain('greeter.*')
  expect(asked.stdout).toContain('bulkhead upgrade greeter greeter-2.wasm --manifest wider.toml --yes')
  const upgraded = await tell('upgrade', 'greeter', 'greeter-2.wasm', '--manifest', 'wider.toml', '--yes')
  expect(upgraded).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('takes it back by itself') })
  expect((await tell('request', 'greeter.else', 'count')).stdout).toBe('1')
  expect((await tell('request', 'sleeper.do', 'count')).stdout).toBe('1')
  stop()
  expect([0, 143]).toContain((await tree).exitCode)
  expect(log).toContain('upgraded')
}, 120_000)
