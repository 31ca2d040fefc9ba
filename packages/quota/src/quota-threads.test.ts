// Four real threads on the built package, and real kills.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { ByteLedger } from './byte-ledger.js'
import { createQuotaBlock } from './quota-block.js'
import { RateCells } from './rate-cells.js'
import { changeRate } from './rate-change.js'
import type { RateSettings } from './rate-settings.js'
import { RateTree } from './rate-tree.js'

const quotaPackage = pathToFileURL(createRequire(import.meta.url).resolve('@bulkhead/quota')).href
const threads = [0, 1, 2, 3]
const takesEach = 250_000
/** One nanosecond each, so that what is spent is what was taken. */
const unit = (burst: number): RateSettings => ({ rate: { amount: 1_000_000_000, perMs: 1_000 }, burst })

type Told = { readonly taken: number; readonly refused: number; readonly firstNs: number; readonly lastNs: number }

/** Runs `body`, when the gate opens, in a thread that has `quota` (the package), `data`, `word` (the gate's) and `tell`. */
function startThread(body: string, data: object): { readonly worker: Worker; readonly told: Promise<Told> } {
  const source = `const { workerData: data, parentPort } = require('node:worker_threads')
    import(data.quotaPackage).then(async (quota) => {
      const word = new Int32Array(data.gate)
      const tell = (told) => parentPort.postMessage(told)
      Atomics.add(word, 1, 1); Atomics.notify(word, 1)
      Atomics.wait(word, 0, 0)
      ${body}
    })`
  const worker = new Worker(source, { eval: true, workerData: { originNs: 0n, ...data, quotaPackage } })
  const told = new Promise<Told>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  return { worker, told }
}

/** Lets all threads begin at once, when all have loaded. */
class Gate {
  readonly buffer = new SharedArrayBuffer(8)
  readonly #words = new Int32Array(this.buffer)

  async open(): Promise<void> {
    while (Atomics.load(this.#words, 1) < threads.length) await new Promise((go) => setTimeout(go, 2))
    Atomics.store(this.#words, 0, 1)
    Atomics.notify(this.#words, 0)
  }
}

const hammer = (clock: string, more = '') => `
  const clock = ${clock}
  const bucket = new quota.RateBucket(data.memory, clock)
  const told = { taken: 0, refused: 0, firstNs: Number(clock() - data.originNs), lastNs: 0 }
  for (let count = 0; count < data.takes; count++) {
    if (bucket.take(1) === 'taken') told.taken++
    else told.refused++
    ${more}
  }
  told.lastNs = Number(clock() - data.originNs)
  tell(told)`

const sumOf = (all: readonly Told[], field: 'taken' | 'refused') => all.reduce((sum, told) => sum + told[field], 0)

function createBucket(settings: RateSettings) {
  return createQuotaBlock({ rates: { only: settings }, ledgers: {} }).rates.only
}

describe('four threads that take a million times', () => {
  it('get no more than burst and rate allow', async () => {
    const [burst, perSecond] = [1_000, 100_000]
    const memory = createBucket({ rate: { amount: perSecond, perMs: 1_000 }, burst })
    const gate = new Gate()
    const data = { memory, gate: gate.buffer, takes: takesEach, originNs: process.hrtime.bigint() }
    const running = threads.map(() => startThread(hammer('process.hrtime.bigint'), data).told)
    await gate.open()
    const told = await Promise.all(running)
    const elapsedNs = Math.max(...told.map((each) => each.lastNs)) - Math.min(...told.map((each) => each.firstNs))
    expect(sumOf(told, 'taken') + sumOf(told, 'refused')).toBe(4 * takesEach)
    expect(sumOf(told, 'taken')).toBeGreaterThanOrEqual(burst)
    expect(sumOf(told, 'taken')).toBeLessThanOrEqual(burst + (elapsedNs * perSecond) / 1e9)
  })

  it('get the burst to the last unit while the clock stands, and the refused cost nothing', async () => {
    const burst = 300_007
    const memory = createBucket(unit(burst))
    const gate = new Gate()
    const data = { memory, gate: gate.buffer, takes: takesEach }
    const running = threads.map(() => startThread(hammer('() => 5n'), data).told)
    await gate.open()
    const told = await Promise.all(running)
    expect([sumOf(told, 'taken'), sumOf(told, 'refused')]).toEqual([burst, 4 * takesEach - burst])
    expect(new RateCells(memory).arrivalNs()).toBe(5n + BigInt(burst))
  })

  it('get what time brings, to the last unit, while the clock goes on under them', async () => {
    const burst = 200_000
    const memory = createBucket(unit(burst))
    const time = new SharedArrayBuffer(8)
    const clock = new BigInt64Array(time)
    const gate = new Gate()
    const body = `
      const time = new BigInt64Array(data.time)
      ${hammer('() => Atomics.load(time, 0)', 'if (told.refused > 0 && Atomics.load(time, 0) < 200000n) Atomics.add(time, 0, 1n)')}`
    const data = { memory, gate: gate.buffer, takes: takesEach, time }
    const running = threads.map(() => startThread(body, data).told)
    await gate.open()
    const told = await Promise.all(running)
    // Time begins when the burst is spent and ends before another could be earned: none of it is lost on a full bucket.
    expect(BigInt(sumOf(told, 'taken'))).toBe(new RateCells(memory).arrivalNs())
    expect(sumOf(told, 'taken')).toBeLessThanOrEqual(burst + Number(clock[0]))
    expect(clock[0]).toBeGreaterThanOrEqual(200_000n)
  })

  it('get nothing from the moment that a change to zero has returned', async () => {
    const memory = createBucket(unit(1_000_000_000))
    const cells = new RateCells(memory)
    const gate = new Gate()
    const data = { memory, gate: gate.buffer, takes: takesEach }
    const running = threads.map(() => startThread(hammer('() => 0n'), data).told)
    await gate.open()
    let stood = 0
    let open = true
    const all = Promise.all(running).then((told) => {
      open = false
      return told
    })
    let changes = 0
    while (open) {
      changeRate(memory, unit(0))
      const shutNs = cells.arrivalNs()
      for (let looks = 0; looks < 50; looks++) if (cells.arrivalNs() === shutNs) stood++
      expect(stood % 50).toBe(0)
      changeRate(memory, unit(1_000_000_000))
      changes += 2
      await new Promise((go) => setTimeout(go, 1))
    }
    const told = await all
    // Every nanosecond of the cell is a take or a change.
    expect(cells.arrivalNs()).toBe(BigInt(sumOf(told, 'taken') + changes))
  })
})

describe('threads in a tree', () => {
  const hammerChain = `
    const chain = new quota.RateChain(data.seat, () => 0n)
    const told = { taken: 0, refused: 0, firstNs: 0, lastNs: 0 }
    for (let count = 0; count < data.takes; count++) {
      if (chain.take(1 + count % 3) === 'taken') told.taken += 1 + count % 3
      else told.refused++
    }
    tell(told)`

  it('take from child, supervisor and root together, to the last unit', async () => {
    const tree = new RateTree({ nodesMax: 8, seatsMax: 4, clock: () => 0n })
    const root = tree.addNode(unit(90_000))
    const supervisors = [tree.addNode(unit(30_000), root), tree.addNode(unit(1_000_000), root)]
    const children = threads.map((index) => tree.addNode(unit(index === 0 ? 7_000 : 50_000), supervisors[index >> 1]))
    const gate = new Gate()
    const running = children.map((child) => {
      const data = { seat: tree.takeSeat(child), gate: gate.buffer, takes: 60_000 }
      return startThread(hammerChain, data).told
    })
    await gate.open()
    const told = await Promise.all(running)
    const taken = told.map((each) => each.taken)
    expect(children.map((child) => tree.spent(child).used)).toEqual(taken)
    expect(supervisors.map((node) => tree.spent(node).used)).toEqual([
      (taken[0] ?? 0) + (taken[1] ?? 0),
      (taken[2] ?? 0) + (taken[3] ?? 0),
    ])
    expect(tree.spent(root).used).toBe(sumOf(told, 'taken'))
    expect(sumOf(told, 'taken')).toBe(90_000)
  })

  it('leave it consistent when they are killed at any instruction', async () => {
    const tree = new RateTree({ nodesMax: 8, seatsMax: 4, clock: () => 0n })
    const root = tree.addNode(unit(1_000_000_000))
    const supervisors = [tree.addNode(unit(1_000_000_000), root), tree.addNode(unit(1_000_000_000), root)]
    const children = threads.map((index) => tree.addNode(unit(1_000_000_000), supervisors[index >> 1]))
    for (let round = 0; round < 4; round++) {
      const gate = new Gate()
      const seats = children.map((child) => tree.takeSeat(child))
      const workers = seats.map((seat) => startThread(hammerChain, { seat, gate: gate.buffer, takes: 1e9 }).worker)
      await gate.open()
      await new Promise((go) => setTimeout(go, 3 + round * 2))
      for (const worker of workers) await worker.terminate()
      for (const seat of seats) tree.leaveSeat(seat)
      const used = (nodes: readonly number[]) => nodes.map((node) => tree.spent(node).used)
      const [a = 0, b = 0, c = 0, d = 0] = used(children)
      expect(used(supervisors)).toEqual([a + b, c + d])
      expect(used([root])).toEqual([a + b + c + d])
      expect(a + b + c + d).toBeGreaterThan(0)
    }
  })
})

describe('threads with one ledger', () => {
  it('never hold more than the limit together, and leave nothing behind', async () => {
    const { ledgers } = createQuotaBlock({ rates: {}, ledgers: { only: 10 } })
    const held = new SharedArrayBuffer(4)
    const gate = new Gate()
    const body = `
      const ledger = new quota.ByteLedger(data.memory)
      const held = new Int32Array(data.held)
      const told = { taken: 0, refused: 0, firstNs: 0, lastNs: 0 }
      for (let count = 0; count < 50_000; count++) {
        const bytes = 1 + count % 7
        if (!ledger.tryReserve(bytes)) { told.refused++; continue }
        if (Atomics.add(held, 0, bytes) + bytes > 10) throw new Error('more than the limit')
        Atomics.sub(held, 0, bytes)
        ledger.release(bytes)
        told.taken++
      }
      tell(told)`
    const running = threads.map(() => startThread(body, { memory: ledgers.only, held, gate: gate.buffer }).told)
    await gate.open()
    const told = await Promise.all(running)
    expect(sumOf(told, 'taken') + sumOf(told, 'refused')).toBe(200_000)
    expect(new ByteLedger(ledgers.only).spent()).toEqual({ used: 0, limit: 10 })
  })
})

describe('a thread that waits for its take', () => {
  it('waits as long as it has to, and is woken by a change of the rate', async () => {
    const memory = createBucket({ rate: { amount: 1, perMs: 3_600_000 } })
    const gate = new Gate()
    const body = `
      const bucket = new quota.RateBucket(data.memory, process.hrtime.bigint)
      bucket.takeWaiting(1)
      Atomics.add(word, 1, 1)
      bucket.takeWaiting(1)
      tell({ taken: 2, refused: 0, firstNs: 0, lastNs: 0 })`
    const { told, worker } = startThread(body, { memory, gate: gate.buffer })
    const words = new Int32Array(gate.buffer)
    Atomics.store(words, 0, 1)
    Atomics.notify(words, 0)
    while (Atomics.load(words, 1) < 2) await new Promise((go) => setTimeout(go, 2))
    await new Promise((go) => setTimeout(go, 20))
    // Its hour is not over, but a burst of three lets a second one in.
    changeRate(memory, { rate: { amount: 1, perMs: 3_600_000 }, burst: 3 })
    expect(await told).toMatchObject({ taken: 2 })
    await worker.terminate()
  })
})
