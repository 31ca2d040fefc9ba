// What a well-behaved guest does with files: all of `wasi:filesystem/types`.
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  bytesOf,
  cleanUp,
  type Fd,
  follow,
  namesIn,
  noFollow,
  open,
  outcome,
  TestGuest,
  temporaryDirectory,
  writeText,
} from '../guest.test-support.js'

let host: string
let guest: TestGuest
let root: Fd

beforeEach(() => {
  host = temporaryDirectory()
  fs.writeFileSync(path.join(host, 'in.txt'), 'hello world')
  const allow = ['read', 'write', 'create', 'delete'].map((action) => `${action} /data/**`)
  guest = new TestGuest({ allow, mounts: { '/data': { host } } })
  root = guest.root()
})
afterEach(cleanUp)

const onHost = (name: string): string => fs.readFileSync(path.join(host, name), 'utf8')

describe('opening', () => {
  it('creates, truncates and keeps as asked', () => {
    writeText(root, 'data/new.txt', 'first')
    writeText(root, 'data/new.txt', 'X', { truncate: false })
    expect(onHost('new.txt')).toBe('Xirst')
    writeText(root, 'data/new.txt', 'Y')
    expect(onHost('new.txt')).toBe('Y')
    expect(outcome(() => open(root, 'data/new.txt', { write: true, create: true, exclusive: true }))).toBe('exist')
    expect(outcome(() => open(root, 'data/absent'))).toBe('no-entry')
    expect(outcome(() => open(root, 'data/in.txt', { directory: true }))).toBe('not-directory')
    expect(outcome(() => open(root, 'data', { write: true }))).toBe('is-directory')
    expect(outcome(() => open(root, 'data', { create: true }))).toBe('is-directory')
    expect(outcome(() => open(root, 'data/d/', { create: true }))).toBe('invalid')
  })

  it('a descriptor does what it was opened for, and no more', () => {
    const reading = open(root, 'data/in.txt')
    const writing = open(root, 'data/in.txt', { write: true })
    expect(outcome(() => reading.write(bytesOf('x'), 0n))).toBe('bad-descriptor')
    expect(outcome(() => reading.setSize(1n))).toBe('bad-descriptor')
    expect(outcome(() => writing.read(1n, 0n))).toBe('bad-descriptor')
    expect(reading.getFlags()).toMatchObject({ read: true, write: false })
    expect(writing.getFlags()).toMatchObject({ read: false, write: true })
    expect(reading.getType()).toBe('regular-file')
    expect(root.getType()).toBe('directory')
    expect(outcome(() => root.read(1n, 0n))).toBe('is-directory')
    expect(outcome(() => reading.readDirectory())).toBe('not-directory')
    expect(outcome(() => open(reading, 'x'))).toBe('not-directory')
  })

  it('asks read, write and create as they are granted', () => {
    fs.mkdirSync(path.join(host, 'drop'))
    fs.writeFileSync(path.join(host, 'drop', 'old'), 'OLD')
    const only = (allow: string[], deny: string[] = []): Fd =>
      new TestGuest({ allow, deny, mounts: { '/data': { host } } }).root()
    const writer = only(['write /data/**'])
    expect(outcome(() => open(writer, 'data/in.txt', { read: true, write: true }))).toBe('access')
    expect(outcome(() => open(writer, 'data/in.txt', { write: true }))).toBe('ok')
    expect(outcome(() => open(writer, 'data/made', { write: true, create: true }))).toBe('ok')
    const reader = only(['read /data/**'])
    expect(outcome(() => open(reader, 'data/made2', { read: true, create: true }))).toBe('access')
    expect(outcome(() => open(reader, 'data/in.txt', { read: true, create: true }))).toBe('ok')
    expect(outcome(() => open(reader, 'data/in.txt', { read: true, truncate: true }))).toBe('access')
    const dropper = only(['create /data/drop/**'])
    writeText(dropper, 'data/drop/new', 'NEW', { truncate: false })
    expect(onHost('drop/new')).toBe('NEW')
    expect(outcome(() => writeText(dropper, 'data/drop/old', 'EVIL'))).toBe('access')
    expect(outcome(() => writeText(dropper, 'data/drop/new', 'EVIL', { truncate: false }))).toBe('access')
    const denied = only(['write /data/**', 'create /data/**'], ['write /data/drop/**'])
    expect(outcome(() => writeText(denied, 'data/drop/x', 'EVIL'))).toBe('access')
    expect(outcome(() => writeText(denied, 'data/x', 'FINE'))).toBe('ok')
    expect(onHost('drop/old')).toBe('OLD')
  })
})

describe('contents', () => {
  it('reads and writes at offsets, to the end', () => {
    const fd = open(root, 'data/in.txt', { read: true, write: true })
    expect(Buffer.from(fd.read(5n, 6n)[0]).toString()).toBe('world')
    expect(fd.read(5n, 11n)).toEqual([new Uint8Array(0), true])
    expect(fd.read(5n, 2n ** 64n - 1n)).toEqual([new Uint8Array(0), true])
    expect(fd.read(0n, 0n)).toEqual([new Uint8Array(0), false])
    expect(fd.write(bytesOf('W'), 6n)).toBe(1n)
    expect(fd.write(bytesOf('!'), 11n)).toBe(1n)
    expect(onHost('in.txt')).toBe('hello World!')
    fd.setSize(5n)
    expect(onHost('in.txt')).toBe('hello')
    expect(outcome(() => fd.write(bytesOf('x'), 2n ** 63n))).toBe('file-too-large')
    expect(outcome(() => fd.setSize(9007199254740992n))).toBe('file-too-large')
    fd.sync()
    fd.syncData()
    fd.advise(0n, 10n, 'sequential')
    root.sync()
  })

  it('reads at most what one call may return', () => {
    fs.writeFileSync(path.join(host, 'big'), Buffer.alloc(3 << 20, 7))
    const fd = open(root, 'data/big')
    expect(fd.read(2n ** 64n - 1n, 0n)[0].byteLength).toBe(1 << 20)
    expect(fd.read(2n ** 40n, BigInt((3 << 20) - 100))[0].byteLength).toBe(100)
  })

  it('keeps times to the microsecond', () => {
    const time = (seconds: bigint, nanoseconds: number) => ({ tag: 'timestamp', val: { seconds, nanoseconds } })
    root.setTimesAt(follow, 'data/in.txt', time(100n, 0), time(1_600_000_000n, 500_000_000))
    const stat = fs.statSync(path.join(host, 'in.txt'))
    expect([stat.atimeMs, stat.mtimeMs]).toEqual([100_000, 1_600_000_000_500])
    root.setTimesAt(follow, 'data/in.txt', { tag: 'no-change' }, { tag: 'now' })
    const later = fs.statSync(path.join(host, 'in.txt'))
    expect(later.atimeMs).toBe(100_000)
    expect(later.mtimeMs).toBeCloseTo(1_700_000_000_123, 0)
    const fd = open(root, 'data/in.txt')
    fd.setTimes(time(5n, 0), { tag: 'no-change' })
    expect(fs.statSync(path.join(host, 'in.txt')).atimeMs).toBe(5000)
    expect(outcome(() => fd.setTimes(time(5n, 1_000_000_000), { tag: 'now' }))).toBe('invalid')
    expect(outcome(() => fd.setTimes(time(2n ** 63n, 0), { tag: 'now' }))).toBe('overflow')
    fs.symlinkSync('in.txt', path.join(host, 'l'))
    root.setTimesAt(noFollow, 'data/l', { tag: 'no-change' }, time(9n, 0))
    expect(fs.lstatSync(path.join(host, 'l')).mtimeMs).toBe(9000)
    root.setTimesAt(follow, 'data', { tag: 'no-change' }, time(9n, 0))
    expect(fs.statSync(host).mtimeMs).toBe(9000)
  })
})

describe('directories', () => {
  it('makes, lists and removes', () => {
    root.createDirectoryAt('data/d')
    root.createDirectoryAt('data/d/e/')
    writeText(root, 'data/d/f', 'F')
    expect(outcome(() => root.createDirectoryAt('data/d'))).toBe('exist')
    expect(outcome(() => root.createDirectoryAt('data/d/..'))).toBe('exist')
    expect(outcome(() => root.createDirectoryAt('data/no/x'))).toBe('no-entry')
    expect(namesIn(open(root, 'data/d', { directory: true }))).toEqual(['e', 'f'])
    expect(outcome(() => root.removeDirectoryAt('data/d'))).toBe('not-empty')
    expect(outcome(() => root.removeDirectoryAt('data/d/f'))).toBe('not-directory')
    expect(outcome(() => root.unlinkFileAt('data/d/e'))).toBe('is-directory')
    expect(outcome(() => root.unlinkFileAt('data/d/f/'))).toBe('not-directory')
    root.unlinkFileAt('data/d/f')
    root.removeDirectoryAt('data/d/e/')
    root.removeDirectoryAt('data/d')
    expect(fs.readdirSync(host)).toEqual(['in.txt'])
  })

  it('lists a thousand entries with their types', () => {
    fs.mkdirSync(path.join(host, 'many'))
    for (let n = 0; n < 1000; n++) fs.writeFileSync(path.join(host, 'many', `f${n}`), '')
    fs.mkdirSync(path.join(host, 'many', 'sub'))
    fs.symlinkSync('f1', path.join(host, 'many', 'link'))
    const listing = open(root, 'data/many').readDirectory()
    const types = new Map<string, string>()
    for (let entry = listing.readDirectoryEntry(); entry !== undefined; entry = listing.readDirectoryEntry()) {
      types.set(entry.name, entry.type)
    }
    expect(types.size).toBe(1002)
    expect([types.get('f7'), types.get('sub'), types.get('link')]).toEqual([
      'regular-file',
      'directory',
      'symbolic-link',
    ])
    expect(listing.readDirectoryEntry()).toBeUndefined()
  })

  it('an entry can be looked at by the name that the listing gave', () => {
    fs.mkdirSync(path.join(host, 'a'))
    for (const name of namesIn(open(root, 'data', { directory: true }))) {
      expect(['directory', 'regular-file']).toContain(root.statAt(noFollow, `data/${name}`).type)
      root.metadataHashAt(noFollow, `data/${name}`)
    }
  })
})

describe('identity', () => {
  it('stat tells what the disk says', () => {
    const stat = root.statAt(follow, 'data/in.txt')
    const real = fs.statSync(path.join(host, 'in.txt'), { bigint: true })
    expect(stat).toMatchObject({ type: 'regular-file', size: 11n, linkCount: 1n })
    expect(stat.dataModificationTimestamp?.seconds).toBe(real.mtimeNs / 1_000_000_000n)
    expect(open(root, 'data/in.txt').stat()).toEqual(stat)
  })

  it('the same object has the same hash, another has another, and neither tells the inode', () => {
    fs.writeFileSync(path.join(host, 'other'), '')
    fs.symlinkSync('in.txt', path.join(host, 'l'))
    const first = root.metadataHashAt(follow, 'data/in.txt')
    expect(root.metadataHashAt(follow, 'data/l')).toEqual(first)
    expect(open(root, 'data/in.txt').metadataHash()).toEqual(first)
    expect(root.metadataHashAt(noFollow, 'data/l')).not.toEqual(first)
    expect(root.metadataHashAt(follow, 'data/other')).not.toEqual(first)
    const again = new TestGuest({ allow: ['read /data/**'], mounts: { '/data': { host } } }).root()
    expect(again.metadataHashAt(follow, 'data/in.txt')).not.toEqual(first)
    expect(open(root, 'data/in.txt').isSameObject(open(root, 'data/l'))).toBe(true)
    expect(open(root, 'data/in.txt').isSameObject(open(root, 'data/other'))).toBe(false)
    expect(open(root, 'data').isSameObject(open(root, 'data/.'))).toBe(true)
    expect(root.isSameObject(guest.root())).toBe(true)
    expect(root.isSameObject(open(root, 'data'))).toBe(false)
  })
})

describe('records', () => {
  it('name the decision, its rule and layer, before the act; uses are counted at close', () => {
    const fd = open(root, 'data/in.txt', { read: true, write: true })
    for (let n = 0; n < 3; n++) fd.read(2n, 0n)
    fd.write(bytesOf('J'), 0n)
    fd.write(bytesOf('e'), 1n)
    guest.nowNs += 1_000_000_000n
    fd[Symbol.dispose]()
    open(root, 'data/in.txt')
    const seen = guest.records.map(({ action, verdict, count, rule }) => ({ action, verdict, count, rule }))
    const rule = (action: string) => ({ verdict: 'granted', rule: '/data/** (test.toml:1)', action })
    expect(seen.slice(0, 4)).toEqual([
      { ...rule('read'), count: 1 },
      { ...rule('write'), count: 1 },
      { ...rule('read'), count: 3 },
      { ...rule('write'), count: 2 },
    ])
    expect(guest.host.close()).toMatchObject({ checksDenied: 0, bytesRead: 6, bytesWritten: 2 })
  })

  it('a run of identical decisions shares records, and loses none', () => {
    for (let n = 0; n < 50; n++) open(root, 'data/in.txt')[Symbol.dispose]()
    expect(guest.records).toHaveLength(1)
    expect(guest.host.close().checksGranted).toBe(50)
    expect(guest.records.map(({ count }) => count)).toEqual([1, 49])
  })

  it('a denied look-up carries the host path whose absence would make it a probe; other denials do not', () => {
    const narrow = new TestGuest({ allow: ['read /data/in.txt'], mounts: { '/data': { host } } })
    outcome(() => narrow.root().statAt(follow, 'data/pyvenv.cfg'))
    outcome(() => narrow.root().statAt(follow, 'usr/lib/x'))
    outcome(() => narrow.root().unlinkFileAt('data/in.txt'))
    expect(narrow.records.map(({ action, resource, probeHostPath }) => [action, resource, probeHostPath])).toEqual([
      ['read', '/data/pyvenv.cfg', path.join(host, 'pyvenv.cfg')],
      ['read', '/usr/lib/x', '/usr/lib/x'],
      ['delete', '/data/in.txt', undefined],
    ])
  })
})
