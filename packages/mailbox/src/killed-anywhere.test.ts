import { describe, expect, it } from 'vitest'
import { DeadLetters } from './dead-letters.js'
import type { Mailbox } from './mailbox.js'
import type { MailboxReader } from './mailbox-reader.js'
import { Outlet } from './outlet.js'
import type { DeliveryMode } from './recovery.js'
import {
  bodyOf,
  makeMailbox,
  moveTo,
  openWithArena,
  readerOptions,
  send,
  takeAll,
  watch,
} from './small-mailbox.test.support.js'
import { Steps, Stopped, steppedOutlet, steppedReader } from './stepping.test.support.js'

/** Where positions start: far from, just before and across the wrap of 32 bits. */
const starts = [0, 0xffff_fffc, 0xffff_f700]

/** In the ring and in the arena in turn; the arena of 8,192 bytes wraps more than once. */
const sizes = [10, 1500, 0, 900, 2000, 1999, 1001, 3, 1750, 800, 2000, 1234, 2000, 1, 1999, 1999]

/** Runs and says whether it was stopped. */
function stops(run: () => void): boolean {
  try {
    run()
    return false
  } catch (error) {
    if (error instanceof Stopped) return true
    throw error
  }
}

describe('a sender that is killed before any of its steps', () => {
  it.each(starts)('has sent whole messages only, and loses none that was committed (start %i)', (start) => {
    for (let stopAt = 0, stopped = true; stopped; stopAt++) {
      const mailbox = makeMailbox()
      const lane = openWithArena(mailbox)
      moveTo(lane, start)
      const { reader, breaches } = watch(mailbox)
      const outlet = steppedOutlet(lane.outlet, new Steps(stopAt))
      const seen: Uint8Array[] = []
      const readSome = (): void => {
        for (const { body } of takeAll(reader)) seen.push(body)
      }
      let returned = 0
      stopped = stops(() => {
        for (const [index, size] of sizes.entries()) {
          expect(send(outlet, bodyOf(size, index))).toBe('sent')
          returned++
          if (index % 3 === 2) readSome()
        }
      })
      // A hint may be lost with the sender: the next sweep finds what is there all the same.
      readSome()
      expect([returned, returned + 1]).toContain(seen.length)
      for (const [index, body] of seen.entries()) {
        expect(Buffer.compare(body, bodyOf(sizes[index] ?? 0, index)), `message ${index}`).toBe(0)
      }
      expect(breaches).toEqual([])
      // Its lane ends, and its next incarnation has another.
      mailbox.endSender(lane.inlet.lane)
      expect(mailbox.sweep(1n).ended).toEqual([lane.inlet.lane])
      reader.removeLane(lane.inlet.lane)
      const next = openWithArena(mailbox)
      reader.addLane(next.inlet)
      expect(send(new Outlet(next.outlet), bodyOf(2000, 9))).toBe('sent')
      expect(takeAll(reader).map(({ body }) => body.length)).toEqual([2000])
      if (!stopped) expect(stopAt).toBeGreaterThan(sizes.length * 4)
    }
  })
})

describe('a sender that throws at any of its steps and goes on', () => {
  it.each(starts)('is neither out of turn nor writes over what waits (start %i)', (start) => {
    for (let stopAt = 0, stopped = true; stopped; stopAt++) {
      const mailbox = makeMailbox()
      const lane = openWithArena(mailbox)
      moveTo(lane, start)
      const { reader, breaches } = watch(mailbox)
      const outlet = steppedOutlet(lane.outlet, new Steps(stopAt, false))
      const returned: number[] = []
      const seen: number[] = []
      stopped = false
      for (const [index, size] of sizes.entries()) {
        const body = bodyOf(size + 1, index)
        body[0] = index
        if (stops(() => expect(['sent', 'overloaded']).toContain(send(outlet, body.subarray(0, 2000))))) stopped = true
        else returned.push(index)
        if (index % 2 === 1) seen.push(...takeAll(reader).map((delivery) => delivery.body[0] ?? -1))
      }
      seen.push(...takeAll(reader).map((delivery) => delivery.body[0] ?? -1))
      expect(breaches).toEqual([])
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b))
      for (const index of returned) expect(seen).toContain(index)
      expect(outlet.depth()).toBe(0)
    }
  })
})

type Fates = { readonly handled: Map<number, number>; readonly letters: DeadLetters }

/** Reads until stopped or empty; the body's first byte is the message's name. */
function work(reader: MailboxReader, { handled }: Fates): void {
  for (let delivery = reader.take(); delivery !== undefined; delivery = reader.take()) {
    const name = delivery.body[0] ?? -1
    handled.set(name, (handled.get(name) ?? 0) + 1)
    reader.finish()
  }
}

function fill(mailbox: Mailbox): void {
  const one = new Outlet(openWithArena(mailbox, 'one').outlet)
  const two = new Outlet(openWithArena(mailbox, 'two').outlet)
  for (const [name, outlet] of [one, two, one, two, one].entries()) {
    const body = bodyOf(name === 2 ? 1800 : 20, name)
    body[0] = name
    expect(send(outlet, body, name === 1 ? { expiresAtNs: 50n } : {})).toBe('sent')
  }
}

/** A receiver that is stopped, and what the host does about it. */
function crash(mailbox: Mailbox, mode: DeliveryMode, stopAt: number, fates: Fates): boolean {
  const options = readerOptions({
    onRefused: ({ reason, delivery }) =>
      fates.letters.add({ reason, receiver: 'r', message: delivery, atMs: 0 }) && undefined,
  })
  const stopped = stops(() => work(steppedReader(mailbox.readerMemory(), options, new Steps(stopAt)), fates))
  const recovered = mailbox.recover(mode, 100n)
  if (recovered.kind === 'dead-letter') {
    fates.letters.add({ reason: recovered.reason, receiver: 'r', message: recovered.delivery, atMs: 0 })
  }
  expect(options.breaches).toEqual([])
  return stopped
}

function lettersOf({ letters }: Fates, reason: string): number[] {
  return letters
    .list()
    .filter((letter) => letter.reason === reason)
    .map(({ message }) => message.body[0] ?? -1)
}

describe('a receiver that is killed before any of its steps', () => {
  const never = Number.POSITIVE_INFINITY

  it('delivers each message once or buries it, and none twice', () => {
    let buried = 0
    for (let stopAt = 0, stopped = true; stopped; stopAt++) {
      const mailbox = makeMailbox()
      fill(mailbox)
      const fates = { handled: new Map<number, number>(), letters: new DeadLetters() }
      stopped = crash(mailbox, 'once', stopAt, fates)
      expect(crash(mailbox, 'once', never, fates)).toBe(false)
      const lost = lettersOf(fates, 'lost-in-crash')
      expect(lost.length).toBeLessThanOrEqual(stopped ? 1 : 0)
      buried += lost.length
      expect(lettersOf(fates, 'expired')).toEqual([1])
      for (const name of [0, 2, 3, 4]) {
        const times = fates.handled.get(name) ?? 0
        // Also what was lost was begun with: nothing is buried that nobody had in hand.
        expect(times, `message ${name}, stopped at ${stopAt}`).toBe(1)
      }
      expect(mailbox.stats().messages).toBe(0)
    }
    expect(buried).toBeGreaterThan(0)
  })

  it('gets a message once more where that is wanted, and not a third time', () => {
    let poisoned = 0
    for (let first = 0, stopped = true; stopped; first++) {
      for (let second = 0, again = true; again; second++) {
        const mailbox = makeMailbox()
        fill(mailbox)
        const fates = { handled: new Map<number, number>(), letters: new DeadLetters() }
        stopped = crash(mailbox, 'redeliver', first, fates)
        again = crash(mailbox, 'redeliver', second, fates)
        expect(crash(mailbox, 'redeliver', never, fates)).toBe(false)
        const poison = lettersOf(fates, 'poison')
        poisoned += poison.length
        expect(lettersOf(fates, 'lost-in-crash')).toEqual([])
        expect(lettersOf(fates, 'expired')).toEqual([1])
        let repeats = 0
        for (const name of [0, 2, 3, 4]) {
          const times = fates.handled.get(name) ?? 0
          if (poison.includes(name)) expect(times).toBe(2)
          expect(times).toBeGreaterThanOrEqual(1)
          repeats += times - 1
        }
        expect(repeats).toBeLessThanOrEqual(2)
        expect(poison.length).toBeLessThanOrEqual(1)
        expect(mailbox.stats().messages).toBe(0)
      }
    }
    expect(poisoned).toBeGreaterThan(0)
  })

  it('tells the next one how often a message was begun', () => {
    const mailbox = makeMailbox()
    fill(mailbox)
    expect(watch(mailbox).reader.take()?.attempt).toBe(0)
    expect(mailbox.recover('redeliver', 100n)).toMatchObject({ kind: 'redeliver', delivery: { attempt: 0 } })
    const { reader } = watch(mailbox)
    expect(reader.take()?.attempt).toBe(1)
    reader.finish()
    expect(takeAll(reader).every(({ attempt }) => attempt === 0)).toBe(true)
    expect(mailbox.recover('redeliver', 100n)).toEqual({ kind: 'nothing' })
  })

  it('leaves what another member of its pool has accepted to that one', () => {
    const mailbox = makeMailbox()
    fill(mailbox)
    watch(mailbox).reader.take()
    const recovered = mailbox.recover('redeliver', 100n)
    if (recovered.kind !== 'redeliver') throw new Error(recovered.kind)
    mailbox.withdraw(recovered.delivery, 100n)
    expect(() => mailbox.withdraw(recovered.delivery, 100n)).toThrow('is not the next one')
    expect(takeAll(watch(mailbox).reader).map(({ body }) => body[0])).not.toContain(recovered.delivery.body[0])
  })
})
