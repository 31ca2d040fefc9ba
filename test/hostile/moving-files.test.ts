import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { command } from '../support/file-operator.mjs'
import { startOperator } from '../support/operator-session.mjs'
import { createTestRuntime } from '../support/test-runtime.mjs'

// Moving never changes what is allowed. Without the comparison of the rules at both ends a guest renames (or links) what it
// may only read to where it may write; without the refusal of files with several names it writes to a file through the one
// name that happens to be granted.

type Runtime = Awaited<ReturnType<typeof createTestRuntime>>
let runtime: Runtime
let root: string

beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.stop())

beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'bulkhead-moving-')))
  for (const name of ['ro/sub', 'rw', 'mixed/corner', 'even']) fs.mkdirSync(path.join(root, name), { recursive: true })
  fs.writeFileSync(path.join(root, 'ro/file'), 'RO')
  fs.writeFileSync(path.join(root, 'ro/sub/file'), 'RO')
  fs.writeFileSync(path.join(root, 'rw/file'), 'RW')
  fs.writeFileSync(path.join(root, 'mixed/corner/file'), 'CORNER')
  fs.writeFileSync(path.join(root, 'even/file'), 'EVEN')
  return () => fs.rmSync(root, { recursive: true, force: true })
})

const host = (...names: string[]) => path.join(root, ...names)
const text = (...names: string[]) => fs.readFileSync(host(...names), 'utf8')
const all = (pattern: string) =>
  ['read', 'write', 'create', 'delete'].map((action) => `filesystem.${action}=${pattern}`)

async function play(frames: Buffer[], extra: { allow: string[]; deny?: string[]; hardlinks?: boolean }) {
  const { hardlinks = false, ...rules } = extra
  const guest = startOperator(runtime, {
    mountOnly: { '/m': { host: root, mode: 'write', hardlinks } },
    deadline: '20s',
    ...rules,
  })
  const answers = await guest.send(frames)
  expect((await guest.end()).exitCode).toBe(0)
  return answers.map(({ errno }) => errno)
}

describe('a file that may be read and removed', () => {
  const rules = { allow: ['filesystem.read=/m/ro/**', 'filesystem.delete=/m/ro/**', ...all('/m/rw/**')] }

  it('is neither renamed nor linked to where it could be written', async () => {
    const outcome = await play(
      [
        command.rename('/m/ro/file', '/m/rw/moved'),
        command.link('/m/ro/file', '/m/rw/linked'),
        command.rename('/m/ro/file', '/m/rw/file'),
      ],
      rules,
    )
    expect(outcome.includes('success')).toBe(false)
    expect([text('ro/file'), text('rw/file'), fs.readdirSync(host('rw'))]).toEqual(['RO', 'RW', ['file']])
  })

  it('may be renamed to where no more is allowed', async () => {
    expect(await play([command.rename('/m/rw/file', '/m/rw/renamed')], rules)).toEqual(['success'])
    expect(text('rw/renamed')).toBe('RW')
  })
})

describe('a directory', () => {
  const rules = { allow: all('/m/**'), deny: ['filesystem.write=/m/mixed/corner/**'] }

  // Decided on the rules below both names, not on the names: without it `mixed` moves and `corner` becomes writable.
  it('is not renamed when the rules below its two names differ: the program is told to copy', async () => {
    const outcome = await play(
      [
        command.rename('/m/mixed', '/m/other'),
        command.open('/m/other/corner/file', 2, { write: true, truncate: true }),
        command.rename('/m/even', '/m/mixed/corner'),
      ],
      rules,
    )
    expect(outcome[0]).toBe('xdev')
    expect(outcome.includes('success')).toBe(false)
    expect(text('mixed/corner/file')).toBe('CORNER')
  })

  it('is renamed when they are the same', async () => {
    expect(await play([command.rename('/m/even', '/m/odd')], rules)).toEqual(['success'])
    expect(text('odd/file')).toBe('EVEN')
  })

  it('is not moved out of its mount', async () => {
    const other = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'bulkhead-other-')))
    const guest = startOperator(runtime, {
      mounts: { '/m': { host: root, mode: 'write' }, '/n': { host: other, mode: 'write' } },
      deadline: '20s',
    })
    const answers = await guest.send([
      command.rename('/m/even', '/n/even'),
      command.rename('/m/rw/file', '/n/file'),
      command.link('/m/rw/file', '/n/file'),
      command.rename('/m/rw/file', '/m/rw/renamed'),
    ])
    await guest.end()
    expect(answers.map(({ errno }) => errno)).toEqual(['xdev', 'xdev', 'xdev', 'success'])
    expect(fs.readdirSync(other)).toEqual([])
    fs.rmSync(other, { recursive: true })
  })
})

describe('a file with several names', () => {
  const writing = [
    command.open('/m/rw/alias', 2, { write: true }),
    command.open('/m/rw/alias', 2, { write: true, truncate: true }),
    command.open('/m/rw/alias', 2, { write: true, append: true }),
    command.open('/m/rw/alias', 2),
  ]
  const rules = { allow: all('/m/rw/**') }
  const linkIt = () => fs.linkSync(host('ro/file'), host('rw/alias'))

  it('is not opened for writing, but may be read', async () => {
    linkIt()
    const outcome = await play(writing, rules)
    expect(outcome.map((errno) => errno === 'success')).toEqual([false, false, false, true])
    expect(text('ro/file')).toBe('RO')
  })

  it('is opened for writing where the mount says so', async () => {
    linkIt()
    expect(await play(writing.slice(0, 1), { ...rules, hardlinks: true })).toEqual(['success'])
  })

  it('is written again when one name is left', async () => {
    linkIt()
    fs.rmSync(host('ro/file'))
    expect(await play(writing.slice(0, 1), rules)).toEqual(['success'])
  })
})

describe('a path with NUL, or a symlink that leads out', () => {
  it('is refused where the plain path is served', async () => {
    fs.symlinkSync('../ro/file', host('rw/out'))
    fs.symlinkSync('file', host('rw/in'))
    const outcome = await play(
      [
        command.open('/m/rw/file', 2),
        command.open('/m/rw/file\0', 2),
        command.open('/m/rw/file\0.txt', 2, { write: true }),
        command.open('/m/rw/in', 2),
        command.open('/m/rw/out', 2),
        command.open('/m/rw/out', 2, { write: true, truncate: true }),
        command.symlink('/etc', '/m/rw/absolute'),
        command.symlink('file', '/m/rw/relative'),
      ],
      { allow: all('/m/rw/**') },
    )
    const served = outcome.map((errno) => errno === 'success')
    expect(served).toEqual([true, false, false, true, false, false, false, true])
    expect([text('ro/file'), text('rw/file')]).toEqual(['RO', 'RW'])
  })
})
