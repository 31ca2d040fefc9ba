// The host's ends of the sockets, each with a real socket between.
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Journal, type RingRecord } from '@bulkhead/audit'
import { RecordEncoder } from '@bulkhead/audit/records'
import { createLane, LaneReader, LaneWriter } from '@bulkhead/lane'
import type { AccessRecord } from '@bulkhead/vocabulary'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AuditInlet } from './audit-inlet.js'
import { ControlInlet } from './control-inlet.js'
import { ControlOutlet } from './control-outlet.js'
import { encodeFrame } from './frames.js'
import { BadClaim, encodeFromChild } from './from-child.js'
import { feedInput } from './input-outlet.js'
import { OutputInlet } from './output-inlet.js'

let folder: string
let pairs = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'inlets-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

let here: Socket
let there: Socket
beforeEach(async () => {
  const path = join(folder, String(++pairs))
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  there = connect(path)
  here = await accepted
  server.close()
})
afterEach(() => {
  here.destroy()
  there.destroy()
})

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(2)
}

/** All that a lane holds until it is closed. */
async function readAll(reader: LaneReader): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  while (!reader.closed) {
    await reader.readable()
    for (let record = reader.read(); record !== undefined; record = reader.read()) pieces.push(record)
  }
  return Buffer.concat(pieces)
}

describe('outputs', () => {
  it('that nobody reads stop their writer; read, they arrive whole', async () => {
    const memory = createLane({ capacityBytes: 65_536 })
    const inlet = new OutputInlet(here, memory)
    const bytes = Buffer.alloc(3_000_000, 'output')
    let drained = false
    there.write(bytes, () => {
      drained = true
    })
    await sleep(100)
    expect(drained).toBe(false)
    const all = readAll(new LaneReader(memory))
    there.end()
    await inlet.done
    new LaneWriter(memory).close()
    expect(Buffer.compare(await all, bytes)).toBe(0)
  })

  it('of a writer that is ending are taken out of the socket, whoever reads', async () => {
    const memory = createLane({ capacityBytes: 65_536 })
    const inlet = new OutputInlet(here, memory)
    inlet.drain()
    there.end(Buffer.alloc(300_000))
    await until(() => here.closed)
    const all = readAll(new LaneReader(memory))
    await inlet.done
    new LaneWriter(memory).close()
    expect(await all).toHaveLength(300_000)
  })

  it('for nobody are thrown away', async () => {
    const memory = createLane({ capacityBytes: 65_536 })
    new LaneReader(memory).close()
    const inlet = new OutputInlet(here, memory)
    there.end(Buffer.alloc(1_000_000))
    await inlet.done
  })
})

describe('an input', () => {
  it('arrives whole, and ends', async () => {
    const memory = createLane({ capacityBytes: 65_536 })
    const writer = new LaneWriter(memory)
    const pieces: Buffer[] = []
    there.on('data', (bytes: Buffer) => void pieces.push(bytes))
    const ended = new Promise((resolve) => there.once('end', resolve))
    void feedInput(memory, here)
    for (let count = 0; count < 400; count++) {
      while (!writer.tryWrite(Buffer.alloc(8_000, count))) await sleep(1)
    }
    writer.close()
    await ended
    const all = Buffer.concat(pieces)
    expect(all).toHaveLength(3_200_000)
    expect([all[0], all[8_000], all.at(-1)]).toEqual([0, 1, 399 & 255])
  })

  it('whose reader is gone waits for nothing', async () => {
    const memory = createLane({ capacityBytes: 65_536 })
    const fed = feedInput(memory, here)
    there.destroy()
    here.resume()
    await fed
  })
})

describe('the words of a bridge', () => {
  it('are heard in order, whole and at a pace', async () => {
    const heard: unknown[] = []
    const breaches: string[] = []
    new ControlInlet(
      here,
      (message) => heard.push(message),
      (reason) => breaches.push(reason),
    )
    const one = encodeFrame(encodeFromChild({ kind: 'bound', version: 1, entered: 0 }))
    for (let count = 0; count < 2_500; count++) there.write(one)
    await until(() => heard.length >= 1_000)
    expect(heard.length).toBeLessThan(2_500)
    await until(() => heard.length === 2_500)
    expect(breaches).toEqual([])
  })

  it('that are too many stay where they are: the host holds few of them', async () => {
    const heard: unknown[] = []
    new ControlInlet(
      here,
      (message) => heard.push(message),
      () => {},
    )
    const one = encodeFrame(encodeFromChild({ kind: 'bound', version: 1, entered: 0 }))
    there.write(Buffer.concat(Array.from({ length: 100_000 }, () => one)))
    await until(() => heard.length >= 5_000)
    expect(here.bytesRead - heard.length * one.length).toBeLessThan(160_000)
  })

  it('that are long count for more', async () => {
    const heard: number[] = []
    new ControlInlet(
      here,
      () => void heard.push(performance.now()),
      () => {},
    )
    const wish = { kind: 'prepare', how: 'publish', subject: 'a', number: 1, waitMs: 0 } as const
    const long = encodeFrame(encodeFromChild({ kind: 'remote', wish: { ...wish, body: new Uint8Array(500_000) } }))
    for (let count = 0; count < 100; count++) there.write(long)
    await until(() => heard.length === 100)
    expect((heard.at(-1) ?? 0) - (heard[0] ?? 0)).toBeGreaterThan(150)
  })

  it('are heard at once when the process has ended', async () => {
    const heard: unknown[] = []
    const inlet = new ControlInlet(
      here,
      (message) => heard.push(message),
      () => {},
    )
    there.end(Buffer.concat(Array.from({ length: 2_500 }, () => encodeFrame(encodeFromChild({ kind: 'up' })))))
    await until(() => heard.length >= 1_000)
    inlet.drain()
    await until(() => here.closed)
    expect(heard).toHaveLength(2_500)
  })

  it('are no longer heard after a bad one, or when nobody listens', async () => {
    const heard: unknown[] = []
    const breaches: string[] = []
    const up = encodeFrame(encodeFromChild({ kind: 'up' }))
    const inlet = new ControlInlet(
      here,
      (message) => {
        heard.push(message)
        if (heard.length === 2) throw new BadClaim('up twice')
      },
      (reason) => breaches.push(reason),
    )
    there.write(Buffer.concat([up, up, up]))
    await until(() => breaches.length > 0)
    there.write(up)
    inlet.close()
    await sleep(20)
    expect([heard.length, breaches]).toEqual([2, ['up twice']])
    // Its end is seen, however much it says before.
    there.end(Buffer.alloc(3_000_000))
    await until(() => here.closed)
  })
})

describe('what a bridge is told', () => {
  it('is not kept without end for one that does not read', async () => {
    const breaches: string[] = []
    const outlet = new ControlOutlet(here, (reason) => breaches.push(reason))
    here.on('error', () => {})
    for (let count = 0; count < 200_000 && breaches.length === 0; count++) {
      outlet.send({ kind: 'stop' })
      if (count % 100 === 0) await sleep(0)
    }
    expect(breaches).toEqual(['it does not read what it is told'])
  })

  it('is kept for one that reads', async () => {
    const breaches: string[] = []
    const outlet = new ControlOutlet(here, (reason) => breaches.push(reason))
    there.resume()
    for (let count = 0; count < 20_000; count++) {
      outlet.send({ kind: 'stop' })
      if (count % 100 === 0) await sleep(0)
    }
    expect(breaches).toEqual([])
  })
})

describe('the records of a process', () => {
  const record: AccessRecord = {
    ...{ at: 10n ** 18n, policyVersion: 1, kind: 'filesystem', action: 'read', verdict: 'granted', layer: 'manifest' },
    ...{ resource: '/data/a', count: 1 },
  } as const as AccessRecord
  const encoder = new RecordEncoder()
  const framed = (change: Partial<AccessRecord> = {}) =>
    encodeFrame(encoder.bytes.slice(0, encoder.encode({ ...record, ...change }, 0)))

  async function open(rate?: number) {
    const told: RingRecord[] = []
    const journal = await Journal.open({ directory: undefined, onRecords: (records) => void told.push(...records) })
    const identity = { component: 'a', incarnation: 1, trust: 'unknown', approval: 'approved', digest: 'sha256:0' }
    const limits = rate === undefined ? {} : { rate: { rate: { amount: rate, perMs: 1_000 } } }
    const ring = journal.attach(identity, { report: 'all', attested: 'child', ...limits })
    const breaches: string[] = []
    const waits: boolean[] = []
    const inlet = new AuditInlet(here, ring.memory, {
      clock: process.hrtime.bigint,
      policyVersion: () => 1,
      onWait: (waiting) => waits.push(waiting),
      onRecorded: () => {},
      onBreach: (reason) => breaches.push(reason),
    })
    const close = async () => {
      await inlet.done
      const totals = await journal.release(ring.id)
      await journal.close()
      return totals
    }
    return { inlet, told, breaches, waits, close }
  }

  it('reach the journal to the last, with an instant that has been', async () => {
    const { inlet, told, breaches, close } = await open()
    for (let count = 0; count < 50; count++) there.write(framed({ resource: `/data/${count}` }))
    there.end()
    inlet.drain()
    expect(await close()).toMatchObject({ granted: 50, denied: 0 })
    expect(breaches).toEqual([])
    expect(told.every((one) => one.type === 'access' && one.time <= Date.now() + 1_000)).toBe(true)
  })

  it('beyond the rate wait, and with them who writes; the host is not charged for it', async () => {
    const { inlet, waits, told, close } = await open(20)
    for (let count = 0; count < 30; count++) there.write(framed({ resource: `/data/${count}` }))
    await sleep(200)
    expect(told.length).toBeLessThan(30)
    expect(waits).toEqual([])
    there.end()
    inlet.drain()
    expect(await close()).toMatchObject({ granted: 30 })
  })

  it.each([
    ['rules that it was not told', { policyVersion: 2 }],
    ['a count that cannot be', { count: 0 }],
  ])('by %s are an attack', async (_name, change) => {
    const { breaches, close } = await open()
    there.write(framed())
    there.write(framed(change))
    there.end(framed({ resource: '/after' }))
    expect(await close()).toMatchObject({ granted: 1 })
    expect(breaches).toHaveLength(1)
  })
})
