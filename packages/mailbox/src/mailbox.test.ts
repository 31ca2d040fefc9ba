import { cell, SharedCells } from '@bulkhead/lane'
import { describe, expect, it } from 'vitest'
import { DeadLetters } from './dead-letters.js'
import { laneIdleMs } from './limits.js'
import { Mailbox } from './mailbox.js'
import { Outlet } from './outlet.js'
import {
  bodyOf,
  makeMailbox,
  message,
  open,
  openFilter,
  openWithArena,
  send,
  sender,
  takeAll,
  watch,
} from './small-mailbox.test.support.js'

const idleNs = BigInt(laneIdleMs) * 1_000_000n

describe('the place in a mailbox', () => {
  it('of four megabytes keeps the host lane and its arena, and is given to lanes and arenas as they are asked for', () => {
    const mailbox = new Mailbox()
    expect(mailbox.bytesMax).toBe(4 * 1024 * 1024)
    const lanes = Array.from({ length: 47 }, (_, index) => open(mailbox, `s${index}`))
    expect(mailbox.openLane(sender('more'), openFilter, 0n)).toBeUndefined()
    expect(mailbox.openArena(lanes[0]?.inlet.lane ?? 0)).toBeUndefined()
    const host = mailbox.openHostLane(0n)
    expect(mailbox.openArena(host.inlet.lane)?.byteLength).toBe(1024 * 1024)
    expect(mailbox.stats().memoryBytes).toBe(mailbox.bytesMax)
    expect(() => mailbox.openHostLane(0n)).toThrow('has a lane of the host already')
  })

  it('is given back: an arena needs the place of sixteen lanes', () => {
    const mailbox = new Mailbox()
    const lanes = Array.from({ length: 47 }, (_, index) => open(mailbox, `s${index}`).inlet.lane)
    for (const lane of lanes.slice(0, 15)) mailbox.endSender(lane)
    mailbox.sweep(0n)
    expect(mailbox.openArena(lanes[20] ?? 0)).toBeUndefined()
    mailbox.endSender(lanes[15] ?? 0)
    expect(mailbox.sweep(0n).ended).toEqual([lanes[15]])
    const arena = mailbox.openArena(lanes[20] ?? 0)
    expect(arena?.byteLength).toBe(1024 * 1024)
    expect(mailbox.openArena(lanes[20] ?? 0)).toBe(arena)
  })

  it('of a receiver of large messages is larger; no queue holds fewer than four of its largest', () => {
    const mailbox = new Mailbox({ messageBytesMax: 1024 * 1024 })
    expect(mailbox.bytesMax).toBe((4 * 1024 + 17 * 64) * 1024)
    const { inlet, outlet } = mailbox.openHostLane(0n)
    const host = new Outlet({ ...outlet, arena: mailbox.openArena(inlet.lane) })
    const body = new Uint8Array(1024 * 1024)
    expect([1, 2, 3, 4, 5].map(() => send(host, body))).toEqual(['sent', 'sent', 'sent', 'sent', 'overloaded'])
    expect(() => send(host, new Uint8Array(1024 * 1024 + 1))).toThrow('too large for its receiver')
    const { reader } = watch(mailbox)
    expect(takeAll(reader).map((delivery) => delivery.body.length)).toEqual([1, 1, 1, 1].map((n) => n * body.length))
    expect(send(host, body)).toBe('sent')
  })

  it('has bounds that must be bounds', () => {
    expect(() => new Mailbox({ messageBytesMax: 1024 * 1024 + 1 })).toThrow('messageBytesMax')
    expect(() => new Mailbox({ messageBytesMax: 0 })).toThrow('messageBytesMax')
    expect(() => new Mailbox({ lanesMax: 65 })).toThrow('lanesMax')
    expect(() => new Mailbox({ messagesMax: 64 * 8 - 1 })).toThrow('messagesMax')
    expect(() => new Mailbox({ laneBytes: 2048 })).toThrow('laneBytes')
    expect(() => new Mailbox({ messagesMax: 64 * 8 })).not.toThrow()
    const mailbox = makeMailbox()
    expect(() => mailbox.replaceFilter(1, openFilter)).toThrow('no lane `1`')
    expect(() => mailbox.replaceFilter(mailbox.openHostLane(0n).inlet.lane, openFilter)).toThrow('has no filter')
  })
})

describe('a sender', () => {
  it('is told at once when there is no room, and others have theirs', () => {
    const mailbox = makeMailbox()
    const one = new Outlet(openWithArena(mailbox, 'one').outlet)
    const two = new Outlet(openWithArena(mailbox, 'two').outlet)
    for (let count = 0; count < 4; count++) expect(send(one, 1000 - 68)).toBe('sent')
    expect(send(one, 1000 - 68)).toBe('overloaded')
    // The ring is full for a message that fits it, and has room for a little one.
    expect(send(one, 0)).toBe('overloaded')
    for (let count = 0; count < 4; count++) expect(send(two, 2000)).toBe('sent')
    expect(send(two, 2000)).toBe('overloaded')
    expect(send(two, 0)).toBe('sent')
    expect([one.depth(), two.depth()]).toEqual([4, 5])
    expect(mailbox.stats()).toMatchObject({ lanes: 2, messages: 9, oldestSentAtNs: 5n })
    const { reader } = watch(mailbox)
    expect(takeAll(reader)).toHaveLength(9)
    expect([one.depth(), two.depth()]).toEqual([0, 0])
    expect(mailbox.stats()).toMatchObject({ messages: 0, bytes: 0, oldestSentAtNs: undefined })
  })

  it('asks for an arena when it needs one', () => {
    const mailbox = makeMailbox()
    const lane = open(mailbox)
    const outlet = new Outlet(lane.outlet)
    const { reader } = watch(mailbox)
    expect(send(outlet, 1500)).toBe('arena-missing')
    expect(send(outlet, 15)).toBe('sent')
    const arena = mailbox.openArena(outlet.lane)
    if (arena === undefined) throw new Error('no place')
    reader.attachArena(outlet.lane, arena)
    outlet.attachArena(arena)
    expect(send(outlet, bodyOf(1500, 2))).toBe('sent')
    expect(takeAll(reader).map(({ body }) => body)).toEqual([bodyOf(15, 1), bodyOf(1500, 2)])
  })

  it('that closes its lane ends it when it was read empty', () => {
    const mailbox = makeMailbox()
    const outlet = new Outlet(open(mailbox).outlet)
    send(outlet, 1)
    outlet.close()
    expect(send(outlet, 1)).toBe('closed')
    expect(mailbox.sweep(0n).ended).toEqual([])
    const { reader } = watch(mailbox)
    expect(takeAll(reader)).toHaveLength(1)
    expect(mailbox.sweep(0n).ended).toEqual([outlet.lane])
  })

  it('that sends nothing for a minute is named, and one that sends is not', () => {
    const mailbox = makeMailbox()
    const quiet = new Outlet(open(mailbox, 'quiet').outlet)
    const busy = new Outlet(open(mailbox, 'busy').outlet)
    send(busy, 1)
    expect(mailbox.sweep(idleNs)).toEqual({ ended: [], idle: [quiet.lane] })
    takeAll(watch(mailbox).reader)
    expect(mailbox.sweep(idleNs + 1n).idle).toEqual([quiet.lane])
    expect(mailbox.sweep(2n * idleNs).idle).toEqual([quiet.lane, busy.lane])
  })

  it('that is condemned is told that nobody reads', () => {
    const mailbox = makeMailbox()
    const outlet = new Outlet(open(mailbox).outlet)
    send(outlet, 1)
    mailbox.condemn(outlet.lane)
    expect(send(outlet, 1)).toBe('closed')
    expect(mailbox.stats()).toMatchObject({ lanes: 0, messages: 0 })
    expect(takeAll(watch(mailbox).reader)).toEqual([])
  })

  it('sees what a receiver did to the lane that it may not, and nothing else of it', () => {
    const mailbox = makeMailbox()
    const lane = open(mailbox)
    const outlet = new Outlet(lane.outlet)
    new SharedCells(lane.inlet.ring).store(cell.head, 400)
    expect(send(outlet, 1)).toBe('corrupt')
    expect(outlet.corruption?.culprit).toBe('reader')
    new SharedCells(lane.inlet.ring).store(cell.head, 0)
    expect(send(outlet, 1)).toBe('corrupt')
  })
})

describe('a reader', () => {
  it('has one message at a time', () => {
    const mailbox = makeMailbox()
    const outlet = new Outlet(open(mailbox).outlet)
    send(outlet, 1)
    const { reader } = watch(mailbox)
    reader.finish()
    expect(reader.take()).toBeDefined()
    expect(() => reader.take()).toThrow('a message is in processing')
    reader.finish()
    expect(reader.take()).toBeUndefined()
  })

  it('may put a message back that was not begun: it is the next one, and nobody has it in processing', () => {
    const mailbox = makeMailbox()
    const outlet = new Outlet(open(mailbox).outlet)
    send(outlet, 1)
    const { reader } = watch(mailbox)
    const first = reader.take()
    reader.putBack()
    expect(mailbox.recover('once', 0n)).toEqual({ kind: 'nothing' })
    const again = reader.take()
    expect([again?.lane, again?.position, again?.attempt]).toEqual([first?.lane, first?.position, 0])
    reader.finish()
    expect(reader.take()).toBeUndefined()
  })

  it('hears of a new lane by its first message', () => {
    const mailbox = makeMailbox()
    const posted: (() => void)[] = []
    const { reader } = watch(mailbox, { refresh: () => posted.shift()?.() })
    const lane = open(mailbox)
    posted.push(() => reader.addLane(lane.inlet))
    send(new Outlet(lane.outlet), 1)
    expect(reader.take()?.lane).toBe(lane.inlet.lane)
    reader.finish()
    reader.removeLane(lane.inlet.lane)
    reader.removeLane(99)
    reader.attachArena(99, new SharedArrayBuffer(8))
    send(new Outlet(lane.outlet), 1)
    expect(reader.take()).toBeUndefined()
  })

  it('is not kept by a sender of nothing but what is refused', () => {
    const mailbox = makeMailbox({ laneBytes: 65_536, messagesMax: 1024 })
    const outlet = new Outlet(open(mailbox).outlet)
    while (send(outlet, 0, { expiresAtNs: 1n }) === 'sent');
    const { reader, refused } = watch(mailbox)
    expect(reader.take()).toBeUndefined()
    const first = refused.length
    expect(first).toBe(256)
    // It does not sleep over the rest.
    expect(reader.waitTake(1)).toBeUndefined()
    expect(refused.length).toBeGreaterThan(first)
  })

  it('of the host takes up again what it left', async () => {
    const mailbox = makeMailbox({ laneBytes: 65_536, messagesMax: 1024 })
    const outlet = new Outlet(open(mailbox).outlet)
    while (outlet.depth() < 400) send(outlet, 0, { expiresAtNs: 1n })
    send(outlet, 3)
    const { reader, refused } = watch(mailbox)
    expect((await reader.taken())?.body.length).toBe(3)
    expect(refused).toHaveLength(400)
  })

  it('that ended while its sender turned hostile leaves the breach to the host', () => {
    const mailbox = makeMailbox()
    const lane = open(mailbox)
    send(new Outlet(lane.outlet), 1)
    watch(mailbox).reader.take()
    new SharedCells(lane.outlet.ring).putLength(0, 5000)
    expect(mailbox.recover('once', 0n)).toMatchObject({ kind: 'breach', breach: { sender: { id: 'sender' } } })
    expect(mailbox.stats().lanes).toBe(0)
    expect(mailbox.recover('once', 0n)).toEqual({ kind: 'nothing' })
  })

  it('that marks what is not there loses nothing of what is', () => {
    const mailbox = makeMailbox()
    const outlet = new Outlet(open(mailbox).outlet)
    send(outlet, 1)
    const words = new Int32Array(mailbox.readerMemory().mark)
    for (const mark of [
      [99, 0, 0],
      [outlet.lane, 4, 0],
      [outlet.lane, -4, 7],
    ]) {
      words.set(mark)
      expect(mailbox.recover('once', 0n)).toEqual({ kind: 'nothing' })
    }
    expect(takeAll(watch(mailbox).reader)).toHaveLength(1)
    words.set([outlet.lane, 0, 0])
    expect(mailbox.recover('once', 0n)).toEqual({ kind: 'nothing' })
  })
})

describe('dead letters', () => {
  const letter = (bytes: number, more: object = {}) => ({
    reason: 'no-subscriber' as const,
    receiver: undefined,
    message: { ...message(bytes), ...more },
    atMs: 1,
  })

  it('are kept with their bodies, the newest of them, and may be taken out', () => {
    const letters = new DeadLetters({ lettersMax: 3, bytesMax: 100 })
    for (let bytes = 1; bytes <= 4; bytes++) letters.add(letter(bytes))
    expect(letters.list().map(({ id, message: { body } }) => [id, body.length])).toEqual([
      [2, 2],
      [3, 3],
      [4, 4],
    ])
    expect([letters.size, letters.dropped]).toEqual([3, 1])
    expect(letters.take(3)?.message.body.length).toBe(3)
    expect(letters.take(3)).toBeUndefined()
    letters.add(letter(95))
    expect(letters.list().map(({ id }) => id)).toEqual([4, 5])
    letters.add(letter(101))
    expect(letters.size).toBe(0)
    expect(letters.add(letter(100))?.id).toBe(7)
    expect(letters.size).toBe(1)
  })

  it('hold a message once, however often its lane was read', () => {
    const letters = new DeadLetters({ lettersMax: 2, bytesMax: 100 })
    const expired = (lane: number, position: number) => ({ ...letter(1, { lane, position }), receiver: 'r' })
    expect(letters.add(expired(1, 8))).toBeDefined()
    expect(letters.add(expired(1, 8))).toBeUndefined()
    expect(letters.add(expired(1, 16))).toBeDefined()
    expect(letters.add(expired(2, 16))).toBeDefined()
    expect(letters.add(expired(3, 16))).toBeDefined()
    expect(letters.add({ ...expired(3, 16), receiver: 'other' })).toBeDefined()
  })
})

describe('a mailbox that nobody reads', () => {
  it('says whether something lies in it', () => {
    const mailbox = makeMailbox()
    expect(mailbox.hasMail).toBe(false)
    const { outlet } = open(mailbox, 's')
    expect(mailbox.hasMail).toBe(false)
    send(new Outlet(outlet), 1)
    expect(mailbox.hasMail).toBe(true)
    takeAll(watch(mailbox).reader)
    expect(mailbox.hasMail).toBe(false)
  })

  it('is waited for until somebody sends, or it is woken; not at all when there is mail', async () => {
    const mailbox = makeMailbox()
    const outlet = new Outlet(open(mailbox, 's').outlet)
    const sent = mailbox.awaitMail()
    send(outlet, 1)
    await sent
    expect(mailbox.awaitMail()).toBeUndefined()
    takeAll(watch(mailbox).reader)
    const first = mailbox.awaitMail()
    const second = mailbox.awaitMail()
    mailbox.wake()
    await Promise.all([first, second])
  })
})
