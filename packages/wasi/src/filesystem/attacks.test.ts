// What hostile guests try with files, each beside the allowed neighbour. Real files; nothing is mocked.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  cleanUp,
  type Fd,
  follow,
  namesIn,
  noFollow,
  open,
  outcome,
  readText,
  TestGuest,
  temporaryDirectory,
  writeText,
} from '../guest.test-support.js'

afterEach(cleanUp)

/** A box that is mounted and granted whole, and a secret beside it. */
function boxAndSecret(actions: readonly string[] = ['read', 'write', 'create', 'delete']): {
  readonly box: string
  readonly out: string
  readonly guest: TestGuest
  readonly root: Fd
} {
  const top = temporaryDirectory()
  const box = path.join(top, 'box')
  const out = path.join(top, 'out')
  fs.mkdirSync(box)
  fs.mkdirSync(out)
  fs.writeFileSync(path.join(out, 'secret.txt'), 'SECRET')
  fs.writeFileSync(path.join(box, 'in.txt'), 'IN')
  const guest = new TestGuest({
    allow: actions.map((action) => `${action} /box/**`),
    mounts: { '/box': { host: box } },
  })
  return { box, out, guest, root: guest.root() }
}

/** Lets the host act right before the guest's nth `open`. */
function beforeOpen(nth: number, act: () => void): typeof fs {
  let opens = 0
  const openSync: typeof fs.openSync = (...args) => {
    opens += 1
    if (opens === nth) act()
    return fs.openSync(...args)
  }
  return { ...fs, openSync }
}

describe('a directory that the host moves away', () => {
  function movable(nthOpen: number) {
    const top = temporaryDirectory()
    fs.mkdirSync(path.join(top, 'pub/d/x'), { recursive: true })
    fs.mkdirSync(path.join(top, 'kept'))
    fs.writeFileSync(path.join(top, 'pub/d/file'), 'PUBLIC')
    const move = (): void => {
      fs.renameSync(path.join(top, 'pub/d'), path.join(top, 'kept/d'))
      fs.writeFileSync(path.join(top, 'kept/d/file'), 'SECRET')
      fs.writeFileSync(path.join(top, 'kept/d/secret-name'), '')
    }
    const guest = new TestGuest({
      allow: ['read /m/pub/**', 'write /m/pub/**'],
      mounts: { '/m': { host: top } },
      powers: { fs: beforeOpen(nthOpen, move) },
    })
    return { top, guest, move, d: open(guest.root(), 'm/pub/d', { directory: true }) }
  }
  const longWay = 'x/../'.repeat(200)

  it('is not opened in at the end of a long walk that began before', () => {
    expect(outcome(() => readText(movable(100).d, `${longWay}file`))).toBe('no-entry')
    expect(outcome(() => writeText(movable(100).d, `${longWay}file`, 'EVIL'))).toBe('no-entry')
    expect(outcome(() => movable(100).d.statAt(follow, `${longWay}file`))).toBe('no-entry')
    expect(outcome(() => movable(100).d.statAt(follow, `${longWay}x`))).toBe('no-entry')
    expect(readText(movable(100_000).d, `${longWay}file`)).toBe('PUBLIC')
  })

  it('gives back what such a walk held', () => {
    const { d, guest } = movable(100)
    const before = guest.host.openDescriptors()
    expect(outcome(() => readText(d, `${longWay}file`))).toBe('no-entry')
    expect(guest.host.openDescriptors()).toBe(before)
  })

  it('is not reached by `..` from below, when what is below came back to its old path', () => {
    const { top, d } = movable(100_000)
    const x = open(d, 'x', { directory: true })
    fs.renameSync(path.join(top, 'pub/d'), path.join(top, 'kept/d'))
    fs.writeFileSync(path.join(top, 'kept/d/file'), 'SECRET')
    fs.mkdirSync(path.join(top, 'pub/d'))
    fs.renameSync(path.join(top, 'kept/d/x'), path.join(top, 'pub/d/x'))
    expect(x.getType()).toBe('directory')
    expect(outcome(() => x.statAt(follow, '.'))).toBe('ok')
    expect(outcome(() => readText(x, '../file'))).toBe('no-entry')
  })

  it('is not listed any further', () => {
    const { d, move } = movable(100_000)
    const listing = d.readDirectory()
    move()
    expect(outcome(() => listing.readDirectoryEntry())).toBe('no-entry')
  })
})

describe('symbolic links', () => {
  it('a directory that was renamed away leads nowhere, also with a link out in its place', () => {
    const { box, out, root } = boxAndSecret()
    fs.mkdirSync(path.join(box, 'd'))
    fs.writeFileSync(path.join(box, 'd', 'secret.txt'), 'MINE')
    const d = open(root, 'box/d', { directory: true })
    expect(readText(d, 'secret.txt')).toBe('MINE')
    root.renameAt('box/d', root, 'box/e')
    fs.symlinkSync('../out', path.join(box, 'd'))
    expect(outcome(() => readText(d, 'secret.txt'))).toBe('no-entry')
    expect(outcome(() => writeText(d, 'new.txt', 'EVIL'))).toBe('no-entry')
    expect(outcome(() => d.unlinkFileAt('secret.txt'))).toBe('no-entry')
    expect(outcome(() => d.readDirectory())).toBe('no-entry')
    expect(outcome(() => readText(root, 'box/d/secret.txt'))).toBe('access')
    expect(readText(root, 'box/e/secret.txt')).toBe('MINE')
    expect(fs.readdirSync(out)).toEqual(['secret.txt'])
  })

  it.each([
    '../out/secret.txt',
    '../../out/secret.txt',
    '../../../../../../etc/passwd',
    '/etc/passwd',
    '/proc/self/environ',
  ])('a link to %s is not followed out', (target) => {
    const { box, root } = boxAndSecret()
    fs.symlinkSync(target, path.join(box, 'l'))
    expect(outcome(() => readText(root, 'box/l'))).toBe('access')
    expect(outcome(() => root.statAt(follow, 'box/l'))).toBe('access')
    expect(outcome(() => writeText(root, 'box/l', 'EVIL'))).toBe('access')
    expect(root.statAt(noFollow, 'box/l').type).toBe('symbolic-link')
  })

  it('follows relative links inside, and absolute ones from the root of the guest', () => {
    const { box, root } = boxAndSecret()
    fs.mkdirSync(path.join(box, 'a'))
    fs.symlinkSync('../in.txt', path.join(box, 'a', 'relative'))
    fs.symlinkSync('/box/in.txt', path.join(box, 'a', 'absolute'))
    fs.symlinkSync('a', path.join(box, 'dir'))
    expect(readText(root, 'box/a/relative')).toBe('IN')
    expect(readText(root, 'box/a/absolute')).toBe('IN')
    expect(readText(root, 'box/dir/../in.txt')).toBe('IN')
    expect(outcome(() => readText(root, 'box/a/relative', { follow: false }))).toBe('loop')
  })

  it('`..` behind a link is not lexical', () => {
    const { box, root } = boxAndSecret()
    fs.mkdirSync(path.join(box, 'x', 'y'), { recursive: true })
    fs.writeFileSync(path.join(box, 'x', 'f'), 'X')
    fs.writeFileSync(path.join(box, 'f'), 'BOX')
    fs.symlinkSync('x/y', path.join(box, 'l'))
    expect(readText(root, 'box/l/../f')).toBe('X')
  })

  it('answers a loop with loop where the name is granted, and with access elsewhere', () => {
    const { box, root } = boxAndSecret()
    fs.symlinkSync('b', path.join(box, 'a'))
    fs.symlinkSync('a', path.join(box, 'b'))
    expect(outcome(() => readText(root, 'box/a'))).toBe('loop')
    expect(outcome(() => readText(root, 'box/a/x'))).toBe('loop')
    const narrow = new TestGuest({ allow: ['read /box/in.txt'], mounts: { '/box': { host: box } } })
    expect(outcome(() => readText(narrow.root(), 'box/a'))).toBe('access')
    expect(readText(narrow.root(), 'box/in.txt')).toBe('IN')
  })

  it('forty links are followed, forty-one are not', () => {
    const { box, root } = boxAndSecret()
    fs.writeFileSync(path.join(box, 'l0'), 'END')
    for (let n = 1; n <= 41; n++) fs.symlinkSync(`l${n - 1}`, path.join(box, `l${n}`))
    expect(readText(root, 'box/l40')).toBe('END')
    expect(outcome(() => readText(root, 'box/l41'))).toBe('loop')
  })

  it('decides on the name that a link leads to, not on its own', () => {
    const { box } = boxAndSecret()
    fs.writeFileSync(path.join(box, 'key.pem'), 'KEY')
    fs.writeFileSync(path.join(box, 'a.txt'), 'A')
    fs.symlinkSync('key.pem', path.join(box, 'key.txt'))
    fs.symlinkSync('a.txt', path.join(box, 'other.pem'))
    const root = new TestGuest({ allow: ['read /box/*.txt'], mounts: { '/box': { host: box } } }).root()
    expect(outcome(() => readText(root, 'box/key.txt'))).toBe('access')
    expect(readText(root, 'box/other.pem')).toBe('A')
  })

  it('creates through a dangling link only where its target may be created', () => {
    const { box, out, root } = boxAndSecret()
    fs.symlinkSync('../out/new.txt', path.join(box, 'bad'))
    fs.symlinkSync('new.txt', path.join(box, 'good'))
    expect(outcome(() => writeText(root, 'box/bad', 'EVIL'))).toBe('access')
    expect(outcome(() => root.createDirectoryAt('box/bad/x'))).toBe('access')
    writeText(root, 'box/good', 'FINE')
    expect(fs.readFileSync(path.join(box, 'new.txt'), 'utf8')).toBe('FINE')
    expect(outcome(() => writeText(root, 'box/good', 'X', { exclusive: true }))).toBe('exist')
    expect(fs.readdirSync(out)).toEqual(['secret.txt'])
  })

  it.each([
    ['unlink', (root: Fd) => root.unlinkFileAt('box/d/secret.txt')],
    ['rmdir', (root: Fd) => root.removeDirectoryAt('box/d/sub')],
    ['mkdir', (root: Fd) => root.createDirectoryAt('box/d/new')],
    ['rename into', (root: Fd) => root.renameAt('box/in.txt', root, 'box/d/moved')],
    ['rename out of', (root: Fd) => root.renameAt('box/d/secret.txt', root, 'box/moved')],
    ['hard link', (root: Fd) => root.linkAt(noFollow, 'box/d/secret.txt', root, 'box/h')],
    ['symlink', (root: Fd) => root.symlinkAt('x', 'box/d/l')],
    ['set-times', (root: Fd) => root.setTimesAt(follow, 'box/d/secret.txt', { tag: 'now' }, { tag: 'now' })],
    ['readlink', (root: Fd) => root.readlinkAt('box/d/secret.txt')],
  ])('%s through a linked directory outside is denied', (_name, act) => {
    const { box, out, root } = boxAndSecret()
    fs.mkdirSync(path.join(out, 'sub'))
    fs.symlinkSync('../out', path.join(box, 'd'))
    expect(outcome(() => act(root))).toBe('access')
    expect(fs.readdirSync(out).sort()).toEqual(['secret.txt', 'sub'])
    expect(fs.readFileSync(path.join(box, 'in.txt'), 'utf8')).toBe('IN')
  })

  it('unlinks and replaces a link itself, never its target', () => {
    const { box, out, root } = boxAndSecret()
    fs.symlinkSync('../out/secret.txt', path.join(box, 'l'))
    root.unlinkFileAt('box/l')
    fs.symlinkSync('../out/secret.txt', path.join(box, 'l'))
    root.renameAt('box/in.txt', root, 'box/l')
    expect(fs.readFileSync(path.join(box, 'l'), 'utf8')).toBe('IN')
    expect(fs.readFileSync(path.join(out, 'secret.txt'), 'utf8')).toBe('SECRET')
  })

  it('makes relative links and no absolute ones; tells no absolute target', () => {
    const { box, root } = boxAndSecret()
    expect(outcome(() => root.symlinkAt('/etc', 'box/l'))).toBe('not-permitted')
    root.symlinkAt('in.txt', 'box/l')
    expect(root.readlinkAt('box/l')).toBe('in.txt')
    fs.symlinkSync(path.join(box, 'in.txt'), path.join(box, 'abs'))
    expect(outcome(() => root.readlinkAt('box/abs'))).toBe('not-permitted')
    root.symlinkAt('../out', 'box/escape')
    expect(outcome(() => readText(root, 'box/escape/secret.txt'))).toBe('access')
  })
})

describe('path texts', () => {
  it.each([
    ['', 'no-entry'],
    ['/etc/passwd', 'not-permitted'],
    ['/box/in.txt', 'not-permitted'],
    ['box/in.txt\0', 'invalid'],
    ['box/\0', 'invalid'],
    ['box/\ud800', 'illegal-byte-sequence'],
    [`box/${'a/'.repeat(2100)}x`, 'name-too-long'],
    [`box/${'\u20ac'.repeat(1400)}`, 'name-too-long'],
    [`box/${'a'.repeat(300)}`, 'name-too-long'],
    ['box/in.txt/', 'not-directory'],
    ['box/in.txt/.', 'not-directory'],
    ['box/in.txt/x', 'not-directory'],
    ['box/nope/../in.txt', 'no-entry'],
    ['box/nope/../../out/secret.txt', 'no-entry'],
    ['box/../out/secret.txt', 'access'],
    ['box\\..\\out\\secret.txt', 'access'],
    ['file:///etc/passwd', 'access'],
    ['etc/passwd', 'access'],
    ['..', 'ok'],
    ['../../..', 'ok'],
    ['.', 'ok'],
    ['../box/./in.txt', 'ok'],
    ['box//in.txt', 'ok'],
  ])('open `%s`: %s', (text, want) => {
    expect(outcome(() => open(boxAndSecret().root, text))).toBe(want)
  })

  it('every operation refuses NUL', () => {
    const { root } = boxAndSecret()
    for (const act of [
      () => root.statAt(follow, 'box/\0'),
      () => root.unlinkFileAt('box/\0'),
      () => root.createDirectoryAt('box/\0'),
      () => root.removeDirectoryAt('box/\0'),
      () => root.readlinkAt('box/\0'),
      () => root.symlinkAt('a\0b', 'box/l'),
      () => root.symlinkAt('a', 'box/\0'),
      () => root.renameAt('box/in.txt', root, 'box/\0'),
      () => root.linkAt(noFollow, 'box/in.txt', root, 'box/\0'),
      () => root.setTimesAt(follow, 'box/\0', { tag: 'now' }, { tag: 'now' }),
      () => root.metadataHashAt(follow, 'box/\0'),
    ]) {
      expect(outcome(act)).toBe('invalid')
    }
  })

  it('`..` of a directory descriptor goes up the stack of handles, to what is granted', () => {
    const { box, root } = boxAndSecret()
    fs.mkdirSync(path.join(box, 'a'))
    const a = open(root, 'box/a', { directory: true })
    expect(readText(a, '../in.txt')).toBe('IN')
    expect(outcome(() => readText(a, '../../out/secret.txt'))).toBe('access')
    expect(outcome(() => readText(a, '../../../../../../etc/passwd'))).toBe('access')
  })
})

describe('names on which nothing is granted', () => {
  it('answer the same whether or not they exist, and whatever they are', () => {
    const { box } = boxAndSecret()
    fs.mkdirSync(path.join(box, 'sub'))
    fs.mkdirSync(path.join(box, 'in'))
    fs.symlinkSync('loop', path.join(box, 'loop'))
    execFileSync('mkfifo', [path.join(box, 'fifo')])
    const guest = new TestGuest({ allow: ['read /box/in/**', 'write /box/in/**'], mounts: { '/box': { host: box } } })
    const root = guest.root()
    for (const name of [
      'in.txt',
      'absent',
      'sub',
      'loop',
      'fifo',
      'in.txt/x',
      'absent/x',
      'sub/x',
      'loop/x',
      'sub/../absent',
    ]) {
      expect([name, outcome(() => open(root, `box/${name}`))]).toEqual([name, 'access'])
      expect([name, outcome(() => root.statAt(noFollow, `box/${name}`))]).toEqual([name, 'access'])
      expect([name, outcome(() => open(root, `box/${name}`, { write: true, create: true }))]).toEqual([name, 'access'])
      expect([name, outcome(() => root.createDirectoryAt(`box/${name}`))]).toEqual([name, 'access'])
      expect([name, outcome(() => root.unlinkFileAt(`box/${name}`))]).toEqual([name, 'access'])
      expect([name, outcome(() => root.readlinkAt(`box/${name}`))]).toEqual([name, 'access'])
    }
    expect(outcome(() => open(root, 'box/in/absent'))).toBe('no-entry')
    expect(guest.denials()).toContain('read /box/absent/x')
  })

  it('a directory that is only the way to a grant shows its type and the names that lead on', () => {
    const { box } = boxAndSecret()
    fs.mkdirSync(path.join(box, 'in', 'deep'), { recursive: true })
    fs.mkdirSync(path.join(box, 'other'))
    const guest = new TestGuest({ allow: ['read /box/in/deep/**'], mounts: { '/box': { host: box } } })
    const root = guest.root()
    expect(root.statAt(follow, 'box')).toMatchObject({
      type: 'directory',
      size: 0n,
      dataModificationTimestamp: undefined,
    })
    expect(namesIn(open(root, 'box', { directory: true }))).toEqual(['in'])
    expect(namesIn(open(root, '.', { directory: true }))).toEqual(['box'])
    expect(guest.denials()).toEqual([])
    expect(outcome(() => open(root, 'box/other'))).toBe('access')
  })
})

describe('special files', () => {
  it('a FIFO is refused at once and never blocks', () => {
    const { box, root } = boxAndSecret()
    execFileSync('mkfifo', [path.join(box, 'fifo')])
    expect(outcome(() => open(root, 'box/fifo'))).toBe('not-permitted')
    expect(outcome(() => open(root, 'box/fifo', { write: true }))).toBe('not-permitted')
    expect(outcome(() => open(root, 'box/fifo', { write: true, create: true, truncate: true }))).toBe('not-permitted')
    expect(root.statAt(follow, 'box/fifo').type).toBe('fifo')
    expect(readText(root, 'box/in.txt')).toBe('IN')
  })

  it('a device is refused though its directory is mounted', () => {
    const guest = new TestGuest({ allow: ['read /dev/**'], mounts: { '/dev': { host: '/dev' } } })
    expect(outcome(() => open(guest.root(), 'dev/zero'))).toBe('not-permitted')
  })
})

describe('hard links', () => {
  it('are refused for writing, unless the mount says that they may be', () => {
    const { box, out, root } = boxAndSecret()
    fs.linkSync(path.join(out, 'secret.txt'), path.join(box, 'h'))
    expect(outcome(() => open(root, 'box/h', { write: true }))).toBe('access')
    expect(outcome(() => open(root, 'box/h', { read: true, truncate: true }))).toBe('access')
    expect(outcome(() => root.setTimesAt(follow, 'box/h', { tag: 'now' }, { tag: 'now' }))).toBe('access')
    expect(readText(root, 'box/h')).toBe('SECRET')
    const trusting = new TestGuest({
      allow: ['read /box/**', 'write /box/**'],
      mounts: { '/box': { host: box, hardlinks: true } },
    })
    writeText(trusting.root(), 'box/h', 'CHANGED')
    expect(fs.readFileSync(path.join(out, 'secret.txt'), 'utf8')).toBe('CHANGED')
  })
})

describe('races with a program of the host', () => {
  it('a file that is created while its directory is moved away does not stay there', () => {
    const { box, out, root } = boxAndSecret()
    fs.mkdirSync(path.join(box, 'd'))
    // The move comes at the worst moment, between the last look at the directory's name and the creation.
    let moved = false
    const openSync = ((name: string, flags: number, mode?: number) => {
      if ((flags & fs.constants.O_CREAT) !== 0 && !moved) {
        moved = true
        fs.renameSync(path.join(box, 'd'), path.join(out, 'd'))
      }
      return fs.openSync(name, flags, mode)
    }) as typeof fs.openSync
    const guest = new TestGuest({
      allow: ['read /box/**', 'write /box/**', 'create /box/**'],
      mounts: { '/box': { host: box } },
      powers: { fs: { ...fs, openSync } },
    })
    expect(outcome(() => writeText(guest.root(), 'box/d/x', 'EVIL'))).toBe('no-entry')
    expect(moved).toBe(true)
    expect(fs.readdirSync(path.join(out, 'd'))).toEqual([])
    expect(outcome(() => writeText(root, 'box/x', 'FINE'))).toBe('ok')
  })

  it('a directory that is listed while it changes gives each name at most once and never fails', () => {
    const { box, root } = boxAndSecret()
    fs.mkdirSync(path.join(box, 'many'))
    for (let n = 0; n < 300; n++) fs.writeFileSync(path.join(box, 'many', `f${n}`), '')
    const listing = open(root, 'box/many', { directory: true }).readDirectory()
    const seen: string[] = []
    for (let entry = listing.readDirectoryEntry(); entry !== undefined; entry = listing.readDirectoryEntry()) {
      seen.push(entry.name)
      fs.rmSync(path.join(box, 'many', entry.name))
      fs.writeFileSync(path.join(box, 'many', `g${seen.length % 50}`), '')
      if (seen.length > 2000) break
    }
    expect(seen.filter((name) => name.startsWith('f'))).toHaveLength(300)
    expect(new Set(seen.filter((name) => name.startsWith('f'))).size).toBe(300)
  })
})

describe("the runtime's own directories", () => {
  it('are shown empty, and cannot be read, filled, removed, moved or replaced, by whatever name; their neighbours can', () => {
    const { box } = boxAndSecret()
    const own = path.join(box, 'state')
    fs.mkdirSync(own)
    fs.mkdirSync(path.join(box, 'data'))
    fs.writeFileSync(path.join(own, 'key'), 'KEY')
    fs.symlinkSync('state', path.join(box, 'alias'))
    const allow = ['read /box/**', 'write /box/**', 'delete /box/**']
    const guest = new TestGuest({ allow, mounts: { '/box': { host: box } }, own: [own] })
    const root = guest.root()
    for (const name of ['state', 'alias']) {
      const hidden = open(root, `box/${name}`, { directory: true })
      expect(namesIn(hidden)).toEqual([])
      expect(outcome(() => readText(hidden, 'key'))).toBe('access')
      expect(outcome(() => hidden.createDirectoryAt('new'))).not.toBe('ok')
      expect(outcome(() => hidden.readlinkAt('key'))).not.toBe('ok')
      expect(hidden.stat()).toMatchObject({ type: 'directory', size: 0n })
      expect(outcome(() => readText(root, `box/${name}/nothing`))).toBe('access')
      expect(outcome(() => readText(root, `box/${name}/key`))).toBe('access')
      expect(outcome(() => writeText(root, `box/${name}/new`, 'X'))).toBe('access')
    }
    expect(outcome(() => root.renameAt('box/state', root, 'box/moved'))).toBe('access')
    expect(outcome(() => root.removeDirectoryAt('box/state'))).toBe('access')
    expect(namesIn(open(root, 'box', { directory: true }))).toEqual(expect.arrayContaining(['alias', 'data', 'state']))
    expect(outcome(() => open(root, 'box/data', { directory: true }))).toBe('ok')
    expect(fs.readdirSync(own)).toEqual(['key'])
    expect(guest.records.find((one) => one.layer === 'forbidden')?.reason).toMatch(/runtime itself/)
  })
})
