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
  type Output,
  open,
  outcome,
  type Pollable,
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

  it('a wait sees it: asleep it is in no call, awake in one of the new version before it does anything', () => {
    const { guest } = guestWithFiles()
    const input = guest.call<Input>('wasi:cli/stdin', 'getStdin')
    let parked = 0
    guest.onPark = () => {
      parked += 1
      // Whoever revokes now need not wait until a busy machine has woken the guest.
      expect(guest.entered.at(-1)).toBe(0)
      if (parked === 1) guest.publish({ allow: [] }, 2)
      else guest.stdin.put('late')
    }
    guest.entered.length = 0
    expect(Buffer.from(input.blockingRead(10n)).toString()).toBe('late')
    // It says the version that it knows before it looks for a newer one: the host sees it inside, or it sees the newer one.
    expect(guest.entered).toEqual([1, 0, 1, 2, 0, 2, 0])
  })

  it('so does a poll, and a write that waits for room', () => {
    const { guest } = guestWithFiles()
    const soon = guest.call<Pollable>('wasi:clocks/monotonic-clock', 'subscribeDuration', 1_000n)
    guest.onPark = (untilNs) => {
      if (guest.entered.includes(2)) guest.nowNs = untilNs ?? 0n
      else guest.publish({ allow: [] }, 2)
    }
    guest.entered.length = 0
    guest.call<number[]>('wasi:io/poll', 'poll', [soon])
    expect(guest.entered).toEqual([1, 0, 1, 2, 0, 2, 0])
    const output = guest.call<Output>('wasi:cli/stdout', 'getStdout')
    guest.stdout.room = 0
    guest.onPark = () => {
      if (guest.entered.includes(3)) guest.stdout.room = 10
      else guest.publish({ allow: [] }, 3)
    }
    guest.entered.length = 0
    output.blockingWriteAndFlush(bytesOf('late'))
    expect(guest.entered).toEqual([2, 0, 2, 3, 0, 3, 0])
    expect(guest.stdout.text).toBe('late')
  })

  it('between two decisions of one call: the newer one decides, and the host is not told before the call ends', () => {
    const powers = { betweenCheckAndAct: once(() => guest.publish({ allow: ['create /data/**'] }, 2)) }
    const host = temporaryDirectory()
    fs.writeFileSync(path.join(host, 'f'), 'F')
    const guest: TestGuest = new TestGuest({
      allow: ['delete /data/**', 'create /data/**'],
      mounts: { '/data': { host } },
      powers,
    })
    const root = guest.root()
    guest.entered.length = 0
    root.renameAt('data/f', root, 'data/g')
    expect(guest.entered).toEqual([1, 0])
    expect(outcome(() => root.renameAt('data/g', root, 'data/h'))).toBe('access')
    expect(fs.readdirSync(host)).toEqual(['g'])
  })

  it('what was opened by decisions of two policies is decided by the newer one before the guest can use it', () => {
    const powers = { betweenCheckAndAct: once(() => guest.publish({ allow: ['write /data/**'] }, 2)) }
    const host = temporaryDirectory()
    fs.writeFileSync(path.join(host, 'f'), 'F')
    const guest: TestGuest = new TestGuest({ allow, mounts: { '/data': { host } }, powers })
    const file = open(guest.root(), 'data/f', { read: true, write: true })
    expect(outcome(() => file.read(1n, 0n))).toBe('access')
    expect(outcome(() => file.stat())).toBe('access')
  })

  it('closes a listing in the middle of the call that reads it', () => {
    const host = temporaryDirectory()
    for (const name of ['a', 'b', 'c']) fs.writeFileSync(path.join(host, name), '')
    const opendirSync = (...args: Parameters<typeof fs.opendirSync>): fs.Dir => {
      const dir = fs.opendirSync(...args)
      const readSync = dir.readSync.bind(dir)
      dir.readSync = () => {
        guest.publish({ allow: [] }, 2)
        return readSync()
      }
      return dir
    }
    const powers = { fs: { ...fs, opendirSync: opendirSync as typeof fs.opendirSync } }
    const guest: TestGuest = new TestGuest({ allow, mounts: { '/data': { host } }, powers })
    const listing = open(guest.root(), 'data', { directory: true }).readDirectory()
    expect(outcome(() => listing.readDirectoryEntry())).toBe('access')
    expect(outcome(() => listing.readDirectoryEntry())).toBe('access')
    listing[Symbol.dispose]()
  })

  it('leaves no descriptor of the kernel on what may not be used any more', () => {
    const { guest, root } = guestWithFiles()
    const file = open(root, 'data/a/f', { write: true })
    const streams = [file.appendViaStream(), file.writeViaStream(0n)]
    const held = (): number => {
      const numbers = fs.readdirSync('/proc/self/fd')
      return numbers.filter((fd) => linkOf(`/proc/self/fd/${fd}`).endsWith('/a/f')).length
    }
    expect(held()).toBe(2)
    guest.publish({ allow: [] }, 2)
    for (const stream of streams) {
      expect(outcome(() => stream.blockingWriteAndFlush(bytesOf('x')))).toMatchObject({ tag: 'last-operation-failed' })
    }
    expect(held()).toBe(0)
    for (const stream of streams) stream[Symbol.dispose]()
  })

  it('the uses of what is closed are told as they were allowed, and the refusal once', () => {
    const { guest, root } = guestWithFiles()
    const file = open(root, 'data/a/f')
    for (let n = 0; n < 3; n++) file.read(1n, 0n)
    const before = guest.records.length
    guest.publish({ allow: [] }, 2)
    expect(outcome(() => file.read(1n, 0n))).toBe('access')
    const told = guest.records.slice(before).filter(({ resource }) => resource === '/data/a/f')
    expect(told.map(({ verdict, count, policyVersion }) => [verdict, count, policyVersion])).toEqual([
      ['denied', 1, 2],
      ['granted', 3, 1],
    ])
  })

  it('the rules of neighbours move too', () => {
    const host = temporaryDirectory()
    for (const name of ['in', 'out']) fs.mkdirSync(path.join(host, name))
    fs.writeFileSync(path.join(host, 'in', 'f'), '')
    const mounts = { '/data': { host } }
    const mine = ['read /data/**', 'write /data/**', 'create /data/**', 'delete /data/**']
    const guest = new TestGuest({
      allow: mine,
      mounts,
      neighbours: [{ allow: ['read /n/**'], mounts: { '/n': { host } } }],
    })
    const root = guest.root()
    root.renameAt('data/in/f', root, 'data/out/f')
    // Now the neighbour may read only what comes out: nothing may be moved into its hands.
    const neighbours = [{ allow: ['read /n/out/**'], mounts: { '/n': { host } } }]
    guest.publish({ allow: mine, mounts, neighbours }, 2)
    root.renameAt('data/out/f', root, 'data/in/f')
    expect(outcome(() => root.renameAt('data/in/f', root, 'data/out/f'))).toBe('access')
    expect(fs.existsSync(path.join(host, 'in', 'f'))).toBe(true)
  })

  it('the number of handles may be lowered under a guest that holds more', () => {
    const { guest, root } = guestWithFiles()
    const held = [open(root, 'data/a/f'), open(root, 'data/a/f')]
    guest.publish({ allow, limits: { handlesMax: 2 } }, 2)
    expect(outcome(() => open(root, 'data/b/f'))).toBe('insufficient-memory')
    expect(outcome(() => held[0]?.read(1n, 0n))).toBe('ok')
  })
})

describe('the counters of the guard', () => {
  it('count what was granted and denied, remembered and worked out, over every change of policy', () => {
    const { guest, root } = guestWithFiles()
    const before = guest.host.counters()
    for (let n = 0; n < 5; n++) outcome(() => open(root, 'data/a/f'))
    guest.publish({ allow: ['read /data/b/**'] }, 2)
    for (let n = 0; n < 3; n++) outcome(() => open(root, 'data/a/f'))
    const after = guest.host.counters()
    expect(after.checksGranted - before.checksGranted).toBe(5)
    expect(after.checksDenied - before.checksDenied).toBeGreaterThanOrEqual(3)
    expect(after.cacheHits).toBeGreaterThan(before.cacheHits)
    expect(after.cacheMisses).toBeGreaterThan(before.cacheMisses)
  })

  it('time one decision in a thousand', () => {
    const { guest, root } = guestWithFiles()
    expect(guest.host.counters()).toMatchObject({ checksTimed: 0, checksTimedNs: 0 })
    guest.nowNs = 0n
    for (let n = 0; n < 1_100; n++) root.statAt(follow, 'data/a/f')
    expect(guest.host.counters().checksTimed).toBeGreaterThanOrEqual(1)
  })
})

function once(act: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    act()
  }
}

/** What the link says, or nothing for one that is gone: listing the descriptors opens one more. */
function linkOf(link: string): string {
  try {
    return fs.readlinkSync(link)
  } catch {
    return ''
  }
}
