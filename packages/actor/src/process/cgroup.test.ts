import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ambientCgroups, findCgroupPlace, makeCgroup } from './cgroup.js'

// The files of a delegated tree, without a kernel behind them.

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroup-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function group(path: string, handsDown: string) {
  mkdirSync(join(root, path), { recursive: true })
  writeFileSync(join(root, path, 'cgroup.procs'), '')
  writeFileSync(join(root, path, 'cgroup.subtree_control'), handsDown)
}

describe('a place for groups', () => {
  it('is our own group, or the one above, whichever hands the memory controller down', () => {
    group('app', 'cpu memory pids\n')
    group('app/service', '')
    const view = { root, own: '0::/app/service\n' }
    expect(findCgroupPlace(view)).toEqual({ directory: join(root, 'app') })
    writeFileSync(join(root, 'app/service/cgroup.subtree_control'), 'memory')
    expect(findCgroupPlace(view)).toEqual({ directory: join(root, 'app/service') })
  })

  it.each([
    ['nothing is handed down', 'cpu pids\n', '0::/app/service\n'],
    ['another word begins like it', 'memoryless\n', '0::/app/service\n'],
    ['version 1 alone', 'memory\n', '4:memory:/app/service\n'],
    ['nothing is told', 'memory\n', ''],
    ['it is elsewhere', 'memory\n', '0::/nowhere/else\n'],
  ])('is nowhere when %s', (_name, handsDown, own) => {
    group('app', handsDown)
    group('app/service', handsDown)
    expect(findCgroupPlace({ root, own })).toBeUndefined()
  })

  it('is looked for where this process is', () => {
    expect(ambientCgroups().root).toBe('/sys/fs/cgroup')
  })
})

describe('a group', () => {
  it('has a limit, takes a process in, and is removed', () => {
    group('app', 'memory')
    const place = { directory: join(root, 'app') }
    const made = makeCgroup(place, 'actor-1', 1_000_000)
    const directory = join(root, 'app/actor-1')
    expect(readFileSync(join(directory, 'memory.max'), 'utf8')).toBe('1000000')
    // Files of controllers that are not handed down are not there, and are not made.
    expect(existsSync(join(directory, 'pids.max'))).toBe(false)
    made?.enter(42)
    expect(readFileSync(join(directory, 'cgroup.procs'), 'utf8')).toBe('42')
    // It cannot be removed while the kernel holds files in it, and that is no failure.
    made?.remove()
    rmSync(join(directory, 'memory.max'))
    rmSync(join(directory, 'cgroup.procs'))
    made?.remove()
    expect(existsSync(directory)).toBe(false)
  })

  it('takes no process in that the kernel does not move, and says nothing', () => {
    group('app', 'memory')
    const made = makeCgroup({ directory: join(root, 'app') }, 'actor-1', 1_000_000)
    mkdirSync(join(root, 'app/actor-1/cgroup.procs'))
    made?.enter(42)
  })

  it('that cannot be made is none', () => {
    expect(makeCgroup({ directory: join(root, 'nowhere') }, 'actor-1', 1)).toBeUndefined()
  })
})
