// D3: a change of policy reaches calls and handles that are already under way.
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  bytesOf,
  cleanUp,
  type Fd,
  follow,
  type Input,
  namesIn,
  open,
  outcome,
  readText,
  TestGuest,
  temporaryDirectory,
} from './guest.test-support.js'

afterEach(cleanUp)

const allow = ['read /data/**', 'write /data/**']

function guestWithFiles(): { guest: TestGuest; root: Fd } {
  const host = temporaryDirectory()
  fs.mkdirSync(path.join(host, 'a'))
  fs.mkdirSync(path.join(host, 'b'))
  fs.writeFileSync(path.join(host, 'a', 'f'), 'A')
  fs.writeFileSync(path.join(host, 'b', 'f'), 'B')
  const guest = new TestGuest({ allow, mounts: { '/data': { host } } })
  return { guest, root: guest.root() }
}

describe('when the policy moves', () => {
  it('the next call decides by the newest table, and says so', () => {
    const { guest, root } = guestWithFiles()
    expect(readText(root, 'data/a/f')).toBe('A')
    guest.publish({ allow: ['read /data/b/**'] }, 2)
    guest.publish({ allow: ['read /data/b/**'] }, 3)
    expect(outcome(() => readText(root, 'data/a/f'))).toBe('access')
    expect(readText(root, 'data/b/f')).toBe('B')
    expect(guest.records.at(-1)?.policyVersion).toBe(3)
    expect(guest.entered.filter((version) => version !== 0).at(-1)).toBe(3)
  })

  it('open handles are decided again: what is denied now is closed, what is granted stays', () => {
    const { guest, root } = guestWithFiles()
    const a = open(root, 'data/a/f', { read: true, write: true })
    const b = open(root, 'data/b/f')
    const stream = a.readViaStream(0n)
    const output = a.writeViaStream(0n)
    const directory = open(root, 'data/a', { directory: true })
    const listing = directory.readDirectory()
    const before = guest.host.openDescriptors()
    guest.publish({ allow: ['read /data/b/**'] }, 2)
    for (const act of [
      () => a.read(1n, 0n),
      () => a.write(bytesOf('x'), 0n),
      () => a.stat(),
      () => a.setSize(0n),
      () => a.getType(),
      () => a.getFlags(),
      () => directory.stat(),
      () => open(directory, 'f'),
      () => listing.readDirectoryEntry(),
    ]) {
      expect(outcome(act)).toBe('access')
    }
    expect(outcome(() => stream.read(1n))).toMatchObject({ tag: 'last-operation-failed' })
    expect(outcome(() => output.checkWrite())).toMatchObject({ tag: 'last-operation-failed' })
    expect(guest.host.openDescriptors()).toBeLessThan(before)
    expect(Buffer.from(b.read(1n, 0n)[0]).toString()).toBe('B')
    expect(guest.denials()).toContain('read /data/a/f')
    for (const handle of [stream, output, listing, directory, a, b]) handle[Symbol.dispose]()
    root[Symbol.dispose]()
    expect(guest.host.openDescriptors()).toBe(0)
  })

  it('reaches a call that writes for long, in its middle', () => {
    const host = temporaryDirectory()
    let writes = 0
    const writeSync = (...args: Parameters<typeof fs.writeSync>): number => {
      writes += 1
      if (writes === 3) guest.publish({ allow: ['read /data/**'] }, 2)
      return fs.writeSync(...args)
    }
    const powers = { fs: { ...fs, writeSync: writeSync as typeof fs.writeSync } }
    const guest: TestGuest = new TestGuest({ allow, mounts: { '/data': { host } }, powers })
    const output = open(guest.root(), 'data/f', { write: true, create: true }).writeViaStream(0n)
    expect(outcome(() => output.blockingWriteZeroesAndFlush(1n << 24n))).toMatchObject({ tag: 'last-operation-failed' })
    expect(writes).toBe(3)
  })

  it('a poll for room in a file that was closed ends, and the write after it tells why', () => {
    const { guest, root } = guestWithFiles()
    const output = open(root, 'data/a/f', { write: true }).writeViaStream(0n)
    const room = output.subscribe()
    guest.publish({ allow: ['read /data/**'] }, 2)
    expect(room.ready()).toBe(true)
    room.block()
    expect(outcome(() => output.checkWrite())).toMatchObject({ tag: 'last-operation-failed' })
  })

  it('a grant for reading that remains does not keep a handle that was opened for writing too', () => {
    const { guest, root } = guestWithFiles()
    const both = open(root, 'data/a/f', { read: true, write: true })
    const reading = open(root, 'data/a/f')
    guest.publish({ allow: ['read /data/**'] }, 2)
    expect(outcome(() => both.read(1n, 0n))).toBe('access')
    expect(outcome(() => reading.read(1n, 0n))).toBe('ok')
  })

  it('a directory that becomes a mere way to a grant shows only that', () => {
    const { guest, root } = guestWithFiles()
    const directory = open(root, 'data', { directory: true })
    expect(namesIn(directory)).toEqual(['a', 'b'])
    guest.publish({ allow: ['read /data/b/f'] }, 2)
    expect(namesIn(directory)).toEqual(['b'])
    expect(directory.stat()).toMatchObject({ size: 0n })
  })

  it('a version whose table has not come denies everything until it comes', () => {
    const { guest, root } = guestWithFiles()
    guest.announce(2)
    expect(outcome(() => readText(root, 'data/a/f'))).toBe('access')
    expect(outcome(() => root.statAt(follow, 'data'))).toBe('access')
    expect(guest.records.at(-1)).toMatchObject({ layer: 'error', verdict: 'denied' })
    guest.publish({ allow }, 2)
    expect(readText(root, 'data/a/f')).toBe('A')
  })

  it('an older table is never taken', () => {
    const { guest, root } = guestWithFiles()
    guest.publish({ allow: [] }, 5)
    expect(outcome(() => readText(root, 'data/a/f'))).toBe('access')
    guest.publish({ allow }, 4)
    expect(outcome(() => readText(root, 'data/a/f'))).toBe('access')
  })

  it('a wait sees it: it publishes the new version and goes on', () => {
    const { guest } = guestWithFiles()
    const input = guest.call<Input>('wasi:cli/stdin', 'getStdin')
    let parked = 0
    guest.onPark = () => {
      parked += 1
      if (parked === 1) guest.publish({ allow: [] }, 2)
      else guest.stdin.put('late')
    }
    guest.entered.length = 0
    expect(Buffer.from(input.blockingRead(10n)).toString()).toBe('late')
    expect(guest.entered).toEqual([1, 2, 0])
  })
})
