// SPEC 2.2: moving never changes what is allowed.
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  cleanUp,
  type Fd,
  noFollow,
  open,
  outcome,
  readText,
  TestGuest,
  temporaryDirectory,
} from '../guest.test-support.js'

afterEach(cleanUp)

function guestOf(allow: readonly string[]): { host: string; guest: TestGuest; root: Fd } {
  const host = temporaryDirectory()
  for (const name of ['ro', 'rw', 'rw2']) fs.mkdirSync(path.join(host, name))
  fs.writeFileSync(path.join(host, 'ro', 'f'), 'RO')
  fs.writeFileSync(path.join(host, 'rw', 'f'), 'RW')
  const guest = new TestGuest({ allow, mounts: { '/data': { host } } })
  return { host, guest, root: guest.root() }
}

const all = (where: string): string[] => ['read', 'write', 'create', 'delete'].map((action) => `${action} ${where}`)

describe('rename', () => {
  it('moves a file to where no more is allowed, not to where more is', () => {
    const { host, guest, root } = guestOf([
      ...all('/data/rw/**'),
      ...all('/data/rw2/**'),
      'read /data/ro/**',
      'delete /data/ro/**',
    ])
    expect(outcome(() => root.renameAt('data/ro/f', root, 'data/rw/g'))).toBe('access')
    expect(guest.records.at(-1)?.reason).toMatch(/change what is allowed/)
    root.renameAt('data/rw/f', root, 'data/rw2/g')
    expect(readText(root, 'data/rw2/g')).toBe('RW')
    expect(fs.readFileSync(path.join(host, 'ro', 'f'), 'utf8')).toBe('RO')
  })

  it('asks delete on the source, create on the target, and delete on what is overwritten', () => {
    const { root } = guestOf([...all('/data/rw/**'), 'read /data/rw2/**', 'create /data/rw2/**'])
    expect(outcome(() => root.renameAt('data/ro/f', root, 'data/rw/g'))).toBe('access')
    expect(outcome(() => root.renameAt('data/rw/f', root, 'data/g'))).toBe('access')
    root.renameAt('data/rw/f', root, 'data/rw2/f')
    expect(readText(root, 'data/rw2/f')).toBe('RW')
    expect(outcome(() => root.renameAt('data/rw2/f', root, 'data/rw/f'))).toBe('access')
    const second = guestOf([...all('/data/rw/**'), 'create /data/rw2/**'])
    fs.writeFileSync(path.join(second.host, 'rw2', 'f'), 'OLD')
    expect(outcome(() => second.root.renameAt('data/rw/f', second.root, 'data/rw2/f'))).toBe('access')
    expect(fs.readFileSync(path.join(second.host, 'rw2', 'f'), 'utf8')).toBe('OLD')
  })

  it('a directory moves only where every path below is answered as before', () => {
    const { host, root } = guestOf([
      ...all('/data/**/*.txt'),
      ...all('/data/rw*'),
      ...all('/data/rw/d/**'),
      ...all('/data/x'),
      ...all('/data/rw/**'),
    ])
    fs.mkdirSync(path.join(host, 'rw', 'd'))
    fs.writeFileSync(path.join(host, 'rw', 'd', 'key'), 'KEY')
    root.renameAt('data/rw/d', root, 'data/rw/e')
    expect(readText(root, 'data/rw/e/key')).toBe('KEY')
    expect(outcome(() => root.renameAt('data/rw/e', root, 'data/x'))).toBe('cross-device')
    expect(outcome(() => root.renameAt('data/rw/absent', root, 'data/rw/y'))).toBe('no-entry')
  })

  it('a read-only directory does not become writable inside a writable one', () => {
    const { host, root } = guestOf(['read /data/ro/**', 'delete /data/ro/**', ...all('/data/rw/**')])
    const act = (): void => root.renameAt('data/ro', root, 'data/rw/x')
    expect(['access', 'cross-device']).toContain(outcome(act))
    expect(fs.readdirSync(host).sort()).toEqual(['ro', 'rw', 'rw2'])
  })

  it('keeps to the kernel where a directory meets a file', () => {
    const { host, root } = guestOf(all('/data/**'))
    fs.mkdirSync(path.join(host, 'rw', 'd'))
    expect(outcome(() => root.renameAt('data/rw/f', root, 'data/rw/d'))).toBe('is-directory')
    expect(outcome(() => root.renameAt('data/rw/f/', root, 'data/rw/g'))).toBe('not-directory')
    expect(outcome(() => root.renameAt('data/rw', root, 'data/rw/d/x'))).toBe('invalid')
    expect(outcome(() => root.renameAt('data/rw/.', root, 'data/x'))).toBe('invalid')
  })

  it('from below one directory descriptor to below another', () => {
    const { root } = guestOf(all('/data/**'))
    const from = open(root, 'data/rw', { directory: true })
    const to = open(root, 'data/rw2', { directory: true })
    from.renameAt('f', to, 'g')
    expect(readText(to, 'g')).toBe('RW')
  })

  it('what was swapped under the name between the look and the act is moved back', () => {
    const host = temporaryDirectory()
    fs.mkdirSync(path.join(host, 'secret'))
    fs.writeFileSync(path.join(host, 'secret', 'k'), 'K')
    fs.writeFileSync(path.join(host, 'f'), 'F')
    let swap = true
    const powers = {
      fs: {
        ...fs,
        renameSync: ((from: string, to: string) => {
          if (swap) {
            swap = false
            fs.unlinkSync(path.join(host, 'f'))
            fs.renameSync(path.join(host, 'secret'), path.join(host, 'f'))
          }
          fs.renameSync(from, to)
        }) as typeof fs.renameSync,
      },
    }
    const root = new TestGuest({ allow: all('/data/**'), mounts: { '/data': { host } }, powers }).root()
    expect(outcome(() => root.renameAt('data/f', root, 'data/g'))).toBe('busy')
    expect(fs.readdirSync(host)).toEqual(['f'])
  })
})

describe('hard links', () => {
  it('inside one grant are made; for a name that allows more they are not', () => {
    const { host, root } = guestOf([
      ...all('/data/rw/**'),
      'read /data/ro/**',
      'write /data/ro/x',
      'create /data/rw2/**',
    ])
    root.linkAt(noFollow, 'data/rw/f', root, 'data/rw/h')
    expect(fs.statSync(path.join(host, 'rw', 'f')).nlink).toBe(2)
    expect(outcome(() => root.linkAt(noFollow, 'data/ro/f', root, 'data/rw/h2'))).toBe('access')
    root.linkAt(noFollow, 'data/rw/f', root, 'data/rw2/h')
    expect(outcome(() => root.linkAt(noFollow, 'data/rw/f', root, 'data/rw/h'))).toBe('exist')
    expect(outcome(() => root.linkAt({ symlinkFollow: true }, 'data/rw/f', root, 'data/rw/h3'))).toBe('invalid')
    fs.mkdirSync(path.join(host, 'rw', 'd'))
    expect(outcome(() => root.linkAt(noFollow, 'data/rw/d', root, 'data/rw/h4'))).toBe('not-permitted')
  })

  it('do not rename an extension into a grant', () => {
    const host = temporaryDirectory()
    fs.writeFileSync(path.join(host, 'key.pem'), 'K')
    const allow = ['read /box/*.pem', ...all('/box/*.tmp')]
    const root = new TestGuest({ allow, mounts: { '/box': { host } } }).root()
    expect(outcome(() => root.linkAt(noFollow, 'box/key.pem', root, 'box/x.tmp'))).toBe('access')
    expect(fs.readdirSync(host)).toEqual(['key.pem'])
  })
})

describe('what other children see', () => {
  /** We may do everything in `/data`; the neighbour sees the same host directory as `/shared`. */
  function withNeighbour(allow: readonly string[], mountOf: (host: string) => string = (host) => host) {
    const host = temporaryDirectory()
    for (const name of ['in', 'in/deep', 'out', 'gift']) fs.mkdirSync(path.join(host, name))
    fs.writeFileSync(path.join(host, 'out', 'f'), 'F')
    fs.writeFileSync(path.join(host, 'gift', 'g'), 'G')
    const neighbours = [{ allow, mounts: { '/shared': { host: mountOf(host) } } }]
    const guest = new TestGuest({ allow: all('/data/**'), mounts: { '/data': { host } }, neighbours })
    return { host, root: guest.root() }
  }

  it('a file does not move to where a neighbour may do more with it', () => {
    const { root } = withNeighbour(['read /shared/in/**'])
    expect(outcome(() => root.renameAt('data/out/f', root, 'data/in/f'))).toBe('access')
    expect(outcome(() => root.linkAt(noFollow, 'data/out/f', root, 'data/in/f'))).toBe('access')
    root.renameAt('data/out/f', root, 'data/gift/f')
    expect(readText(root, 'data/gift/f')).toBe('F')
  })

  it('a file may leave a neighbour’s sight', () => {
    const { root } = withNeighbour(['read /shared/out/**'])
    root.renameAt('data/out/f', root, 'data/in/f')
    expect(readText(root, 'data/in/f')).toBe('F')
  })

  it('a directory neither enters nor leaves what a neighbour is granted', () => {
    const { root } = withNeighbour(['read /shared/in/**'])
    expect(outcome(() => root.renameAt('data/gift', root, 'data/in/gift'))).toBe('cross-device')
    expect(outcome(() => root.renameAt('data/in/deep', root, 'data/deep'))).toBe('cross-device')
    root.renameAt('data/gift', root, 'data/out/gift')
    expect(readText(root, 'data/out/gift/g')).toBe('G')
  })

  it('a directory does not carry away the root of a neighbour’s mount', () => {
    const { root } = withNeighbour(['read /shared/**'], (host) => path.join(host, 'in', 'deep'))
    expect(outcome(() => root.renameAt('data/in', root, 'data/elsewhere'))).toBe('cross-device')
    root.renameAt('data/gift', root, 'data/elsewhere')
    expect(readText(root, 'data/elsewhere/g')).toBe('G')
  })

  it('nothing moves out of what a neighbour has mounted for reading only into what it may write', () => {
    const host = temporaryDirectory()
    for (const name of ['in', 'in/deep', 'out', 'in2']) fs.mkdirSync(path.join(host, name))
    fs.writeFileSync(path.join(host, 'in', 'f'), 'F')
    const mountAt = (name: string, mode: 'read' | 'write') => ({ host: path.join(host, name), mode })
    const mounts = { '/in': mountAt('in', 'read'), '/in2': mountAt('in2', 'read'), '/out': mountAt('out', 'write') }
    const neighbours = [{ allow: [...all('/in/**'), ...all('/in2/**'), ...all('/out/**')], mounts }]
    const root = new TestGuest({ allow: all('/data/**'), mounts: { '/data': { host } }, neighbours }).root()
    expect(outcome(() => root.renameAt('data/in/f', root, 'data/out/f'))).toBe('access')
    expect(outcome(() => root.linkAt(noFollow, 'data/in/f', root, 'data/out/f'))).toBe('access')
    expect(outcome(() => root.renameAt('data/in/deep', root, 'data/out/deep'))).toBe('cross-device')
    root.renameAt('data/in/deep', root, 'data/in2/deep')
    root.renameAt('data/in/f', root, 'data/in2/f')
    expect(readText(root, 'data/in2/f')).toBe('F')
  })

  it('a neighbour that was granted nothing there is in nobody’s way', () => {
    const { root } = withNeighbour(['read /other/**'])
    root.renameAt('data/gift', root, 'data/in/gift')
    root.renameAt('data/out/f', root, 'data/in/f')
    expect(readText(root, 'data/in/gift/g')).toBe('G')
  })
})
