import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { command, loopOf, namesOf, textOf } from '../support/file-operator.mjs'
import { startHostMutator } from '../support/host-mutator.mjs'
import { startOperator } from '../support/operator-session.mjs'
import { createTestRuntime } from '../support/test-runtime.mjs'

// The escapes that hosts which remember a path instead of a handle cannot prevent.

type Runtime = Awaited<ReturnType<typeof createTestRuntime>>
let runtime: Runtime
let root: string

beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.stop())

/** `box` is granted whole; `out` lies in the same mount and is not. */
beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'bulkhead-escape-')))
  fs.mkdirSync(path.join(root, 'box/d'), { recursive: true })
  fs.mkdirSync(path.join(root, 'out'))
  fs.writeFileSync(path.join(root, 'box/d/secret.txt'), 'MINE')
  fs.writeFileSync(path.join(root, 'out/secret.txt'), 'SECRET')
  return () => fs.rmSync(root, { recursive: true, force: true })
})

const grants = {
  allow: ['read', 'write', 'create', 'delete'].map((action) => `filesystem.${action}=/m/box/**`),
  deadline: '60s',
}
const options = () => ({ mountOnly: { '/m': { host: root, mode: 'write' as const } }, ...grants })
const host = (...names: string[]) => path.join(root, ...names)

const directory = 2
const opened = 3

async function play(frames: Buffer[]) {
  const guest = startOperator(runtime, options())
  const answers = await guest.send(frames)
  expect((await guest.end()).exitCode).toBe(0)
  return answers
}

describe('a directory handle after its directory was moved away', () => {
  const useOldHandle = [
    command.open('secret.txt', opened, { base: directory }),
    command.readAll(opened),
    command.stat('secret.txt', { base: directory }),
    command.open('secret.txt', opened, { base: directory, write: true, truncate: true }),
    command.write(opened, 'EVIL'),
    command.open('planted', opened, { base: directory, write: true, create: true }),
    command.unlink('secret.txt', directory),
    command.mkdir('planted-directory', directory),
    command.rename('secret.txt', '/m/box/stolen', { base: directory, toBase: -1 }),
    command.link('secret.txt', '/m/box/stolen', { base: directory, toBase: -1 }),
  ]

  const nothingHappenedOutside = () => {
    expect(fs.readdirSync(host('out'))).toEqual(['secret.txt'])
    expect(fs.readFileSync(host('out/secret.txt'), 'utf8')).toBe('SECRET')
    expect(fs.existsSync(host('box/stolen'))).toBe(false)
  }

  // Fails when a walk starts from the remembered path of a descriptor instead of from its kernel handle: every one of these
  // then goes through the symlink to `out`. (The stock shim does, in all of them.)
  it('reaches nothing when the guest itself put a symlink in its place', async () => {
    const moved = await play([
      command.open('/m/box/d', directory, { directory: true }),
      command.open('secret.txt', opened, { base: directory }),
      command.readAll(opened),
      command.rename('/m/box/d', '/m/box/e'),
      command.symlink('../out', '/m/box/d'),
      ...useOldHandle,
    ])
    // The neighbours: the handle was good, and moving and linking are allowed.
    expect(moved.slice(0, 5).map(({ errno }) => errno)).toEqual(Array(5).fill('success'))
    expect(textOf(moved[2])).toBe('MINE')
    expect(moved.slice(5).filter(({ errno }) => errno === 'success')).toEqual([])
    nothingHappenedOutside()
    expect(fs.readFileSync(host('box/e/secret.txt'), 'utf8')).toBe('MINE')
  })

  it('lists nothing of the directory that the symlink leads to', async () => {
    const answers = await play([
      command.open('/m/box/d', directory, { directory: true, readdir: true }),
      command.readdir(directory),
      command.rename('/m/box/d', '/m/box/e'),
      command.symlink('../out', '/m/box/d'),
      command.open('.', opened, { base: directory, directory: true, readdir: true }),
      command.readdir(opened),
      command.open('/m/box/d', opened, { directory: true, readdir: true }),
    ])
    expect(namesOf(answers[1])).toEqual(['secret.txt'])
    expect(answers.slice(4).map(({ errno }) => errno === 'success')).toEqual([false, false, false])
  })

  // Fails when an operation below a descriptor does not ask whether the kernel still gives the descriptor the path that was
  // decided on: the directory is now outside, and the handle would carry the guest along.
  it('reaches nothing when the host moved the directory out of the grant', async () => {
    const guest = startOperator(runtime, options())
    const before = await guest.send([
      command.open('/m/box/d', directory, { directory: true }),
      command.open('secret.txt', opened, { base: directory }),
      command.readAll(opened),
    ])
    expect(textOf(before[2])).toBe('MINE')
    fs.renameSync(host('box/d'), host('out/d'))
    const after = await guest.send(useOldHandle)
    expect(after.filter(({ errno }) => errno === 'success')).toEqual([])
    fs.renameSync(host('out/d'), host('box/d'))
    const again = await guest.send([command.open('secret.txt', opened, { base: directory }), command.readAll(opened)])
    expect(textOf(again[1])).toBe('MINE')
    await guest.end()
    nothingHappenedOutside()
  })
})

describe('a race for one directory', () => {
  const raceMs = 2500
  const roundsMax = 10_000_000

  // Fails when any path with more than one segment is handed to the kernel: the swap between check and use then wins in
  // less than a tenth of a second.
  const readLoop = command.loop(
    [command.open('/m/box/d/secret.txt', opened), command.readAll(opened), command.close(opened)],
    { rounds: roundsMax, milliseconds: raceMs, needle: 'SECRET' },
  )
  const writeLoop = command.loop(
    [
      command.open('/m/box/d/secret.txt', opened, { write: true, create: true, truncate: true }),
      command.write(opened, 'EVIL'),
      command.close(opened),
    ],
    { rounds: roundsMax, milliseconds: raceMs },
  )

  it('is not won by two components that swap it for a symlink', async () => {
    const reader = startOperator(runtime, options())
    const swapper = startOperator(runtime, options())
    const swapLoop = command.loop(
      [
        command.rename('/m/box/d', '/m/box/e'),
        command.symlink('../out', '/m/box/d'),
        command.unlink('/m/box/d'),
        command.rename('/m/box/e', '/m/box/d'),
      ],
      { rounds: roundsMax, milliseconds: raceMs },
    )
    // On a busy machine one may have run before the other: then it was no race, and there is another one.
    let wasRace = false
    for (let race = 0; race < 5 && !wasRace; race++) {
      const [read, swapped] = await Promise.all([reader.send([readLoop], 1), swapper.send([swapLoop], 1)])
      const { leaked, succeeded, rounds } = loopOf(read[0])
      expect(leaked).toBe(0)
      wasRace = succeeded > 0 && succeeded < rounds && loopOf(swapped[0]).succeeded > 0
    }
    await Promise.all([reader.end(), swapper.end()])
    expect(wasRace).toBe(true)
  })

  it.each([
    ['reading', readLoop],
    ['writing', writeLoop],
  ])('is not won while the host swaps it: %s', async (_what, loop) => {
    const guest = startOperator(runtime, options())
    const mutator = startHostMutator([
      { verb: 'rename', first: host('box/d'), second: host('box/e') },
      { verb: 'symlink', first: '../out', second: host('box/d') },
      { verb: 'unlink', first: host('box/d'), second: '' },
      { verb: 'rename', first: host('box/e'), second: host('box/d') },
    ])
    const [answer] = await guest.send([loop], 1)
    const cycles = await mutator.stop()
    await guest.end()
    expect(loopOf(answer).leaked).toBe(0)
    expect(loopOf(answer).succeeded).toBeGreaterThan(0)
    expect(cycles).toBeGreaterThan(0)
    expect(fs.readFileSync(host('out/secret.txt'), 'utf8')).toBe('SECRET')
  })
})
