import { cell, LaneCorruption, LaneWriter, SharedCells } from '@bulkhead/lane'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Inlet, type InletOptions, type InletRules } from './inlet.js'
import { compileLaneFilter, type LaneFilter } from './lane-filter.js'
import type { Mailbox, OpenedLane } from './mailbox.js'
import { Outlet } from './outlet.js'
import { MessageEncoder } from './record-encoder.js'
import { field, headerBytes } from './record-layout.js'
import {
  bodyOf,
  everything,
  makeMailbox,
  message,
  moveTo,
  open,
  openWithArena,
  send,
  sender,
  takeAll,
  watch,
} from './small-mailbox.test.support.js'

function filterOf(version: number, ...topics: string[]): LaneFilter {
  return compileLaneFilter({ version, publish: everything(...topics), subscribe: everything('>') })
}

/** Writes a record as a subverted sender would: by hand. */
function forge(lane: OpenedLane, change: (view: DataView) => void, more: Parameters<typeof message>[1] = {}): void {
  const encoder = new MessageEncoder().encode(message(10, more))
  encoder.stampInline(0)
  change(new DataView(encoder.bytes.buffer))
  new LaneWriter(lane.outlet.ring).tryWrite(encoder.bytes, encoder.inlineBytes(1020))
}

function look(lane: OpenedLane, options: InletOptions = {}) {
  return new Inlet(lane.inlet, options).look(100n)
}

describe('what comes out of a lane', () => {
  it('is the message, from the one to whom the host gave the lane', () => {
    const lane = open(makeMailbox(), 'alice')
    const trace = bodyOf(25, 3)
    send(new Outlet(lane.outlet), bodyOf(30, 1), { replyTo: '_inbox.x', trace, expiresAtNs: 101n, attempt: 2 })
    expect(look(lane)).toEqual({
      kind: 'message',
      delivery: {
        lane: lane.inlet.lane,
        position: 0,
        sequence: 0,
        sender: sender('alice'),
        subject: 'orders.new',
        body: bodyOf(30, 1),
        replyTo: '_inbox.x',
        trace,
        sentAtNs: 5n,
        expiresAtNs: 101n,
        attempt: 2,
      },
    })
  })

  it('names another sender on the lane of the host only', () => {
    const mailbox = makeMailbox()
    const host = mailbox.openHostLane(0n)
    send(new Outlet(host.outlet), 1, { sender: sender('bob', 4) })
    expect(look(host)).toMatchObject({ kind: 'message', delivery: { sender: { id: 'bob', incarnation: 4 } } })
    const lane = open(mailbox, 'mallory')
    send(new Outlet(lane.outlet), 1, { sender: sender('bob', 4) })
    expect(look(lane)).toMatchObject({ kind: 'breach', error: { message: expect.stringContaining('names another') } })
  })

  it('is over when its time is', () => {
    const mailbox = makeMailbox()
    const lane = open(mailbox)
    const outlet = new Outlet(lane.outlet)
    send(outlet, 1, { expiresAtNs: 100n })
    send(outlet, 2, { expiresAtNs: 101n })
    const { reader, refused } = watch(mailbox)
    expect(takeAll(reader).map(({ body }) => body.length)).toEqual([2])
    expect(refused.map(({ reason, delivery }) => [reason, delivery.body.length])).toEqual([['expired', 1]])
  })

  it('answers only who waits for an answer', () => {
    const mailbox = makeMailbox()
    const outlet = new Outlet(open(mailbox, 'bob').outlet)
    send(outlet, 1, { subject: '_inbox.known' })
    send(outlet, 2, { subject: '_inbox.late' })
    const { reader, refused, breaches } = watch(mailbox, {
      awaitsReply: (subject, from) => subject === '_inbox.known' && from.id === 'bob',
    })
    expect(takeAll(reader).map(({ subject }) => subject)).toEqual(['_inbox.known'])
    expect(refused.map(({ reason }) => reason)).toEqual(['stale-incarnation'])
    expect(breaches).toEqual([])
    // Who has asked nobody waits for nothing.
    const alone = open(mailbox, 'carol')
    send(new Outlet(alone.outlet), 1, { subject: '_inbox.known' })
    expect(look(alone)).toMatchObject({ kind: 'refused', reason: 'stale-incarnation' })
  })
})

describe('a topic', () => {
  it('that the sender may not publish here is its breach; what it may is not', () => {
    const mailbox = makeMailbox()
    const lane = open(mailbox, 'mallory', filterOf(1, 'orders.*'))
    const good = open(mailbox, 'alice', filterOf(1, 'orders.*'))
    send(new Outlet(lane.outlet), 1, { subject: 'bills.new' })
    send(new Outlet(lane.outlet), 1, { subject: 'orders.new' })
    send(new Outlet(good.outlet), 2, { subject: 'orders.new' })
    const { reader, breaches, refused } = watch(mailbox)
    // Nothing more of that lane is read; the others are.
    expect(takeAll(reader).map((delivery) => [delivery.sender.id, delivery.body.length])).toEqual([['alice', 2]])
    expect(breaches).toMatchObject([
      { lane: lane.inlet.lane, sender: { id: 'mallory' }, error: { code: 'topic-access-denied' } },
    ])
    expect(refused).toEqual([])
  })

  it('that newer rules allow, which wait to be taken in, is no breach; one that they do not allow is', () => {
    const mailbox = makeMailbox()
    const lane = open(mailbox, 'alice', filterOf(1, 'a'))
    const outlet = new Outlet(lane.outlet)
    const posted: (() => void)[] = []
    const { reader, breaches } = watch(mailbox, { refresh: () => posted.shift()?.() })
    const newer = filterOf(2, 'b')
    const rules = mailbox.replaceFilter(lane.inlet.lane, newer)
    posted.push(() => reader.replaceRules(lane.inlet.lane, rules))
    send(outlet, 1, { subject: 'b' })
    send(outlet, 1, { subject: 'a' })
    expect(takeAll(reader).map(({ subject }) => subject)).toEqual(['b', 'a'])
    expect([posted, breaches]).toEqual([[], []])
    const enforced = mailbox.enforceFilter(lane.inlet.lane, newer)
    if (enforced !== undefined) reader.replaceRules(lane.inlet.lane, enforced)
    send(outlet, 1, { subject: 'c' })
    expect(takeAll(reader)).toEqual([])
    expect(breaches).toHaveLength(1)
  })

  it('of the host itself comes on the lane of the host only', () => {
    const mailbox = makeMailbox()
    const host = mailbox.openHostLane(0n)
    send(new Outlet(host.outlet), 1, { subject: '$sys.health' })
    expect(look(host)?.kind).toBe('message')
    const lane = open(mailbox)
    send(new Outlet(lane.outlet), 1, { subject: '$sys.health' })
    expect(look(lane)?.kind).toBe('breach')
  })

  const changes = (start: number) => {
    const mailbox = makeMailbox()
    const lane = open(mailbox, 'alice', filterOf(1, 'a', 'b', 'c'))
    moveTo(lane, start)
    return { mailbox, lane, outlet: new Outlet(lane.outlet), ...watch(mailbox) }
  }
  const subjects = (watched: ReturnType<typeof changes>): string[] =>
    takeAll(watched.reader).map(({ subject }) => subject)

  it.each([0, 0xffff_fff0])(
    'of the filter before still passes until the sender was seen to obey (start %i)',
    (start) => {
      const watched = changes(start)
      const { mailbox, lane, outlet, reader, breaches } = watched
      send(outlet, 1, { subject: 'b' })
      const newer = filterOf(2, 'a')
      const tell = (rules: InletRules | undefined) => rules && reader.replaceRules(lane.inlet.lane, rules)
      tell(mailbox.replaceFilter(lane.inlet.lane, newer))
      send(outlet, 1, { subject: 'b' })
      expect(subjects(watched)).toEqual(['b', 'b'])
      send(outlet, 1, { subject: 'c' })
      // What was settled and enforced of older rules says nothing of newer ones.
      expect(mailbox.settleFilter(lane.inlet.lane, filterOf(2, 'a'))).toBeUndefined()
      expect(mailbox.enforceFilter(99, newer)).toBeUndefined()
      tell(mailbox.settleFilter(lane.inlet.lane, newer))
      send(outlet, 1, { subject: 'a' })
      expect(subjects(watched)).toEqual(['c', 'a'])
      send(outlet, 1, { subject: 'b' })
      expect(subjects(watched)).toEqual([])
      expect([watched.refused, breaches]).toMatchObject([[{ reason: 'revoked' }], []])
      tell(mailbox.enforceFilter(lane.inlet.lane, newer))
      send(outlet, 1, { subject: 'b' })
      expect(subjects(watched)).toEqual([])
      expect(breaches).toHaveLength(1)
    },
  )

  it.each([0, 0xffff_fff0])(
    'that was two versions old when its message was read is revoked, no breach (start %i)',
    (start) => {
      const watched = changes(start)
      const { mailbox, lane, outlet, reader, breaches, refused } = watched
      send(outlet, 1, { subject: 'c' })
      const newest = filterOf(3, 'a')
      for (const filter of [filterOf(2, 'a', 'b'), newest]) {
        reader.replaceRules(lane.inlet.lane, mailbox.replaceFilter(lane.inlet.lane, filter))
      }
      send(outlet, 1, { subject: 'b' })
      expect(subjects(watched)).toEqual(['b'])
      expect(refused.map(({ reason, delivery }) => [reason, delivery.subject])).toEqual([['revoked', 'c']])
      expect(breaches).toEqual([])
      const enforced = mailbox.enforceFilter(lane.inlet.lane, newest)
      if (enforced !== undefined) reader.replaceRules(lane.inlet.lane, enforced)
      send(outlet, 1, { subject: 'c' })
      expect(subjects(watched)).toEqual([])
      expect(breaches).toHaveLength(1)
    },
  )

  it('is judged alike by a reader that comes later', () => {
    const { mailbox, lane, outlet } = changes(0)
    send(outlet, 1, { subject: 'b' })
    const newer = filterOf(2, 'a')
    mailbox.replaceFilter(lane.inlet.lane, newer)
    mailbox.settleFilter(lane.inlet.lane, newer)
    mailbox.enforceFilter(lane.inlet.lane, newer)
    mailbox.sweep(0n)
    const { reader, breaches } = watch(mailbox)
    expect(takeAll(reader)).toHaveLength(1)
    mailbox.sweep(0n)
    send(outlet, 1, { subject: 'b' })
    expect(takeAll(reader)).toHaveLength(0)
    expect(breaches).toHaveLength(1)
    expect(takeAll(watch(mailbox).reader)).toHaveLength(0)
  })
})

describe('a sender that lies', () => {
  const lies: readonly [string, (lane: OpenedLane) => void][] = [
    ['about the length of its body', (lane) => forge(lane, (view) => view.setUint32(field.bodyBytes, 11, true))],
    ['about a version', (lane) => forge(lane, (view) => view.setUint8(field.version, 9))],
    ['in the subject', (lane) => forge(lane, (view) => view.setUint8(headerBytes, 0xff))],
    ['in the ring itself', (lane) => new SharedCells(lane.outlet.ring).store(cell.tail, 6)],
    [
      'about the size that its receiver takes',
      (lane) => send(new Outlet({ ...lane.outlet, messageBytesMax: 4000 }, {}), 2001),
    ],
  ]
  it.each(lies)('%s is found out, and only its own lane ends', (_name, lie) => {
    const mailbox = makeMailbox()
    const lane = openWithArena(mailbox, 'mallory')
    lie(lane)
    send(new Outlet(open(mailbox, 'alice').outlet), 2)
    const { reader, breaches } = watch(mailbox)
    expect(takeAll(reader).map((delivery) => delivery.sender.id)).toEqual(['alice'])
    expect(breaches).toHaveLength(1)
    expect(breaches[0]?.error).toBeInstanceOf(LaneCorruption)
    expect(breaches[0]?.error).toMatchObject({ culprit: 'writer' })
  })

  it('about its turn is found out', () => {
    const mailbox = makeMailbox()
    const lane = open(mailbox)
    forge(lane, () => {})
    forge(lane, (view) => view.setUint32(field.sequence, 2, true))
    const { reader, breaches } = watch(mailbox)
    expect(takeAll(reader)).toHaveLength(1)
    expect(breaches[0]?.error.message).toContain('out of turn')
  })

  it('about an arena that it has not is found out, after the host was asked for news', () => {
    const mailbox = makeMailbox()
    const lane = openWithArena(mailbox)
    send(new Outlet(lane.outlet), 1500)
    let asked = 0
    const without = { ...lane, inlet: { ...lane.inlet, arena: undefined } }
    expect(look(without, { refresh: () => asked++ })?.kind).toBe('breach')
    expect(asked).toBe(1)
    const inlet = new Inlet(without.inlet, {
      refresh: () => lane.inlet.arena && inlet.attachArena(lane.inlet.arena),
    })
    expect(inlet.look(0n)).toMatchObject({ kind: 'message', delivery: { body: bodyOf(1500, 1) } })
  })

  it('cannot make its receiver do anything else, whatever is in lane and arena', () => {
    const word = fc.oneof(
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.integer({ min: 0, max: 1024 }).map((n) => n * 4),
    )
    const start = fc.uint8Array({ minLength: 200, maxLength: 600 })
    fc.assert(
      fc.property(word, start, fc.boolean(), (tail, bytes, plausible) => {
        const mailbox: Mailbox = makeMailbox()
        const lane = openWithArena(mailbox)
        const real = new SharedCells(lane.outlet.ring)
        if (plausible) {
          send(new Outlet(lane.outlet), 1200)
          real.copyIn(4 + 8, bytes, 0, 20)
        } else {
          real.copyIn(0, bytes, 0, bytes.length)
          real.store(cell.tail, tail)
        }
        const { reader, breaches } = watch(mailbox)
        const taken = takeAll(reader).length
        expect(taken + breaches.length).toBeGreaterThan(tail === 0 && !plausible ? -1 : 0)
        expect(breaches.length).toBeLessThanOrEqual(1)
        mailbox.stats()
      }),
    )
  })
})
