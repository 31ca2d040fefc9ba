// Operators beside a running process: over its admin socket, by the command, after a kill, and on a disk that refuses.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { adminCommands, connectAdmin } from '@bulkhead/admin'
import { openDesk } from 'bulkhead'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { run } from '../command.js'
import { type RunningProcess, startProcess } from './process.js'
import { World } from './world.js'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

const by = { author: 'ana', reason: '' }
const read = (path: string) => [`filesystem.read=${path}`]

/** Looks into a file of the guest's own until it says so. */
const watcher = ['filesystem.read = [{ pattern = "/data/**", optional = true }]', 'filesystem.create = ["/out/**"]']

function prepare(): void {
  world.write('data/a', 'a')
  mkdirSync(world.path('out'))
  world.tree({
    agent: { grants: watcher, mounts: { '/data': '"data"', '/out': '{ host = "out", mode = "write" }' } },
    stranger: { component: guestFile('hello'), grants: [], isPinned: false },
  })
}

describe('the admin socket of a running process', () => {
  it('takes every act, and what it does binds at once; a wrong token is refused and told', async () => {
    prepare()
    const running = await startProcess(world)
    const { desk } = running
    const cli = (...args: string[]) => run(args, { cwd: world.folder })
    const { children } = await desk.request('children', {})
    expect(children.map(({ child, state }) => [child, state])).toEqual([
      ['agent', expect.stringMatching(/^(starting|running)$/)],
      ['stranger', 'waiting(approval-required)'],
    ])
    await running.printed('"type":"child.ready"')

    const granted = await cli('grant', 'agent', 'filesystem.read=/x/**', '--expires', '1h', '--reason', 'a look')
    expect(granted.exitCode, granted.stderr).toBe(0)
    expect(granted.stdout).toContain('also inside calls that had begun')
    expect(await desk.request('revoke', { child: 'agent', capabilities: read('/data/a'), ...by })).toMatchObject({
      how: ['policy version that denies it'],
      bound: { child: 'agent', within: 'running', incarnation: 1 },
    })
    world.write(`ctl/agent/0`, 'open("/data/a")')
    await running.printed('[0, {\\"errno\\": \\"EACCES\\"}]')
    expect((await desk.request('policy.history', { child: 'agent' })).versions).toHaveLength(1)
    const update = { child: 'agent', file: 'new.policy.toml', format: 'native', ...by } as const
    const text = '[allow]\nfilesystem.read = ["/ctl/**", "/data/**"]\nfilesystem.create = ["/out/**"]\n'
    expect(await desk.request('policy.update', { ...update, text })).toMatchObject({ version: 2 })
    world.write(`ctl/agent/1`, '_ = open("/data/a").read()')
    await running.printed('[1, {\\"value\\": \\"a\\"}]')
    await expect(desk.request('policy.update', { ...update, text: 'nonsense' })).rejects.toMatchObject({
      code: 'policy-invalid-format',
    })

    const approved = await cli('approve', 'stranger', '--reason', 'known')
    expect(approved.exitCode, approved.stderr).toBe(0)
    await running.printed('"text":"hello"')

    await expect(connectAdmin(withAnotherToken(), adminCommands)).rejects.toMatchObject({
      code: 'runtime-unreachable',
    })
    await running.printed('security.violation')
    // The neighbour with the right one is still served.
    expect((await desk.request('grants', { child: 'agent' })).grants).toHaveLength(1)
    const done = await running.kill('SIGTERM')
    expect(done.exitCode, done.stderr).toBe(0)
    const offline = await openDesk(world.path('.bulkhead'))
    expect(offline.mode).toBe('stopped')
    expect((await offline.request('grants', { child: 'agent' })).grants).toMatchObject([{ reason: 'a look' }])
    await offline.close()
  })

  it('is served again by the next process after a kill, with everything that was acknowledged', async () => {
    prepare()
    const first = await startProcess(world)
    await first.desk.request('grant', { child: 'agent', capabilities: read('/x'), ...by })
    const [left] = await Promise.all([
      first.kill('SIGKILL'),
      // Whoever is in the middle of asking is told that nobody answers any more.
      expect(asked(first.desk)).rejects.toMatchObject({ code: 'runtime-unreachable' }),
    ])
    expect(left.signal).toBe('SIGKILL')
    const second = await startProcess(world)
    expect((await second.desk.request('grants', {})).grants).toMatchObject([{ pattern: '/x' }])
    expect(await second.desk.request('revoke', { child: 'agent', capabilities: read('/x'), ...by })).toMatchObject({
      how: ['operator grant removed'],
    })
    expect((await second.kill('SIGTERM')).exitCode).toBe(0)
    const verified = await run(['audit', 'verify'], { cwd: world.folder })
    expect(verified.exitCode, verified.stdout).toBe(0)
  })

  it('is where the second of two that want the state directory ends up', async () => {
    world.tree({ child: { component: guestFile('hello'), grants: [] } })
    const session = await world.start()
    await session.reaches('child', 'completed')
    const desk = await openDesk(world.path('.bulkhead'))
    expect(desk.mode).toBe('running')
    await desk.request('grant', { child: 'child', capabilities: read('/x'), ...by })
    expect(session.runtime.grants('child')).toHaveLength(1)
    await desk.close()
    await world.stop()
    await expect(session.runtime.grant('child', 'filesystem.read=/y')).rejects.toMatchObject({
      code: 'actor-not-running',
    })
    const offline = await openDesk(world.path('.bulkhead'))
    expect(offline.mode).toBe('stopped')
    await offline.close()
  })
})

async function asked(desk: RunningProcess['desk']): Promise<never> {
  while (true) await desk.request('children', {})
}

/** A state directory as a stranger would make it: it leads to the same socket. */
function withAnotherToken(): string {
  const directory = world.path('stranger')
  mkdirSync(directory, { mode: 0o700 })
  const token = readFileSync(world.path('.bulkhead/admin.token'), 'utf8')
  const other = token.replace(/^./, (first) => (first === '0' ? '1' : '0'))
  writeFileSync(join(directory, 'admin.token'), other, { mode: 0o600 })
  writeFileSync(join(directory, 'admin.path'), `${world.path('.bulkhead/admin.sock')}\n`, { mode: 0o600 })
  return directory
}

it.runIf(hasPrlimit())('a disk that takes no more leaves the old in force, and says so', async () => {
  prepare()
  const running = await startProcess(world)
  await running.printed('"type":"child.ready"')
  const { desk, pid } = running
  await desk.request('grant', { child: 'agent', capabilities: read('/before'), ...by })
  limitFiles(pid, '4096')
  const text = '[allow]\nfilesystem.read = ["/ctl/**"]\n'
  const update = { child: 'agent', file: 'new.policy.toml', format: 'native', text, ...by } as const
  await expect(desk.request('policy.update', update)).rejects.toMatchObject({ code: 'state-unwritable' })
  await expect(desk.request('grant', { child: 'agent', capabilities: read('/after'), ...by })).rejects.toMatchObject({
    code: 'state-unwritable',
  })
  expect((await desk.request('grants', {})).grants).toMatchObject([{ pattern: '/before' }])
  expect((await desk.request('policy.history', { child: 'agent' })).versions).toEqual([])
  limitFiles(pid, 'unlimited')
  expect(await desk.request('policy.update', update)).toMatchObject({ version: 1 })
  expect((await running.kill('SIGTERM')).exitCode).toBe(0)
})

function hasPrlimit(): boolean {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** No file of the process may grow beyond this: what a full disk is to it. */
function limitFiles(pid: number, bytes: string): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`])
}
