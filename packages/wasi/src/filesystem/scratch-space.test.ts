// What a scratch mount holds, to the block, by whatever way it is filled; beside it a mount of the host that holds more.
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { cleanUp, type Fd, noFollow, open, outcome, TestGuest, temporaryDirectory } from '../guest.test-support.js'

afterEach(cleanUp)

const block = 4_096
const full = expect.objectContaining({ tag: 'last-operation-failed' })

/** Room for so many blocks; each name takes one of them. */
function guestWith(blocks: number) {
  const [host, free] = [temporaryDirectory(), temporaryDirectory()]
  const guest = new TestGuest({
    allow: ['read /**', 'write /**', 'delete /**'],
    mounts: { '/tmp': { host, scratchBytes: blocks * block, hardlinks: true }, '/free': { host: free } },
  })
  const root = guest.root()
  const make = (name: string): Fd => open(root, name, { write: true, create: true })
  const allocated = (): number =>
    fs.readdirSync(host).reduce((sum, name) => sum + fs.statSync(path.join(host, name)).size, 0)
  return { guest, root, make, host, allocated }
}

const bytes = (count: number): Uint8Array => new Uint8Array(count)

describe('a scratch mount', () => {
  it('takes what fits to the last byte, refuses the next, and says so on record; a mount beside it takes more', () => {
    const { guest, make } = guestWith(4)
    const file = make('tmp/f')
    expect(file.write(bytes(3 * block), 0n)).toBe(BigInt(3 * block))
    expect(outcome(() => file.write(bytes(1), BigInt(3 * block)))).toBe('insufficient-space')
    expect(guest.records.at(-1)).toMatchObject({
      verdict: 'denied',
      layer: 'quota',
      resource: '/tmp/f',
      reason: '`/tmp` is scratch of 16 KiB, and full',
    })
    expect(file.write(bytes(3 * block), 0n)).toBe(BigInt(3 * block))
    expect(make('free/f').write(bytes(8 * block), 0n)).toBe(BigInt(8 * block))
  })

  it('takes a part of what does not fit as a whole', () => {
    const file = guestWith(2).make('tmp/f')
    expect(file.write(bytes(3 * block), 0n)).toBe(BigInt(block))
    const stream = file.appendViaStream()
    stream.checkWrite()
    expect(outcome(() => stream.write(bytes(1)))).toEqual(full)
  })

  it('counts names: files, directories, links', () => {
    const { root, make } = guestWith(4)
    make('tmp/f')
    root.createDirectoryAt('tmp/d')
    root.symlinkAt('f', 'tmp/s')
    root.linkAt(noFollow, 'tmp/f', root, 'tmp/l')
    expect(outcome(() => make('tmp/g'))).toBe('insufficient-space')
    expect(outcome(() => root.createDirectoryAt('tmp/e'))).toBe('insufficient-space')
    expect(outcome(() => root.symlinkAt('f', 'tmp/t'))).toBe('insufficient-space')
    expect(outcome(() => root.linkAt(noFollow, 'tmp/f', root, 'tmp/m'))).toBe('insufficient-space')
    root.removeDirectoryAt('tmp/d')
    root.unlinkFileAt('tmp/s')
    root.unlinkFileAt('tmp/l')
    for (const name of ['tmp/g', 'tmp/h', 'tmp/i']) make(name)
    expect(outcome(() => make('tmp/j'))).toBe('insufficient-space')
  })

  it('gives back what is truncated, unlinked or replaced; what is open still only at its close', () => {
    const { root, make } = guestWith(5)
    const first = make('tmp/first')
    expect(first.write(bytes(4 * block), 0n)).toBe(BigInt(4 * block))
    first.setSize(0n)
    expect(first.write(bytes(3 * block), 0n)).toBe(BigInt(3 * block))
    root.unlinkFileAt('tmp/first')
    const second = make('tmp/second')
    expect(second.write(bytes(2 * block), 0n)).toBe(BigInt(block))
    first[Symbol.dispose]()
    expect(second.write(bytes(4 * block), 0n)).toBe(BigInt(4 * block))
    second[Symbol.dispose]()
    open(root, 'tmp/second', { write: true, truncate: true })[Symbol.dispose]()
    const third = make('tmp/third')
    expect(third.write(bytes(3 * block), 0n)).toBe(BigInt(3 * block))
    third[Symbol.dispose]()
    root.renameAt('tmp/second', root, 'tmp/third')
    expect(make('tmp/fourth').write(bytes(3 * block), 0n)).toBe(BigInt(3 * block))
  })

  it('takes no room for a name that could not be made', () => {
    const { root, make } = guestWith(3)
    make('tmp/f')
    for (let n = 0; n < 5; n++) {
      expect(outcome(() => root.createDirectoryAt('tmp/f'))).toBe('exist')
      expect(outcome(() => root.symlinkAt('x', 'tmp/f'))).toBe('exist')
      expect(outcome(() => root.linkAt(noFollow, 'tmp/f', root, 'tmp/f'))).toBe('exist')
      expect(outcome(() => root.createDirectoryAt('tmp/none/below'))).toBe('no-entry')
    }
    for (const name of ['tmp/g', 'tmp/h']) make(name)
    expect(outcome(() => make('tmp/i'))).toBe('insufficient-space')
  })

  it('gives the contents of a file back with its last name, and its last handle', () => {
    const { root, make } = guestWith(4)
    const one = make('tmp/one')
    one.write(bytes(2 * block), 0n)
    root.linkAt(noFollow, 'tmp/one', root, 'tmp/two')
    root.unlinkFileAt('tmp/one')
    const second = open(root, 'tmp/two')
    root.unlinkFileAt('tmp/two')
    const other = make('tmp/other')
    expect(other.write(bytes(4 * block), 0n)).toBe(BigInt(block))
    one[Symbol.dispose]()
    expect(outcome(() => other.write(bytes(block), BigInt(block)))).toBe('insufficient-space')
    second[Symbol.dispose]()
    expect(other.write(bytes(4 * block), 0n)).toBe(BigInt(3 * block))
  })

  it('loses nothing by a rename of a file to another of its names', () => {
    const { root, make } = guestWith(4)
    make('tmp/one')[Symbol.dispose]()
    root.linkAt(noFollow, 'tmp/one', root, 'tmp/two')
    // Both names stay, as POSIX has it.
    for (let n = 0; n < 5; n++) root.renameAt('tmp/one', root, 'tmp/two')
    for (const name of ['tmp/c', 'tmp/d']) make(name)
    expect(outcome(() => make('tmp/e'))).toBe('insufficient-space')
  })

  it('counts a hole as what could fill it', () => {
    const { make } = guestWith(3)
    const file = make('tmp/f')
    expect(outcome(() => file.write(bytes(1), BigInt(2 * block)))).toBe('insufficient-space')
    expect(outcome(() => file.setSize(BigInt(2 * block + 1)))).toBe('insufficient-space')
    file.setSize(BigInt(2 * block))
    expect(file.write(bytes(1), BigInt(2 * block - 1))).toBe(1n)
  })

  it('never holds more than it says, whatever a guest does in it', () => {
    const { root, make, allocated } = guestWith(8)
    const files = new Map<string, Fd>()
    let seed = 7
    const next = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return seed % below
    }
    const acts: readonly ((name: string) => void)[] = [
      (name) => {
        // A second handle of a file would be forgotten by the map.
        if (!files.has(name)) files.set(name, make(`tmp/${name}`))
      },
      (name) => files.get(name)?.write(bytes(next(3 * block)), BigInt(next(4 * block))),
      (name) => files.get(name)?.setSize(BigInt(next(6 * block))),
      (name) => root.unlinkFileAt(`tmp/${name}`),
      (name) => root.renameAt(`tmp/${name}`, root, `tmp/${'abcd'[next(4)]}`),
      (name) => {
        files.get(name)?.[Symbol.dispose]()
        files.delete(name)
      },
    ]
    let refused = 0
    for (let step = 0; step < 2_000; step++) {
      const name = 'abcd'[next(4)] ?? 'a'
      if (outcome(() => acts[next(acts.length)]?.(name)) === 'insufficient-space') refused += 1
      expect(allocated()).toBeLessThanOrEqual(8 * block)
    }
    expect(refused).toBeGreaterThan(10)
    for (const file of files.values()) file[Symbol.dispose]()
    for (const name of 'abcd') outcome(() => root.unlinkFileAt(`tmp/${name}`))
    // All of it is there again.
    expect(make('tmp/whole').write(bytes(7 * block), 0n)).toBe(BigInt(7 * block))
  })
})
