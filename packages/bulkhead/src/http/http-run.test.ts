import { encodeFrame, type FrameFromGuest, type HostAct } from '@bulkhead/actor'
import { LaneWriter } from '@bulkhead/lane'
import { type ExitReport, systemClock } from '@bulkhead/vocabulary'
import { expect, it, vi } from 'vitest'
import type { HttpExchange } from './http-exchange.js'
import { HttpRun } from './http-run.js'

const ended: ExitReport = {
  ...{ class: 'crash', reason: 'trap', commandExitCode: 134 },
  usage: { wallMs: 1, cpuMs: 1, memoryPeak: 0, checksGranted: 0, checksDenied: 0 },
}

/** A run whose guest is this test, and which was handed the exchange 1. */
function startRun() {
  const acts: HostAct[] = []
  const refused: number[] = []
  const told: number[] = []
  const exchange = {
    ...{ number: 1, isGone: false, isWhole: false, isBlocked: false, isAsking: false },
    begin: vi.fn(),
    head: vi.fn(),
    end: vi.fn(),
    write: vi.fn(async () => {}),
    informational: vi.fn(async () => {}),
    refuse: (status: number) => void refused.push(status),
    body: async function* () {},
  }
  const run = new HttpRun({
    ...{ clock: systemClock, deadlineMs: 60_000 },
    take: (number) => (number === 1 ? (exchange as unknown as HttpExchange) : number === 2 ? undefined : 'unknown'),
  })
  run.attach({
    wake: () => {},
    endExchange: (number) => void told.push(number),
    killBecause: async (act) => void acts.push(act),
  })
  const guest = new LaneWriter(run.lanes.fromGuest)
  const finish = (): void => {
    guest.close()
    run.end(ended)
  }
  const say = (...frames: readonly (FrameFromGuest | Uint8Array)[]): void => {
    for (const frame of frames) guest.tryWrite(frame instanceof Uint8Array ? frame : encodeFrame(frame))
  }
  return { say, finish, exchange, acts, refused, told }
}

const begun: FrameFromGuest = { kind: 'begun', number: 1 }
const head: FrameFromGuest = { kind: 'head', number: 1, status: 200, fields: [] }

it('passes on what a guest says of the exchange in hand', async () => {
  const { say, finish, exchange, acts, refused } = startRun()
  say(begun, head, { kind: 'data', number: 1, bytes: new Uint8Array([7]) }, { kind: 'end', number: 1, fields: [] })
  await vi.waitFor(() => expect(exchange.end).toHaveBeenCalled())
  expect(exchange.head).toHaveBeenCalledWith(200, [])
  expect(exchange.write).toHaveBeenCalledWith(new Uint8Array([7]))
  say({ kind: 'done', number: 1 })
  finish()
  expect(acts).toEqual([])
  await vi.waitFor(() => expect(refused).toEqual([500]))
})

it('answers for a guest that ended in the middle of it', async () => {
  const { say, finish, refused, acts } = startRun()
  say(begun)
  finish()
  await vi.waitFor(() => expect(refused).toEqual([502]))
  expect(acts).toEqual([])
})

it('tells a guest at once that nobody waits for what it has begun', async () => {
  const { say, finish, told, acts } = startRun()
  say({ kind: 'begun', number: 2 }, { kind: 'head', number: 2, status: 200, fields: [] }, { kind: 'done', number: 2 })
  await vi.waitFor(() => expect(told).toEqual([2]))
  finish()
  expect(acts).toEqual([])
})

it.each<[string, readonly (FrameFromGuest | Uint8Array)[]]>([
  ['an exchange that it was not handed', [{ kind: 'begun', number: 3 }]],
  ['an exchange in the middle of another', [begun, { kind: 'begun', number: 2 }]],
  ['an answer before it has begun', [head]],
  ['an answer to another than it has in hand', [begun, { ...head, number: 2 }]],
  ['an answer to what it has done with', [begun, { kind: 'done', number: 1 }, head]],
  ['no frame at all', [new Uint8Array([99])]],
])('ends one that claims %s', async (_what, frames) => {
  const { say, finish, acts } = startRun()
  say(...frames)
  await vi.waitFor(() =>
    expect(acts).toMatchObject([{ kind: 'breach', message: expect.stringMatching(/^bad lane: /) }]),
  )
  finish()
})
