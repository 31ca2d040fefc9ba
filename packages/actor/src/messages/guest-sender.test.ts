// A sender with real mailboxes, whose host answers when the sender waits for it and not before: as it does when its event
// loop is busy and the rules change meanwhile.
import { buildRoutingTable, Mailbox, MailboxReader, type OpenedLane, type RoutingTable } from '@bulkhead/mailbox'
import { describe, expect, test } from 'vitest'
import { Ledger } from '../ledger.js'
import { laneRoundsMax } from '../limits.js'
import type { MailboxId, MessageEvent } from '../message-protocol.js'
import { GuestSender } from './guest-sender.js'
import { Outlets } from './outlets.js'
import { RandomPool } from './random-pool.js'
import { ReplyRights } from './reply-rights.js'
import { TraceSource } from './trace-source.js'

/** How often a sender looks before its wait is over. */
const looksPerWait = 3
/** Needs an arena. */
const large = new Uint8Array(100_000)
const small = new Uint8Array(10)

/** Who receives `work`: a pool with these mailboxes. */
function pool(version: number, ...mailboxes: readonly MailboxId[]): RoutingTable {
  const receivers = mailboxes.length === 0 ? [] : [{ id: 'pool', mailboxes }]
  const subscriptions = mailboxes.length === 0 ? [] : [{ pattern: 'work', receiver: 'pool' }]
  return buildRoutingTable({ version, receivers, subscriptions })
}

class Rig {
  readonly posted: string[] = []
  readonly sender: GuestSender
  readonly outlets = new Outlets((event) => this.#post(event))
  readonly #mailboxes = new Map<MailboxId, { readonly mailbox: Mailbox; lane?: OpenedLane }>()
  /** What the host does when the sender waits, one a look; then it answers what was asked. */
  readonly #turns: (() => void)[]
  #asked: MessageEvent[] = []
  /** Of these the host knows nothing by the rules of now. */
  readonly unknown = new Set<MailboxId>()
  waits = 0
  isDeaf = false
  /** Whether it answers in the thread of the guest, before it has heard the end of the question. */
  isAtOnce = false
  /** What happens between the choice of the receivers and the commit. */
  between: () => void = () => {}
  #isEndingLanes = false

  constructor(routing: RoutingTable, turns: readonly ((rig: Rig) => void)[] = []) {
    for (const id of [1, 2]) this.#mailboxes.set(id, { mailbox: new Mailbox() })
    this.#turns = turns.map((turn) => () => turn(this))
    const random = new RandomPool((bytes) => bytes.fill(1))
    this.sender = new GuestSender(routing, {
      ledger: new Ledger(),
      now: () => 0n,
      post: (event) => this.#post(event),
      refresh: () => {},
      rate: () => 'taken',
      outlets: this.outlets,
      traces: new TraceSource(random),
      random,
      replies: new ReplyRights(() => 0n),
      requests: undefined,
    })
  }

  publish(body: Uint8Array): string {
    const pause = (isReady: () => boolean): void => {
      this.waits += 1
      for (let look = 0; look < looksPerWait && !isReady(); look++) {
        this.#turns.shift()?.()
        this.#answer()
      }
    }
    const ready = this.sender.prepare({ kind: 'publish', subject: 'work', body }, pause)
    if (typeof ready === 'string') return ready
    expect(ready.charge()).toBe(true)
    this.between()
    return ready.commit(pause)
  }

  /** How many bytes the messages have that lie in a mailbox. */
  received(id: MailboxId): readonly number[] {
    const { mailbox } = this.#of(id)
    const reader = new MailboxReader(mailbox.readerMemory(), { now: () => 0n, onRefused: fail, onBreach: fail })
    const found: number[] = []
    for (let delivery = reader.take(); delivery !== undefined; delivery = reader.take()) {
      found.push(delivery.body.length)
      reader.finish()
    }
    return found
  }

  /** Every lane ends, and each one that is made from now on. */
  endLanes(): void {
    this.#isEndingLanes = true
    this.endLanesOfNow()
  }

  endLanesOfNow(): void {
    for (const { mailbox, lane } of this.#mailboxes.values()) if (lane !== undefined) mailbox.condemn(lane.inlet.lane)
  }

  #post(event: MessageEvent): void {
    if ('mailbox' in event) this.posted.push(`${event.kind} ${event.mailbox}`)
    this.#asked.push(event)
    if (this.isAtOnce) this.#answer()
  }

  #answer(): void {
    if (this.isDeaf) return
    const asked = this.#asked
    this.#asked = []
    for (const event of asked) {
      if (event.kind === 'outlet-wanted') this.#give(event.mailbox)
      else if (event.kind === 'arena-wanted') this.#giveArena(event.mailbox)
    }
  }

  #give(id: MailboxId): void {
    if (this.unknown.has(id)) {
      this.outlets.take({ kind: 'outlet', mailbox: id, outlet: undefined })
      return
    }
    const place = this.#of(id)
    place.lane = place.mailbox.openHostLane(0n)
    this.outlets.take({ kind: 'outlet', mailbox: id, outlet: place.lane.outlet })
    if (this.#isEndingLanes) this.endLanes()
  }

  #giveArena(id: MailboxId): void {
    const { mailbox, lane } = this.#of(id)
    const arena = lane && mailbox.openArena(lane.inlet.lane)
    this.outlets.take({ kind: 'outlet-arena', mailbox: id, arena })
  }

  #of(id: MailboxId) {
    const place = this.#mailboxes.get(id)
    if (place === undefined) throw new Error(`there is no mailbox ${id}`)
    return place
  }
}

function fail(): never {
  throw new Error('nothing is to be refused here')
}

describe('a message that waits for the host', () => {
  test('arrives where it was to go when nothing has changed', () => {
    const rig = new Rig(pool(1, 1))
    expect([rig.publish(large), rig.publish(small)]).toEqual(['sent', 'sent'])
    expect([rig.received(1), rig.received(2)]).toEqual([[large.length, small.length], []])
    expect(rig.waits).toBe(2)
  })

  test('goes to another member of the pool when the one that was chosen has died meanwhile', () => {
    // First the lane is waited for, then the arena.
    const rig = new Rig(pool(1, 1), [() => {}, ({ sender }) => sender.replaceRouting(pool(2, 2))])
    expect(rig.publish(large)).toBe('sent')
    expect([rig.received(1), rig.received(2)]).toEqual([[], [large.length]])
  })

  test('goes to nobody when nobody is there any more, as one that nobody wants', () => {
    const rig = new Rig(pool(1, 1), [() => {}, ({ sender }) => sender.replaceRouting(pool(2))])
    expect(rig.publish(large)).toBe('sent')
    expect([rig.received(1), rig.received(2), rig.posted]).toEqual([[], [], ['outlet-wanted 1', 'arena-wanted 1']])
  })
})

test('a message that no host answers is told so after one wait', () => {
  const rig = new Rig(pool(1, 1))
  rig.isDeaf = true
  expect(rig.publish(small)).toBe('overloaded')
  expect(rig.waits).toBe(1)
})

test('a message whose lanes end one after the other is given up', () => {
  const rig = new Rig(pool(1, 1))
  expect(rig.publish(small)).toBe('sent')
  rig.endLanes()
  expect(rig.publish(small)).toBe('overloaded')
  expect(rig.waits).toBe(1 + laneRoundsMax)
})

describe('a message whose way the host refuses', () => {
  test('waits for the rules by which it does, and goes where they say', () => {
    const rig = new Rig(pool(1, 1), [() => {}, ({ sender }) => sender.replaceRouting(pool(2, 2))])
    rig.unknown.add(1)
    expect(rig.publish(small)).toBe('sent')
    expect([rig.received(1), rig.received(2)]).toEqual([[], [small.length]])
  })

  test('goes there all the same when newer rules allow it again', () => {
    const again = ({ sender, unknown }: Rig): void => {
      unknown.delete(1)
      sender.replaceRouting(pool(3, 1))
    }
    const rig = new Rig(pool(1, 1), [() => {}, again])
    rig.unknown.add(1)
    expect(rig.publish(small)).toBe('sent')
    expect(rig.received(1)).toEqual([small.length])
  })

  test('is no message that was sent when they do not come', () => {
    const rig = new Rig(pool(1, 1))
    rig.unknown.add(1)
    expect(rig.publish(small)).toBe('overloaded')
    expect(rig.waits).toBe(2)
  })
})

test('a message that turns out to be too large for where newer rules send it is told so', () => {
  const rig = new Rig(pool(1, 1), [() => {}, ({ sender }) => sender.replaceRouting(pool(2, 2))])
  rig.unknown.add(1)
  expect(rig.publish(new Uint8Array(300_000))).toBe('too-large')
})

describe('a message whose host is in the same thread', () => {
  const rigAtOnce = (): Rig => {
    const rig = new Rig(pool(1, 1))
    rig.isAtOnce = true
    return rig
  }

  test('finds another lane when its own was given back as idle', () => {
    const rig = rigAtOnce()
    expect([rig.publish(small), rig.received(1)]).toEqual(['sent', [small.length]])
    rig.between = () => {
      rig.outlets.take({ kind: 'outlet', mailbox: 1, outlet: undefined })
      rig.endLanesOfNow()
    }
    expect([rig.publish(small), rig.received(1)]).toEqual(['sent', [small.length]])
  })

  test.each([
    ['large', large],
    ['small', small],
  ])('goes to the member that the newer rules name: a %s one', (_size, body) => {
    const rig = rigAtOnce()
    rig.between = () => {
      rig.endLanesOfNow()
      rig.sender.replaceRouting(pool(2, 2))
    }
    expect([rig.publish(body), rig.received(1), rig.received(2)]).toEqual(['sent', [], [body.length]])
  })
})
