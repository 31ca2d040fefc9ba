import fs from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  cleanUp,
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

const everything = ['read /**', 'write /**', 'create /**', 'delete /**']

describe('the virtual root', () => {
  it('is there and empty where nothing is mounted, whatever is granted', () => {
    const guest = new TestGuest({ allow: everything })
    const root = guest.root()
    expect(namesIn(root)).toEqual([])
    expect(root.statAt(follow, '.').type).toBe('directory')
    expect(outcome(() => open(root, 'etc/passwd'))).toBe('access')
    expect(outcome(() => root.createDirectoryAt('x'))).toBe('access')
    expect(
      guest.records.filter(({ verdict }) => verdict === 'denied').map(({ layer, reason }) => [layer, reason]),
    ).toEqual([
      ['mount', 'nothing is mounted at /etc'],
      ['mount', 'nothing is mounted at /x'],
    ])
  })

  it('shows the mounts that lead to grants, and their parents', () => {
    const host = temporaryDirectory()
    const mounts = { '/srv/in': { host }, '/srv/out': { host }, '/opt/x': { host } }
    const root = new TestGuest({ allow: ['read /srv/in/**'], mounts }).root()
    expect(namesIn(root)).toEqual(['srv'])
    expect(namesIn(open(root, 'srv', { directory: true }))).toEqual(['in'])
    expect(outcome(() => open(root, 'opt', { directory: true }))).toBe('access')
    expect(root.statAt(follow, 'srv').type).toBe('directory')
    expect(namesIn(open(root, 'srv/in/..', { directory: true }))).toEqual(['in'])
    expect(root.metadataHashAt(follow, 'srv')).not.toEqual(root.metadataHashAt(follow, '.'))
  })

  it('mount points and their parents can be neither moved, removed nor replaced', () => {
    const host = temporaryDirectory()
    fs.writeFileSync(path.join(host, 'f'), 'F')
    const root = new TestGuest({
      allow: everything,
      mounts: { '/': { host }, '/a/b': { host: temporaryDirectory() } },
    }).root()
    for (const name of ['a', 'a/b']) {
      expect(outcome(() => root.renameAt(name, root, 'c'))).toBe('busy')
      expect(outcome(() => root.renameAt('f', root, name))).toBe('busy')
      expect(outcome(() => root.removeDirectoryAt(name))).toBe('busy')
    }
    expect(readText(root, 'f')).toBe('F')
  })
})

describe('mounts in mounts', () => {
  it('the inner one hides what the outer one has there; `..` leads to the outer one', () => {
    const outer = temporaryDirectory()
    const inner = temporaryDirectory()
    fs.mkdirSync(path.join(outer, 'sub', 'in'), { recursive: true })
    fs.writeFileSync(path.join(outer, 'sub', 'in', 'hidden'), 'HIDDEN')
    fs.writeFileSync(path.join(outer, 'sub', 'f'), 'OUTER')
    fs.writeFileSync(path.join(inner, 'g'), 'INNER')
    const mounts = { '/data': { host: outer }, '/data/sub/in': { host: inner } }
    const root = new TestGuest({ allow: everything, mounts }).root()
    expect(readText(root, 'data/sub/in/g')).toBe('INNER')
    expect(outcome(() => readText(root, 'data/sub/in/hidden'))).toBe('no-entry')
    expect(readText(root, 'data/sub/in/../f')).toBe('OUTER')
    expect(namesIn(open(root, 'data/sub', { directory: true }))).toEqual(['f', 'in'])
  })

  it('a parent that the outer mount does not have is virtual, and a link of that name is hidden', () => {
    const outer = temporaryDirectory()
    const inner = temporaryDirectory()
    fs.writeFileSync(path.join(inner, 'g'), 'INNER')
    fs.symlinkSync('/etc', path.join(outer, 'link'))
    const mounts = { '/data': { host: outer }, '/data/new/in': { host: inner }, '/data/link/in': { host: inner } }
    const root = new TestGuest({ allow: everything, mounts }).root()
    expect(readText(root, 'data/new/in/g')).toBe('INNER')
    expect(readText(root, 'data/link/in/g')).toBe('INNER')
    expect(outcome(() => readText(root, 'data/link/passwd'))).toBe('access')
    expect(namesIn(open(root, 'data', { directory: true }))).toEqual(['link', 'new'])
    expect(outcome(() => writeText(root, 'data/new/f', 'X'))).toBe('access')
  })

  it('renaming and linking across mounts is for programs that copy', () => {
    const a = temporaryDirectory()
    fs.writeFileSync(path.join(a, 'f'), 'F')
    fs.mkdirSync(path.join(a, 'd'))
    const mounts = { '/a': { host: a }, '/b': { host: temporaryDirectory() } }
    const root = new TestGuest({ allow: everything, mounts }).root()
    expect(outcome(() => root.renameAt('a/f', root, 'b/f'))).toBe('cross-device')
    expect(outcome(() => root.renameAt('a/d', root, 'b/d'))).toBe('cross-device')
    expect(outcome(() => root.linkAt(noFollow, 'a/f', root, 'b/f'))).toBe('cross-device')
    root.renameAt('a/f', root, 'a/g')
    expect(readText(root, 'a/g')).toBe('F')
  })
})

describe('single files', () => {
  it('a mounted file is read, written and looked at, but not entered, moved or removed', () => {
    const host = temporaryDirectory()
    fs.writeFileSync(path.join(host, 'conf'), 'CONF')
    fs.writeFileSync(path.join(host, 'beside'), 'BESIDE')
    const mounts = { '/etc/app.conf': { host: path.join(host, 'conf') } }
    const guest = new TestGuest({ allow: ['read /etc/**', 'write /etc/**', 'delete /etc/**'], mounts })
    const root = guest.root()
    expect(readText(root, 'etc/app.conf')).toBe('CONF')
    expect(root.statAt(follow, 'etc/app.conf')).toMatchObject({ type: 'regular-file', size: 4n })
    expect(namesIn(open(root, 'etc', { directory: true }))).toEqual(['app.conf'])
    writeText(root, 'etc/app.conf', 'NEW')
    expect(fs.readFileSync(path.join(host, 'conf'), 'utf8')).toBe('NEW')
    expect(outcome(() => readText(root, 'etc/app.conf/x'))).toBe('not-directory')
    expect(outcome(() => readText(root, 'etc/beside'))).toBe('access')
    expect(outcome(() => root.unlinkFileAt('etc/app.conf'))).toBe('busy')
    expect(guest.host.openDescriptors()).toBeGreaterThan(0)
  })
})

describe('what a mount allows at most', () => {
  it('a mount for reading denies every change, whatever is granted', () => {
    const host = temporaryDirectory()
    fs.writeFileSync(path.join(host, 'f'), 'F')
    const guest = new TestGuest({ allow: everything, mounts: { '/ro': { host, mode: 'read' } } })
    const root = guest.root()
    expect(outcome(() => writeText(root, 'ro/f', 'X'))).toBe('access')
    expect(outcome(() => writeText(root, 'ro/new', 'X'))).toBe('access')
    expect(outcome(() => root.unlinkFileAt('ro/f'))).toBe('access')
    expect(outcome(() => root.createDirectoryAt('ro/d'))).toBe('access')
    expect(outcome(() => root.renameAt('ro/f', root, 'ro/g'))).toBe('access')
    expect(outcome(() => root.setTimesAt(follow, 'ro/f', { tag: 'now' }, { tag: 'now' }))).toBe('access')
    expect(readText(root, 'ro/f')).toBe('F')
    expect(fs.readdirSync(host)).toEqual(['f'])
    const denied = guest.records.filter(({ verdict }) => verdict === 'denied')
    expect(new Set(denied.map(({ layer }) => layer))).toEqual(new Set(['mount']))
    expect(denied[0]?.reason).toBe('`/ro` is mounted for reading only')
  })

  it('the forbidden list is asked by the host path', () => {
    const host = temporaryDirectory()
    fs.mkdirSync(path.join(host, '.ssh'))
    fs.writeFileSync(path.join(host, '.ssh', 'id'), 'KEY')
    fs.writeFileSync(path.join(host, 'f'), 'F')
    const forbidden = [`read ${host}/.ssh/**`]
    const guest = new TestGuest({ allow: everything, forbidden, mounts: { '/home': { host } } })
    const root = guest.root()
    expect(outcome(() => readText(root, 'home/.ssh/id'))).toBe('access')
    expect(readText(root, 'home/f')).toBe('F')
    expect(guest.records.at(0)?.layer).toBe('forbidden')
    expect(outcome(() => root.renameAt('home/.ssh', root, 'home/ssh'))).toBe('cross-device')
    expect(outcome(() => root.renameAt('home/.ssh/id', root, 'home/id'))).toBe('access')
    root.createDirectoryAt('home/d')
    root.renameAt('home/d', root, 'home/e')
  })

  it('a root that is not the object that was approved stops the start', () => {
    const top = temporaryDirectory()
    const host = path.join(top, 'data')
    fs.mkdirSync(host)
    const setup = { allow: everything, mounts: { '/data': { host } } }
    const open = fs.openSync
    const swapped = {
      ...fs,
      openSync: ((name: string, flags: number) => {
        fs.renameSync(host, path.join(top, 'gone'))
        fs.mkdirSync(host)
        return open(name, flags)
      }) as typeof fs.openSync,
    }
    expect(() => new TestGuest({ ...setup, powers: { fs: swapped } })).toThrow(/not the object that was approved/)
    expect(() => new TestGuest(setup)).not.toThrow()
  })
})

describe('a mount in which nothing is granted', () => {
  it('leads nowhere by its links, neither at the end of a path nor in the middle', () => {
    const [plain, granted] = [temporaryDirectory(), temporaryDirectory()]
    fs.writeFileSync(path.join(granted, 'f'), 'F')
    fs.symlinkSync('/b', path.join(plain, 'directory'))
    fs.symlinkSync('/b/f', path.join(plain, 'file'))
    const mounts = { '/a': { host: plain }, '/b': { host: granted } }
    const root = new TestGuest({ allow: ['read /b/**'], mounts }).root()
    expect(outcome(() => readText(root, 'a/directory/f'))).toBe('access')
    expect(outcome(() => readText(root, 'a/file'))).toBe('access')
    expect(outcome(() => readText(root, 'a/nothing'))).toBe('access')
    expect(readText(root, 'b/f')).toBe('F')
    const allowed = new TestGuest({ allow: ['read /b/**', 'read /a/**'], mounts }).root()
    expect(readText(allowed, 'a/directory/f')).toBe('F')
    expect(readText(allowed, 'a/file')).toBe('F')
  })
})

describe('a machine without /proc', () => {
  /** The real file system, where this one link is missing. */
  const withoutProc = {
    ...fs,
    readlinkSync: ((file: fs.PathLike) => {
      if (file === '/proc/self') throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
      return fs.readlinkSync(file)
    }) as typeof fs.readlinkSync,
  }

  it('runs guests without files and refuses mounts', () => {
    const guest = new TestGuest({ powers: { fs: withoutProc } })
    expect(namesIn(guest.root())).toEqual([])
    const mounts = { '/data': { host: temporaryDirectory() } }
    expect(() => new TestGuest({ mounts, powers: { fs: withoutProc } })).toThrowError(
      expect.objectContaining({ code: 'platform-unsupported' }),
    )
  })
})
