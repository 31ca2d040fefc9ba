// Two real threads, the built package, real kills.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { type Cells, SharedCells } from './cells.js'
import { createLane, type LaneMemory } from './lane.js'
import { LaneReader } from './lane-reader.js'
import { LaneWriter } from './lane-writer.js'

const lanePackage = pathToFileURL(createRequire(import.meta.url).resolve('@bulkhead/lane')).href

/** Runs `body` in a thread that has `lane` (the package) and `data`. */
function startThread(body: string, data: object): Worker {
  const source = `const { workerData: data } = require('node:worker_threads')
    import(data.lanePackage).then(async (lane) => { ${body} })`
  return new Worker(source, { eval: true, workerData: { ...data, lanePackage } })
}

function exitOf(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.once('exit', resolve)
    worker.once('error', reject)
  })
}

function lengthOf(index: number): number {
  return (index * 37) % 200
}

function checkRecord(record: Uint8Array, index: number): void {
  expect(record.length).toBe(lengthOf(index) + 4)
  expect(new DataView(record.buffer).getUint32(0)).toBe(index)
  if (record.length > 4) expect(record.at(-1)).toBe(index & 0xff)
}

const writeFor = `
  const writer = new lane.LaneWriter(data.memory)
  const done = new Int32Array(data.done)
  for (let index = 0; index < data.records; index++) {
    const record = new Uint8Array(4 + (index * 37) % 200).fill(index & 0xff)
    new DataView(record.buffer).setUint32(0, index)
    if (!writer.write(record, { waitMs: Infinity })) break
    Atomics.store(done, 0, index + 1)
  }
  writer.close()`

async function drain(memory: LaneMemory, reader = new LaneReader(memory)): Promise<number> {
  let index = 0
  while (!reader.closed) {
    await reader.readable()
    for (let record = reader.read(); record !== undefined; record = reader.read()) checkRecord(record, index++)
  }
  return index
}

describe('two threads', () => {
  it('pass every record on, in order, through a ring that is often full', async () => {
    const memory = createLane({ capacityBytes: 1024 })
    const worker = startThread(writeFor, { memory, records: 3_000, done: new SharedArrayBuffer(4) })
    const exit = exitOf(worker)
    expect(await drain(memory)).toBe(3_000)
    expect(await exit).toBe(0)
  })

  it('do so too where the engine has no waitAsync', async () => {
    const memory = createLane({ capacityBytes: 16_384 })
    const real = new SharedCells(memory)
    const cells: Cells = {
      capacityBytes: real.capacityBytes,
      load: (index) => real.load(index),
      store: (index, value) => real.store(index, value),
      wait: (index, seen, timeoutMs) => real.wait(index, seen, timeoutMs),
      waitAsync: () => undefined,
      notify: (index) => real.notify(index),
      putLength: (offset, length) => real.putLength(offset, length),
      getLength: (offset) => real.getLength(offset),
      copyIn: (offset, source, from, to) => real.copyIn(offset, source, from, to),
      copyOut: (offset, target, from, to) => real.copyOut(offset, target, from, to),
    }
    const exit = exitOf(startThread(writeFor, { memory, records: 500, done: new SharedArrayBuffer(4) }))
    expect(await drain(memory, new LaneReader(memory, { cells }))).toBe(500)
    await exit
  })

  it('lose nothing that was accepted when the writer is killed at any moment', async () => {
    for (let round = 0; round < 8; round++) {
      const memory = createLane({ capacityBytes: 4096 })
      const done = new SharedArrayBuffer(4)
      const worker = startThread(writeFor, { memory, records: 1e9, done })
      const exit = exitOf(worker)
      const reader = new LaneReader(memory)
      let index = 0
      await reader.readable()
      const untilMs = performance.now() + 3 + round * 1.7
      while (performance.now() < untilMs) {
        const record = reader.read()
        if (record !== undefined) checkRecord(record, index++)
      }
      await worker.terminate()
      await exit
      for (let record = reader.read(); record !== undefined; record = reader.read()) checkRecord(record, index++)
      const accepted = Atomics.load(new Int32Array(done), 0)
      // One more at most: killed between the commit and the count of it.
      expect([accepted, accepted + 1]).toContain(index)
      expect(new LaneWriter(memory).tryWrite(new Uint8Array(8))).toBe(true)
    }
  })

  it('let a full writer go when the reader reads, and tell of its wait', async () => {
    const memory = createLane({ capacityBytes: 256 })
    const worker = startThread(
      `const writer = new lane.LaneWriter(data.memory)
       const port = require('node:worker_threads').parentPort
       const told = []
       const options = (waitMs) => ({ waitMs, onWaitStart: () => told.push('start'), onWaitEnd: () => told.push('end') })
       for (let count = 0; count < 4; count++) told.push(writer.write(new Uint8Array(60), options(0)))
       told.push(writer.write(new Uint8Array(60), options(20)))
       port.postMessage('full')
       told.push(writer.write(new Uint8Array(60), options(Infinity)))
       port.postMessage(told)`,
      { memory },
    )
    const exit = exitOf(worker)
    const reader = new LaneReader(memory)
    const told = await new Promise((resolve) => {
      worker.on('message', (message) => {
        if (message === 'full') setTimeout(() => reader.read(), 10)
        else resolve(message)
      })
    })
    expect(told).toEqual([true, true, true, true, 'start', 'end', false, 'start', 'end', true])
    await exit
  })

  it('let a reader that blocks go when something comes, when the end comes, and when its time is up', () => {
    const memory = createLane({ capacityBytes: 256 })
    const reader = new LaneReader(memory)
    const beforeMs = performance.now()
    expect(reader.wait(30)).toBe(false)
    expect(performance.now() - beforeMs).toBeGreaterThanOrEqual(29)
    startThread(`new lane.LaneWriter(data.memory).tryWrite(Uint8Array.of(5))`, { memory })
    expect(reader.wait(5_000)).toBe(true)
    expect(reader.read()).toEqual(Uint8Array.of(5))
    startThread(`new lane.LaneWriter(data.memory).close()`, { memory })
    expect(reader.wait(5_000)).toBe(true)
    expect(reader.closed).toBe(true)
  })

  it('keep the process alive while one waits to read, and only if it wants to', () => {
    const run = (keepAlive: boolean): string => {
      const source = `
        import { createLane, LaneReader, LaneWriter } from ${JSON.stringify(lanePackage)}
        const memory = createLane({ capacityBytes: 256 })
        const reader = new LaneReader(memory)
        setTimeout(() => new LaneWriter(memory).tryWrite(Uint8Array.of(1)), 150).unref()
        reader.readable({ keepAlive: ${keepAlive} }).then(() => console.log('read', reader.read()?.length))`
      return execFileSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' })
    }
    expect(run(true)).toBe('read 1\n')
    expect(run(false)).toBe('')
  })
})
