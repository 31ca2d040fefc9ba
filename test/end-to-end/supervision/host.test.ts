import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../command.js'
import { startTree, treeFolder, writeTree } from './supervised-tree.js'

/** A directory of programs with everything that a tree needs but bubblewrap. */
function pathWithoutWalls(): string {
  const folder = join(treeFolder(), 'bin')
  mkdirSync(folder)
  symlinkSync(process.execPath, join(folder, 'node'))
  return folder
}

const spinner = { guest: 'spin', grants: [], entry: 'deadline = "150ms"\nexpect = "quarantined"' }
const liar = {
  guest: 'forged-handle-never',
  grants: ['filesystem.read = ["/d"]'],
  entry: 'expect = "quarantined"\nmounts = { "/d" = "." }',
}

describe('a host that is killed', () => {
  it('has forgotten nothing when it comes back: a rung, a quarantine', async () => {
    const folder = treeFolder()
    const children = { spinner: { ...spinner, entry: 'deadline = "150ms"\nrestart = "permanent"' }, liar }
    writeTree(folder, children)
    let isKilled = false
    const first = await run(['run', 'bulkhead.toml'], {
      cwd: folder,
      onOutput: (stdout, child) => {
        if (isKilled || !/child\.restarted +spinner .*level process/.test(stdout)) return
        if (!/child\.quarantined +liar/.test(stdout)) return
        isKilled = true
        child.kill('SIGKILL')
      },
    })
    expect(first.signal, first.stdout + first.stderr).toBe('SIGKILL')
    let isAsked = false
    const second = await run(['run', 'bulkhead.toml'], {
      cwd: folder,
      onOutput: (stdout, child) => {
        if (isAsked || !/child\.exited +spinner/.test(stdout)) return
        isAsked = true
        child.kill('SIGTERM')
      },
    })
    expect(second.stdout).toMatch(/supervisor\.reconciled/)
    expect(second.stdout).toMatch(/liar +quarantined +0 /)
    expect(second.stdout).not.toMatch(/child\.(ready|starting) +liar/)
    // It went on from its rung: nobody climbed in this life.
    expect(second.stdout).toMatch(/child\.ready +spinner/)
    expect(second.stdout).not.toMatch(/child\.(reduced|isolated)/)
    const verified = await run(['audit', 'verify'], { cwd: folder })
    expect(verified.stdout).toMatch(/^(intact|unsealed-tail)/)
    const changes = await run(['audit', 'query', '--json'], { cwd: folder })
    expect(changes.stdout).toContain('isolation-changed')
  }, 60_000)
})

describe('a host without bubblewrap', () => {
  it('goes from reduced to quarantine', async () => {
    const folder = treeFolder()
    writeTree(folder, { spinner })
    const done = await run(['run', 'bulkhead.toml'], { cwd: folder, env: { PATH: pathWithoutWalls() } })
    expect(done.exitCode, done.stdout + done.stderr).toBe(0)
    expect(done.stdout).toMatch(/child\.reduced +spinner/)
    expect(done.stdout).toMatch(/child\.quarantined +spinner/)
    expect(done.stdout).not.toMatch(/child\.isolated/)
  }, 60_000)

  it('starts no tree that requires it, and says what is missing', async () => {
    const folder = treeFolder()
    writeTree(folder, { honest: { guest: 'hello', grants: [] } }, { top: 'require_walls = ["bubblewrap"]' })
    const done = await run(['run', 'bulkhead.toml'], { cwd: folder, env: { PATH: pathWithoutWalls() } })
    expect(done.exitCode).not.toBe(0)
    expect(done.stderr).toMatch(/walls-missing|the wall `bubblewrap` is not up/)
    expect(done.stderr).toContain('install the package bubblewrap')
    expect(done.stdout).not.toContain('honest │ hello')
    const walled = await run(['run', 'bulkhead.toml'], { cwd: folder })
    expect(walled.exitCode, walled.stderr).toBe(0)
  }, 60_000)

  it('isolates in a plain process where the tree says that this will do', async () => {
    const folder = treeFolder()
    writeTree(folder, { spinner }, { top: 'process_rung = "weak"' })
    const done = await run(['run', 'bulkhead.toml'], { cwd: folder, env: { PATH: pathWithoutWalls() } })
    expect(done.exitCode, done.stdout + done.stderr).toBe(0)
    expect(done.stdout).toMatch(/child\.restarted +spinner .*level process/)
  }, 60_000)

  it('isolates nobody with files in one', async () => {
    const folder = treeFolder()
    writeTree(folder, { liar }, { top: 'process_rung = "weak"' })
    const done = await run(['run', 'bulkhead.toml'], { cwd: folder })
    expect(done.exitCode).toBe(2)
    expect(done.stderr).toMatch(/bulkhead\.toml:\d+:\d+: .*process_rung = "weak"/)
  })
})

describe('memory', () => {
  it('is promised to as many as there is for; the others wait, and start when it is theirs', async () => {
    const { runtime, saw, report, events } = await startTree(
      treeFolder(),
      { first: {}, second: {} },
      { top: `overcommit = ${budgetOf(1.5)}` },
    )
    expect(report('first').state).toBe('running')
    expect(report('second')).toMatchObject({ state: 'waiting', reason: 'memory' })
    expect((await saw('second', 'child.waiting')).reason).toMatch(/^memory: its \d+ bytes would make/)
    expect(events.find(({ type }) => type === 'supervisor.started')?.reason).toMatch(/may be promised \(overcommit 0/)
    const ended = saw('second', 'child.ready')
    await runtime.publish('first.do', new TextEncoder().encode('trap'))
    await ended
    expect(report('first').state).toMatch(/backoff|waiting/)
  }, 60_000)
})

/** An overcommit that leaves room for so many children as they are by default. */
function budgetOf(children: number): number {
  const physicalBytes = Number(/MemTotal: +(\d+) kB/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024
  return (children * (128 * 1024 * 1024 + 512 * 1024)) / (0.7 * physicalBytes)
}

it('says which walls are up', async () => {
  const { runtime } = await startTree(treeFolder(), { only: {} })
  const { up, missing } = await runtime.walls()
  expect([...up, ...missing.map(({ wall }) => wall)].sort()).toEqual([
    'bubblewrap',
    'cgroup',
    'data-limit',
    'syscall-filter',
  ])
})
