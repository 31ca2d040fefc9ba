import { describe, expect, it } from 'vitest'
import { LaneCorruption } from './lane-corruption.js'
import { createSlot, type SlotMemory, slotWord } from './slot.js'
import { dieAt, makeCaller, makeSlot, steppedCells, stops } from './slot.test.support.js'
import { createSlotBell, SlotBell } from './slot-bell.js'
import type { SlotOutcome } from './slot-caller.js'
import { SharedSlotCells } from './slot-cells.js'
import { SlotHost } from './slot-host.js'
import { SlotServer } from './slot-server.js'

const bytesOf = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (seed * 31 + index * 7) & 0xff)

/** Answers every call with its own bytes, `times` over, and turns pages; `true` when it did something. */
function serve(server: SlotServer, times = 1): boolean {
  if (server.turnPage()) return true
  const call = server.take(1n)
  if (call === undefined) return false
  server.answer(
    Uint8Array.from({ length: call.request.length * times }, (_, at) => call.request[at % call.request.length] ?? 0),
  )
  return true
}

const repeated = (bytes: Uint8Array, times: number): number[] => Array.from({ length: times }, () => [...bytes]).flat()
const answered = (outcome: SlotOutcome): number[] | string =>
  outcome.kind === 'answer' ? [...outcome.bytes] : outcome.kind

describe('a call', () => {
  it.each([1, 2, 7])('gets its answer, in pages where it is long (%i times the request)', (times) => {
    const memory = makeSlot()
    const server = new SlotServer(memory)
    const caller = makeCaller(memory, () => serve(server, times))
    for (const size of [1, 40, 64]) {
      const request = bytesOf(size, times)
      expect(answered(caller.call(request))).toEqual(repeated(request, times))
    }
    expect(server.turnPage()).toBe(false)
  })

  it('gets an answer of no bytes', () => {
    const memory = makeSlot()
    const server = new SlotServer(memory)
    const caller = makeCaller(memory, () => server.take(1n) !== undefined && server.answer(new Uint8Array(0)))
    expect(answered(caller.call(new Uint8Array(0)))).toEqual([])
  })

  it('is refused when it is too long, and no longer than that', () => {
    const memory = makeSlot()
    const caller = makeCaller(memory, () => serve(new SlotServer(memory)))
    expect(() => caller.call(new Uint8Array(65))).toThrow('too long')
    expect(answered(caller.call(new Uint8Array(64)))).toHaveLength(64)
  })

  it('is one at a time', () => {
    const memory = makeSlot()
    const caller = makeCaller(memory, () => undefined)
    expect(caller.post(bytesOf(1, 1))).toBe(true)
    expect(() => caller.post(bytesOf(1, 2))).toThrow('is open')
    const server = new SlotServer(memory)
    expect(server.hasCall).toBe(true)
    server.take(1n)
    expect([server.isBusy, server.hasCall]).toEqual([true, false])
    expect(() => server.take(1n)).toThrow('is taken')
    expect(() => caller.post(bytesOf(1, 2))).toThrow('is open')
    server.answer(bytesOf(1, 3))
    expect(() => server.answer(bytesOf(1, 3))).toThrow('no call')
    expect(caller.settled()).toEqual({ kind: 'answer', bytes: bytesOf(1, 3) })
    expect(caller.settled()).toEqual({ kind: 'answer', bytes: bytesOf(1, 3) })
    expect(caller.post(bytesOf(1, 2))).toBe(true)
  })

  it('keeps the bounds of its slot', () => {
    const [wake, bell] = [{ buffer: new SharedArrayBuffer(4), byteOffset: 0 }, createSlotBell()]
    for (const bytes of [0, 56, 65, 16 * 1024 ** 2 + 8, Number.NaN]) {
      expect(() => createSlot({ requestBytes: bytes, pageBytes: 64, wake, bell })).toThrow('request of a slot')
      expect(() => createSlot({ requestBytes: 64, pageBytes: bytes, wake, bell })).toThrow('page of a slot')
    }
    const memory = makeSlot()
    const server = new SlotServer(memory)
    makeCaller(memory, () => undefined).post(bytesOf(1, 1))
    server.take(1n)
    expect(server.answerBytesMax).toBe(64 * 256)
    expect(() => server.answer(new Uint8Array(64 * 256 + 1))).toThrow('too long')
    expect(server.answer(new Uint8Array(64 * 256))).toBe(true)
  })
})

describe('a call that ends before its answer', () => {
  it('is not begun when its deadline has passed', () => {
    const memory = makeSlot()
    const server = new SlotServer(memory)
    const caller = makeCaller(memory, () => expect(server.take(50n)).toBeUndefined())
    expect(caller.call(bytesOf(3, 1), { untilNs: 50n })).toEqual({ kind: 'expired', began: false })
    expect(answered(makeCaller(memory, () => serve(server)).call(bytesOf(3, 1), { untilNs: 50n }))).toHaveLength(3)
  })

  it('says whether it had begun', () => {
    for (const began of [false, true]) {
      const memory = makeSlot()
      const server = new SlotServer(memory)
      let nowNs = 10n
      const options = { nowNs: () => nowNs }
      const park = (): void => {
        nowNs = 60n
        if (began) expect(server.take(20n)?.untilNs).toBe(50n)
      }
      const caller = makeCaller(memory, park, options)
      expect(caller.call(bytesOf(3, 1), { untilNs: 50n })).toEqual({ kind: 'expired', began })
      expect(server.isAbandoned).toBe(began)
      server.drop()
      expect(server.isAbandoned).toBe(false)
      expect(new SlotHost(memory).queuedNs(100n)).toBe(began ? 10n : 50n)
    }
  })

  it('is given up when it is not wanted any more, and answered when the answer came first', () => {
    const memory = makeSlot()
    const server = new SlotServer(memory)
    let wanted = true
    const caller = makeCaller(memory, () => {
      wanted = false
    })
    expect(caller.call(bytesOf(1, 1), { stillWanted: () => wanted })).toEqual({ kind: 'given-up', began: false })
    expect(server.take(1n)).toBeUndefined()
    expect(caller.post(bytesOf(2, 2))).toBe(true)
    serve(server, 90)
    expect(caller.giveUp('expired')).toEqual({ kind: 'expired', began: true })
    expect(server.turnPage()).toBe(false)
    caller.post(bytesOf(2, 3))
    serve(server)
    expect(answered(caller.giveUp('given-up'))).toEqual([...bytesOf(2, 3)])
  })

  it('fails when the service dies, and the next one is for its successor', () => {
    const memory = makeSlot()
    const host = new SlotHost(memory)
    const caller = makeCaller(memory, () => host.fail())
    expect(caller.call(bytesOf(1, 1))).toEqual({ kind: 'failed', began: true })
    const next = makeCaller(memory, () => serve(new SlotServer(memory)))
    expect(answered(next.call(bytesOf(2, 1)))).toEqual([...bytesOf(2, 1)])
    host.fail()
    expect(answered(next.call(bytesOf(2, 2)))).toEqual([...bytesOf(2, 2)])
  })

  it('fails when its first page came from a service that died', () => {
    const memory = makeSlot()
    const caller = makeCaller(memory, () => undefined)
    caller.post(bytesOf(2, 1))
    serve(new SlotServer(memory), 90)
    new SlotHost(memory).fail()
    expect(caller.settled()).toBeUndefined()
    expect(new SlotServer(memory).turnPage()).toBe(true)
    expect(caller.settled()).toEqual({ kind: 'failed', began: true })
  })

  it('is refused by a slot that is closed, also when it is closed at any step of the posting', () => {
    for (let at = 0; at < 5; at++) {
      const memory = makeSlot()
      const host = new SlotHost(memory)
      const cells = steppedCells(memory, (step) => step === at && host.close())
      const caller = makeCaller(memory, () => host.close(), { cells })
      expect(caller.call(bytesOf(1, 1))).toEqual({ kind: 'failed', began: false })
      expect(caller.call(bytesOf(1, 1))).toEqual({ kind: 'closed' })
    }
  })

  it('counts as waiting for us only until it is taken', () => {
    const memory = makeSlot()
    const [server, host] = [new SlotServer(memory), new SlotHost(memory)]
    makeCaller(memory, () => undefined, { nowNs: () => 100n }).post(bytesOf(1, 1))
    expect(host.queuedNs(130n)).toBe(30n)
    server.take(140n)
    expect(host.queuedNs(190n)).toBe(40n)
  })
})

describe('a caller that is killed before any of its steps', () => {
  it('has posted all of a request or nothing, and its service is free', () => {
    for (let stop = 0, stopped = true; stopped; stop++) {
      const memory = makeSlot()
      const server = new SlotServer(memory)
      const seen: number[][] = []
      const work = (): void => {
        const call = server.take(1n)
        if (call === undefined) {
          server.turnPage()
          return
        }
        seen.push([...call.request])
        server.answer(bytesOf(150, 9))
      }
      const caller = makeCaller(memory, work, { cells: steppedCells(memory, dieAt(stop)) })
      let returned = 0
      stopped = stops(() => {
        for (const seed of [1, 2]) {
          expect(answered(caller.call(bytesOf(20 * seed, seed)))).toEqual([...bytesOf(150, 9)])
          returned++
        }
      })
      work()
      expect(seen).toEqual([1, 2].slice(0, seen.length).map((seed) => [...bytesOf(20 * seed, seed)]))
      expect([returned, returned + 1]).toContain(seen.length)
      expect(server.isBusy).toBe(false)
    }
  })
})

describe('a service that is killed before any of its steps', () => {
  it('leaves a call that fails or has all of its answer, and a slot that its successor goes on with', () => {
    const outcomes = new Set<string>()
    for (let stop = 0, stopped = true; stopped; stop++) {
      const memory = makeSlot()
      let server = new SlotServer(memory, { cells: steppedCells(memory, dieAt(stop)) })
      stopped = false
      const caller = makeCaller(memory, () => {
        if (!stops(() => serve(server, 5))) return
        stopped = true
        new SlotHost(memory).fail()
        server = new SlotServer(memory)
      })
      for (const seed of [1, 2, 3]) {
        const request = bytesOf(30, seed)
        const outcome = caller.call(request)
        outcomes.add(outcome.kind)
        if (outcome.kind === 'answer') expect([...outcome.bytes]).toEqual(repeated(request, 5))
        else expect(outcome.kind).toBe('failed')
      }
    }
    expect([...outcomes].sort()).toEqual(['answer', 'failed'])
  })
})

describe('a caller that gives up at any step of the service', () => {
  it('gets the answer to its next call, never to the one that it gave up', () => {
    for (let first = 0; first < 14; first++) {
      for (let second = first; second < 16; second++) {
        const memory = makeSlot()
        const caller = makeCaller(memory, () => undefined)
        let seed = 0
        const again = (): void => {
          if (seed > 0) caller.giveUp('expired')
          seed++
          caller.post(bytesOf(10 + seed, seed))
        }
        again()
        const server = new SlotServer(memory, {
          cells: steppedCells(memory, (step) => {
            if (step === first || step === second) again()
          }),
        })
        let outcome: SlotOutcome | undefined
        for (let turns = 0; turns < 40 && outcome === undefined; turns++) {
          serve(server, 20)
          outcome = caller.settled()
        }
        expect(outcome === undefined ? 'nothing' : answered(outcome)).toEqual(repeated(bytesOf(10 + seed, seed), 20))
      }
    }
  })
})

describe('a caller that lies', () => {
  const lie = (memory: SlotMemory, word: number, value: number): void => new SharedSlotCells(memory).store(word, value)

  it.each([65, -1, 2 ** 31 - 1])('is found out: a request of %i bytes', (length) => {
    const memory = makeSlot()
    makeCaller(memory, () => undefined).post(bytesOf(5, 1))
    lie(memory, slotWord.requestLength, length)
    expect(() => new SlotServer(memory).take(1n)).toThrow(LaneCorruption)
  })

  it('does no more than lose its own calls: any state word at any time', () => {
    const memory = makeSlot()
    const server = new SlotServer(memory)
    for (let value = -40; value < 40; value++) {
      makeCaller(memory, () => undefined)
      lie(memory, slotWord.state, value)
      server.turnPage()
      if (server.take(1n) !== undefined) {
        lie(memory, slotWord.state, value + 8)
        expect(server.isAbandoned).toBe(true)
        expect(server.answer(bytesOf(100, 1))).toBe(false)
      }
      expect(server.isBusy).toBe(false)
    }
  })

  it('cannot change a request after it was taken', () => {
    const memory = makeSlot()
    makeCaller(memory, () => undefined).post(bytesOf(5, 1))
    const call = new SlotServer(memory).take(1n)
    new Uint8Array(memory.buffer).fill(0)
    expect(call?.request).toEqual(bytesOf(5, 1))
  })
})

it('a bell wakes who has announced that it waits, and the host wakes it always', async () => {
  const bell = new SlotBell(createSlotBell())
  const seen = bell.count()
  bell.ring()
  expect(bell.count()).toBe(seen)
  bell.announce(true)
  const rung = bell.parkAsync(seen)
  bell.ring()
  await rung
  expect(bell.parkAsync(seen)).toBeUndefined()
  bell.park(seen, 60_000)
  bell.announce(false)
  bell.wake()
  expect(bell.count()).toBe(seen + 2)
})
