// Real threads, the built package, real kills.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { createSlot, type SlotMemory } from './slot.js'
import { createSlotBell, SlotBell } from './slot-bell.js'
import { SlotHost } from './slot-host.js'
import { SlotServer } from './slot-server.js'

const lanePackage = pathToFileURL(createRequire(import.meta.url).resolve('@bulkhead/lane')).href

const callFor = `
  const wake = new Int32Array(data.memory.wake.buffer)
  const caller = new lane.SlotCaller(data.memory, {
    nowNs: process.hrtime.bigint,
    wakeCount: () => Atomics.load(wake, 0),
    // Bounded: a service that dies between its answer and the wake-up wakes nobody.
    park: (seen) => Atomics.wait(wake, 0, seen, 50),
  })
  const counts = new Int32Array(data.counts)
  for (let call = 1; call <= data.calls; call++) {
    const request = new Uint8Array(100 + call % 50).fill(call & 0xff)
    const outcome = caller.call(request)
    if (outcome.kind !== 'answer') { Atomics.add(counts, 1, 1); continue }
    const bytes = outcome.bytes
    if (bytes.length !== request.length * 3 || bytes.some((byte) => byte !== (call & 0xff))) Atomics.add(counts, 2, 1)
    Atomics.add(counts, 0, 1)
  }`

const serveFor = `
  const server = new lane.SlotServer(data.memory)
  const bell = new lane.SlotBell(data.memory.bell)
  for (;;) {
    bell.announce(true)
    const seen = bell.count()
    if (server.turnPage()) continue
    const call = server.take(process.hrtime.bigint())
    if (call === undefined) { bell.park(seen, 1000); continue }
    server.answer(new Uint8Array(call.request.length * 3).fill(call.request[0]))
  }`

type Parts = { readonly memory: SlotMemory; readonly counts: SharedArrayBuffer; readonly calls: number }

function start(body: string, parts: Parts): Worker {
  const source = `const { workerData: data } = require('node:worker_threads')
    import(data.lanePackage).then((lane) => { ${body} })`
  return new Worker(source, { eval: true, workerData: { ...parts, lanePackage } })
}

const exitOf = (worker: Worker): Promise<unknown> => new Promise((resolve) => worker.once('exit', resolve))

function makeParts(calls: number): Parts {
  const wake = { buffer: new SharedArrayBuffer(4), byteOffset: 0 }
  const memory = createSlot({ requestBytes: 256, pageBytes: 128, wake, bell: createSlotBell() })
  return { memory, counts: new SharedArrayBuffer(12), calls }
}

it('each call gets its own answer, whole, from a service that is killed again and again', async () => {
  const parts = makeParts(3_000)
  const counts = new Int32Array(parts.counts)
  const host = new SlotHost(parts.memory)
  const over = exitOf(start(callFor, parts))
  for (let round = 0; round < 6; round++) {
    const service = start(serveFor, parts)
    const exit = exitOf(service)
    const until = Atomics.load(counts, 0) + 50 + round * 13
    while (Atomics.load(counts, 0) < until) await new Promise((resolve) => setTimeout(resolve, 1))
    await service.terminate()
    await exit
    host.fail()
  }
  const last = start(serveFor, parts)
  await over
  await last.terminate()
  expect(counts[2]).toBe(0)
  expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(3_000)
  // A kill costs one call, and one more whose first page came from the dead.
  expect(counts[1]).toBeLessThanOrEqual(12)
})

it('a caller that is killed at any moment leaves its service free', async () => {
  for (let round = 0; round < 4; round++) {
    const parts = makeParts(1e9)
    const worker = start(callFor, parts)
    const exit = exitOf(worker)
    const server = new SlotServer(parts.memory)
    const bell = new SlotBell(parts.memory.bell)
    let served = 0
    while (served < 200 + round * 37) {
      bell.announce(true)
      const seen = bell.count()
      if (server.turnPage()) continue
      const call = server.take(process.hrtime.bigint())
      if (call === undefined) await Promise.race([bell.parkAsync(seen), new Promise((done) => setTimeout(done, 20))])
      else {
        server.answer(new Uint8Array(call.request.length * 3).fill(call.request[0] ?? 0))
        served++
      }
    }
    await worker.terminate()
    await exit
    expect(new Int32Array(parts.counts)[2]).toBe(0)
    expect(server.isBusy).toBe(false)
  }
})
