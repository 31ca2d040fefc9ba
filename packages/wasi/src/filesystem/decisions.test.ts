// Each operation asks, and says on record what it asked: a test for every place where a decision could be left out
// without changing the guest's answer.
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  cleanUp,
  type Fd,
  follow,
  noFollow,
  open,
  outcome,
  type Setup,
  TestGuest,
  temporaryDirectory,
} from '../guest.test-support.js'

afterEach(cleanUp)

const everything = ['read', 'write', 'create', 'delete'].map((action) => `${action} /m/**`)

function guestOf(allow: readonly string[], powers?: Setup['powers']) {
  const host = temporaryDirectory()
  fs.mkdirSync(path.join(host, 'd/x'), { recursive: true })
  fs.writeFileSync(path.join(host, 'd/f'), 'F')
  fs.mkdirSync(path.join(host, 'away'))
  const guest = new TestGuest({ allow, mounts: { '/m': { host } }, ...(powers === undefined ? {} : { powers }) })
  return { host, guest, root: guest.root() }
}

describe('on record is', () => {
  /** What the act added to the records: `+` granted, `-` denied. */
  function recordsOf({ guest, root }: ReturnType<typeof guestOf>, act: (root: Fd) => unknown) {
    const before = guest.records.length
    outcome(() => act(root))
    return guest.records
      .slice(before)
      .map(({ verdict, action, resource }) => `${verdict === 'granted' ? '+' : '-'}${action} ${resource}`)
  }

  it.each<[string, (root: Fd) => unknown, string[]]>([
    ['a look at a file', (root) => root.statAt(noFollow, 'm/d/f'), ['+read /m/d/f']],
    ['a look at a directory', (root) => root.statAt(noFollow, 'm/d'), ['+read /m/d']],
    ['a look at what is missing', (root) => root.statAt(noFollow, 'm/d/gone'), ['+read /m/d/gone']],
    ['a look through what is no directory', (root) => root.statAt(noFollow, 'm/d/f/g'), ['+read /m/d/f/g']],
    [
      'creating what is there',
      (root) => open(root, 'm/d/f', { write: true, create: true, exclusive: true }),
      ['+create /m/d/f'],
    ],
    ['a directory opened for writing', (root) => open(root, 'm/d', { write: true }), ['+read /m/d', '+write /m/d']],
    ['making a directory that is its own path', (root) => root.createDirectoryAt('m/d/..'), ['+create /m']],
    ['removing what is missing', (root) => root.unlinkFileAt('m/d/gone'), ['+delete /m/d/gone']],
    ['times of a directory', (root) => root.setTimesAt(follow, 'm/d', { tag: 'now' }, { tag: 'now' }), ['+write /m/d']],
  ])('%s', (_what, act, records) => {
    expect(recordsOf(guestOf(everything), act)).toEqual(records)
    const nothing = recordsOf(guestOf(['read /other/**']), act)
    expect(nothing.length).toBeGreaterThan(0)
    expect(nothing.every((record) => record.startsWith('-'))).toBe(true)
  })

  it('a listing, besides the opening of its directory', () => {
    const made = guestOf(everything)
    const d = open(made.root, 'm/d', { directory: true })
    // Later, so that it does not share the record of the opening.
    made.guest.nowNs += 1_000_000_000n
    expect(recordsOf(made, () => d.readDirectory())).toEqual(['+read /m/d'])
  })

  it('what a new policy closes', () => {
    const { guest, root } = guestOf(everything)
    const handles = [open(root, 'm/d/f'), open(root, 'm/d', { directory: true })]
    const listing = open(root, 'm/away', { directory: true }).readDirectory()
    guest.publish({ allow: ['read /other/**'] }, 2)
    for (const handle of handles) expect(outcome(() => handle.getType())).toBe('access')
    expect(outcome(() => listing.readDirectoryEntry())).toBe('access')
    guest.host.close()
    const closed = (resource: string) =>
      guest.records
        .filter((record) => record.verdict === 'denied' && record.resource === resource)
        .reduce((sum, { count }) => sum + count, 0)
    expect({ file: closed('/m/d/f'), directory: closed('/m/d') }).toEqual({ file: 1, directory: 1 })
    // The directory and its listing are two handles.
    expect(closed('/m/away')).toBe(2)
  })
})

describe('an open file', () => {
  it('that was granted only for its making is filled, but not cut or dated', () => {
    const { root } = guestOf(['create /m/**'])
    const made = open(root, 'm/d/new', { write: true, create: true })
    expect(made.write(new Uint8Array(3), 0n)).toBe(3n)
    expect(outcome(() => made.setSize(0n))).toBe('access')
    expect(outcome(() => made.setTimes({ tag: 'now' }, { tag: 'now' }))).toBe('access')
  })

  it('that got another name meanwhile is neither cut nor dated', () => {
    const { host, root } = guestOf(everything)
    const file = open(root, 'm/d/f', { write: true })
    file.setSize(1n)
    fs.linkSync(path.join(host, 'd/f'), path.join(host, 'away/f'))
    expect(outcome(() => file.setSize(0n))).toBe('access')
    expect(outcome(() => file.setTimes({ tag: 'now' }, { tag: 'now' }))).toBe('access')
    expect(outcome(() => root.setTimesAt(noFollow, 'm/d/f', { tag: 'now' }, { tag: 'now' }))).toBe('access')
    expect(fs.readFileSync(path.join(host, 'away/f'), 'utf8')).toBe('F')
  })
})

describe('a second name', () => {
  it('needs `write` on the first one, even where neither may be written', () => {
    const { root } = guestOf(['read /m/**', 'create /m/**'])
    expect(outcome(() => root.linkAt(noFollow, 'm/d/f', root, 'm/d/g'))).toBe('access')
    const { root: granted } = guestOf(everything)
    expect(outcome(() => granted.linkAt(noFollow, 'm/d/f', granted, 'm/d/g'))).toBe('ok')
  })
})

describe('a directory of the runtime itself', () => {
  it('is not replaced by a rename onto it', () => {
    const host = temporaryDirectory()
    for (const name of ['own', 'mine', 'free']) fs.mkdirSync(path.join(host, name))
    const { ino } = fs.statSync(path.join(host, 'own'))
    const own = [path.join(host, 'own')]
    const root = new TestGuest({ allow: everything, mounts: { '/m': { host } }, own }).root()
    expect(outcome(() => root.renameAt('m/mine', root, 'm/own'))).toBe('access')
    expect(fs.statSync(path.join(host, 'own')).ino).toBe(ino)
    root.renameAt('m/mine', root, 'm/free')
  })
})

describe('in a directory that the host moves away in the middle of the call', () => {
  /** The host moves `d` right before the guest's nth call of this function. */
  function movedBefore(name: 'openSync' | 'mkdirSync' | 'symlinkSync' | 'renameSync' | 'linkSync', nth: number) {
    let left = nth
    const real = fs[name] as (...args: unknown[]) => unknown
    const first = (...args: unknown[]): unknown => {
      left -= 1
      if (left === 0) fs.renameSync(path.join(made.host, 'd'), path.join(made.host, 'away/d'))
      return real(...args)
    }
    const made = guestOf(everything, { fs: { ...fs, [name]: first } as typeof fs })
    return made
  }
  const inside = (host: string) => fs.readdirSync(path.join(host, 'away/d')).sort()

  it('nothing is removed, however long the way to it was', () => {
    const { host, root } = movedBefore('openSync', 60)
    expect(outcome(() => root.unlinkFileAt(`m/d/${'x/../'.repeat(100)}f`))).toBe('no-entry')
    expect(inside(host)).toEqual(['f', 'x'])
  })

  it('what was made is taken back', () => {
    const one = movedBefore('mkdirSync', 1)
    expect(outcome(() => one.root.createDirectoryAt('m/d/new'))).toBe('no-entry')
    expect(inside(one.host)).toEqual(['f', 'x'])
    const other = movedBefore('symlinkSync', 1)
    expect(outcome(() => other.root.symlinkAt('f', 'm/d/new'))).toBe('no-entry')
    expect(inside(other.host)).toEqual(['f', 'x'])
  })

  it('what was moved or linked out of it is taken back', () => {
    for (const [name, act] of [
      ['renameSync', (root: Fd) => root.renameAt('m/d/f', root, 'm/stolen')],
      ['linkSync', (root: Fd) => root.linkAt(noFollow, 'm/d/f', root, 'm/stolen')],
    ] as const) {
      const { host, root } = movedBefore(name, 1)
      expect(outcome(() => act(root))).toBe('busy')
      expect(inside(host)).toEqual(['f', 'x'])
      expect(fs.readdirSync(host)).toEqual(['away'])
    }
  })
})
