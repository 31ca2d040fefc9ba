import { cell, SharedCells } from '@bulkhead/lane'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countUnread } from './lane-survey.js'
import type { Mailbox, OpenedLane } from './mailbox.js'
import { Outlet } from './outlet.js'
import { MessageEncoder } from './record-encoder.js'
import {
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

type Command =
  | { readonly do: 'send'; readonly from: number; readonly size: number }
  | { readonly do: 'take' }
  | { readonly do: 'end'; readonly from: number }
  | { readonly do: 'crash' }

const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('send' as const), from: senders(), size: sizes() }) },
    { weight: 4, arbitrary: fc.constant({ do: 'take' as const }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), from: senders() }) },
    { weight: 1, arbitrary: fc.constant({ do: 'crash' as const }) },
  ),
  { maxLength: 300 },
)

function senders(): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 4 })
}

function sizes(): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: 4, max: 40 }), fc.integer({ min: 4, max: 2000 }))
}

describe('a mailbox', () => {
  it('keeps the order of each lane, gives each accepted message one fate, and stays within its bounds', () => {
    fc.assert(
      fc.property(commands, (run) => {
        const mailbox = makeMailbox({ messagesMax: 64, lanesMax: 6 })
        let reader = watch(mailbox).reader
        const outlets = new Map<number, { readonly outlet: Outlet; readonly lane: number }>()
        const accepted = new Map<number, number[]>()
        const fated = new Map<number, number[]>()
        let name = 0
        const settle = (lane: number, id: number): void => void fated.set(lane, [...(fated.get(lane) ?? []), id])
        const settleBody = (body: Uint8Array): void => {
          const view = new DataView(body.buffer, body.byteOffset)
          settle(view.getUint16(0), view.getUint16(2))
        }
        for (const each of run) {
          if (each.do === 'send') {
            const known = outlets.get(each.from) ?? attach(mailbox, reader, each.from)
            if (known === undefined) continue
            outlets.set(each.from, known)
            // Not by sender: one that ended and comes again has another lane, which waits for nobody.
            const { lane } = known
            const body = new Uint8Array(each.size)
            new DataView(body.buffer).setUint16(0, lane)
            new DataView(body.buffer).setUint16(2, ++name)
            if (send(known.outlet, body) === 'sent') accepted.set(lane, [...(accepted.get(lane) ?? []), name])
          } else if (each.do === 'take') {
            const delivery = reader.take()
            if (delivery !== undefined) settleBody(delivery.body)
            reader.finish()
          } else if (each.do === 'end') {
            const known = outlets.get(each.from)
            if (known !== undefined) mailbox.endSender(known.lane)
            outlets.delete(each.from)
            for (const lane of mailbox.sweep(0n).ended) reader.removeLane(lane)
          } else {
            reader.take()
            const recovered = mailbox.recover('once', 100n)
            if (recovered.kind === 'dead-letter') settleBody(recovered.delivery.body)
            reader = watch(mailbox).reader
          }
          const { messages, memoryBytes } = mailbox.stats()
          expect(messages).toBeLessThanOrEqual(64)
          expect(memoryBytes).toBeLessThanOrEqual(mailbox.bytesMax)
        }
        for (const { body } of takeAll(reader)) settleBody(body)
        expect(fated).toEqual(accepted)
      }),
      { numRuns: 60 },
    )
  })

  it('never holds more messages than it may, wherever a sender stands when the shares are divided anew', () => {
    const step = fc.record({ from: senders(), stallAt: fc.constantFrom('never', 'check', 'commit'), reads: fc.nat(6) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const mailbox = makeMailbox({ messagesMax: 80, lanesMax: 5 })
        const { reader } = watch(mailbox)
        const lanes = new Map<number, { outlet: Outlet; opened: OpenedLane; stall: { at: string; act: () => void } }>()
        const waiting = (): number =>
          [...lanes.values()].reduce(
            (sum, { opened }) => sum + (countUnread(new SharedCells(opened.inlet.ring)) ?? 0),
            0,
          )
        for (const { from, stallAt, reads } of steps) {
          // In the middle of one sender's call another one comes, and all shares are divided anew.
          const divide = (): void => {
            const newcomer = lanes.size
            if (newcomer > 4) return
            const opened = newcomer === 0 ? mailbox.openHostLane(0n) : open(mailbox, `n${newcomer}`)
            reader.addLane(opened.inlet)
            lanes.set(newcomer, { ...stalling(opened), opened })
          }
          if (lanes.size === 0) divide()
          const lane = lanes.get(from % lanes.size)
          if (lane === undefined) throw new Error('no lane')
          for (let count = 0; count < 20; count++) {
            lane.stall.at = count === 10 ? stallAt : 'never'
            lane.stall.act = divide
            send(lane.outlet, 4)
            expect(waiting()).toBeLessThanOrEqual(80)
          }
          for (let read = 0; read < reads; read++) {
            reader.take()
            reader.finish()
          }
          mailbox.sweep(0n)
        }
        // Whoever was held back may send again once there is place.
        takeAll(reader)
        mailbox.sweep(0n)
        for (const { outlet } of lanes.values()) expect(send(outlet, 4)).toBe('sent')
      }),
      { numRuns: 60 },
    )
  })

  it('holds exactly as many as it may when a sender that looked at its share before commits after', () => {
    const mailbox = makeMailbox({ messagesMax: 64, lanesMax: 2, laneBytes: 65_536 })
    const first = stalling(mailbox.openHostLane(0n))
    const encoder = new MessageEncoder()
    for (let count = 0; count < 50; count++) send(first.outlet, 0)
    let others = 0
    first.stall.at = 'check'
    first.stall.act = () => {
      const second = new Outlet(open(mailbox).outlet)
      while (second.send(encoder.encode(message(0))) === 'sent') others++
    }
    expect(send(first.outlet, 0)).toBe('sent')
    expect(others).toBe(13)
    expect(mailbox.stats().messages).toBe(64)
    expect(send(first.outlet, 0)).toBe('overloaded')
  })

  it('lets one sender have more than half of it, and divides it when there are more', () => {
    const mailbox = makeMailbox({ laneBytes: 65_536 })
    const one = new Outlet(openWithArena(mailbox, 'one').outlet)
    const countOf = (outlet: Outlet): number => {
      for (let count = 0; ; count++) if (send(outlet, 0) === 'overloaded') return count
    }
    expect(countOf(one)).toBe(136)
    const two = new Outlet(openWithArena(mailbox, 'two').outlet)
    const { reader } = watch(mailbox)
    // The first has had its place; the second has what was kept for it, and all of its half once the first was read.
    expect(countOf(two)).toBe(8)
    takeAll(reader)
    mailbox.sweep(0n)
    expect([countOf(one), countOf(two)]).toEqual([72, 72])
  })
})

/** `undefined` while lanes that have ended and are not read empty yet take all places. */
function attach(mailbox: Mailbox, reader: ReturnType<typeof watch>['reader'], from: number) {
  const opened = mailbox.openLane(sender(`s${from}`), openFilter, 0n)
  if (opened === undefined) return undefined
  const { lane } = opened.inlet
  const arena = mailbox.openArena(lane)
  reader.addLane({ ...opened.inlet, arena })
  return { outlet: new Outlet({ ...opened.outlet, arena }), lane }
}

/** A sender during whose call something else happens: after it has looked at its share, or just before its commit. */
function stalling(opened: OpenedLane) {
  const stall = { at: 'never', act: (): void => {} }
  const real = new SharedCells(opened.outlet.ring)
  const happen = (at: string): void => {
    if (stall.at !== at) return
    stall.at = 'never'
    stall.act()
  }
  const cells = {
    capacityBytes: real.capacityBytes,
    load: (index: number) => {
      const value = real.load(index)
      if (index === cell.owner) happen('check')
      return value
    },
    store: (index: number, value: number) => {
      if (index === cell.tail) happen('commit')
      real.store(index, value)
    },
    wait: () => {},
    waitAsync: () => undefined,
    notify: (index: number) => real.notify(index),
    putLength: (offset: number, length: number) => real.putLength(offset, length),
    getLength: (offset: number) => real.getLength(offset),
    copyIn: (offset: number, source: Uint8Array, from: number, to: number) => real.copyIn(offset, source, from, to),
    copyOut: (offset: number, target: Uint8Array, from: number, to: number) => real.copyOut(offset, target, from, to),
  }
  return { outlet: new Outlet(opened.outlet, { cells }), stall }
}
