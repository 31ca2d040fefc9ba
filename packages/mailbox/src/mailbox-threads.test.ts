// Real threads, the built package, real kills.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { DeadLetters } from './dead-letters.js'
import { Mailbox } from './mailbox.js'
import { MailboxReader } from './mailbox-reader.js'
import { Outlet } from './outlet.js'
import {
  makeMailbox,
  open,
  openFilter,
  openWithArena,
  readerOptions,
  send,
  sender,
  takeAll,
  watch,
} from './small-mailbox.test.support.js'

const mailboxPackage = pathToFileURL(createRequire(import.meta.url).resolve('@bulkhead/mailbox')).href

/** Runs `body` in a thread that has `mailbox` (the package), `data` and `port`. */
function startThread(body: string, data: object): Worker {
  const source = `const { workerData: data, parentPort: port } = require('node:worker_threads')
    import(data.mailboxPackage).then(async (mailbox) => { ${body} })`
  return new Worker(source, { eval: true, workerData: { ...data, mailboxPackage } })
}

function exitOf(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.once('exit', resolve)
    worker.once('error', reject)
  })
}

async function waitFor(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** Logs each id before it sends the message of that name, and how many were sent. Some bodies go through the arena. */
const sendFor = `
  const outlet = new mailbox.Outlet(data.outlet)
  const encoder = new mailbox.MessageEncoder()
  const log = new Int32Array(data.log)
  for (let id = 1; id <= data.messages; ) {
    Atomics.store(log, 0, id)
    const body = new Uint8Array(id % 5 === 0 ? 1500 : 16).fill(id & 0xff)
    new DataView(body.buffer).setUint32(0, data.from)
    new DataView(body.buffer).setUint32(4, id)
    if (outlet.send(encoder.encode({ subject: 'orders.new', body, sentAtNs: 1n })) !== 'sent') {
      Atomics.wait(log, 0, id, 1)
      continue
    }
    Atomics.store(log, 1, id)
    id++
  }
  outlet.close()`

/** Logs each message when it begins with it and when it is done. */
const receiveFor = `
  const begun = new Uint8Array(data.begun)
  const done = new Uint8Array(data.done)
  const reader = new mailbox.MailboxReader(data.memory, { now: () => 0n, onRefused: () => {}, onBreach: (breach) => { throw breach.error } })
  for (;;) {
    const delivery = reader.waitTake(1_000)
    if (delivery === undefined) continue
    const view = new DataView(delivery.body.buffer, delivery.body.byteOffset)
    const at = view.getUint32(0) * data.messages + view.getUint32(4) - 1
    for (let index = 8; index < delivery.body.length; index++) if (delivery.body[index] !== (view.getUint32(4) & 0xff)) throw new Error('torn')
    Atomics.add(begun, at, 1)
    reader.finish()
    Atomics.add(done, at, 1)
  }`

describe('threads that are killed at any moment', () => {
  it('lose nothing silently: each message that was committed has one fate', async () => {
    const messages = 3_000
    const senders = 2
    const mailbox = makeMailbox()
    const begun = new SharedArrayBuffer(senders * messages)
    const done = new SharedArrayBuffer(senders * messages)
    const logs = Array.from({ length: senders }, () => new SharedArrayBuffer(8))
    const letters = new DeadLetters()
    const lanes = logs.map((_, from) => openWithArena(mailbox, `s${from}`))
    const workers = lanes.map((lane, from) =>
      startThread(sendFor, { outlet: lane.outlet, log: logs[from], from, messages }),
    )
    const exits = workers.map(exitOf)
    let crashes = 0
    const receiveForMs = async (ms: number): Promise<void> => {
      const before = sum(done)
      const receiver = startThread(receiveFor, { memory: mailbox.readerMemory(), begun, done, messages })
      const exit = exitOf(receiver)
      await waitFor(() => sum(done) > before || mailbox.stats().messages === 0)
      await new Promise((resolve) => setTimeout(resolve, ms))
      await receiver.terminate()
      await exit
      const recovered = mailbox.recover('once', 0n)
      if (recovered.kind === 'dead-letter') {
        crashes++
        letters.add({ reason: recovered.reason, receiver: 'r', message: recovered.delivery, atMs: 0 })
      } else {
        expect(recovered.kind).toBe('nothing')
      }
    }
    for (let round = 0; round < 6; round++) {
      await receiveForMs(1 + round)
      // One of the senders goes in the middle of its work too.
      if (round === 3) await workers[0]?.terminate()
    }
    await exits[0]
    mailbox.endSender(lanes[0]?.inlet.lane ?? 0)
    // The rest is received in peace.
    const reader = new MailboxReader(mailbox.readerMemory(), readerOptions())
    const counts = new Uint8Array(done)
    while (mailbox.sweep(0n).ended.length < 2 && mailbox.stats().lanes > 0) {
      for (const { body } of takeAll(reader)) {
        const view = new DataView(body.buffer, body.byteOffset)
        const at = view.getUint32(0) * messages + view.getUint32(4) - 1
        counts[at] = (counts[at] ?? 0) + 1
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    await exits[1]
    const buried = letters.list().map(({ message }) => {
      const view = new DataView(message.body.buffer, message.body.byteOffset)
      return view.getUint32(0) * messages + view.getUint32(4) - 1
    })
    const begunCounts = new Uint8Array(begun)
    let unlogged = 0
    for (const [from, log] of logs.entries()) {
      const [tried = 0, committed = 0] = new Int32Array(log)
      for (let id = 1; id <= messages; id++) {
        const at = from * messages + id - 1
        const fates = (counts[at] ?? 0) + (buried.includes(at) ? 1 : 0)
        expect(begunCounts[at]).toBeLessThanOrEqual(1)
        if (id <= committed) {
          // Killed between the end of a message and the count of it: it has left its lane and was begun with.
          if (fates === 0) unlogged += begunCounts[at] ?? 0
          expect(fates === 1 || (fates === 0 && begunCounts[at] === 1), `message ${from}/${id}`).toBe(true)
        } else {
          expect(fates).toBeLessThanOrEqual(id === tried ? 1 : 0)
        }
      }
    }
    expect(unlogged).toBeLessThanOrEqual(6)
    expect(crashes).toBeLessThanOrEqual(6)
  })
})

describe('a receiver that waits', () => {
  const receiveAll = `
    const reader = new mailbox.MailboxReader(data.memory, { now: () => 0n, onRefused: () => {}, onBreach: () => {} })
    port.postMessage('waiting')
    for (let left = data.messages; left > 0; ) {
      const delivery = reader.waitTake(60_000)
      if (delivery === undefined) continue
      port.postMessage(delivery.body[0])
      reader.finish()
      left--
    }`

  it('is woken by each of its senders', async () => {
    const mailbox = makeMailbox()
    const outlets = [open(mailbox, 'one'), open(mailbox, 'two')].map(({ outlet }) => new Outlet(outlet))
    const worker = startThread(receiveAll, { memory: mailbox.readerMemory(), messages: 20 })
    const exit = exitOf(worker)
    const heard: unknown[] = []
    worker.on('message', (one) => heard.push(one))
    await waitFor(() => heard.length === 1)
    for (let count = 0; count < 20; count++) {
      const outlet = outlets[count % 2]
      if (outlet !== undefined) expect(send(outlet, Uint8Array.of(count))).toBe('sent')
      await waitFor(() => heard.length === count + 2)
    }
    expect(await exit).toBe(0)
    expect(heard).toEqual(['waiting', ...Array.from({ length: 20 }, (_, index) => index)])
  })

  it('finds what came without a ring, since a sender may be killed before it rang', async () => {
    const mailbox = makeMailbox()
    const { outlet } = open(mailbox)
    const worker = startThread(receiveAll, { memory: mailbox.readerMemory(), messages: 1 })
    const exit = exitOf(worker)
    const heard = new Promise((resolve) => worker.on('message', (one) => one === 7 && resolve(one)))
    await new Promise((resolve) => worker.once('message', resolve))
    // Another bell, which nobody hears.
    send(new Outlet({ ...outlet, bell: makeMailbox().readerMemory().bell }), Uint8Array.of(7))
    expect(await heard).toBe(7)
    expect(await exit).toBe(0)
  })

  it('is woken by the host for reasons of its own, and at its time', () => {
    const mailbox = makeMailbox()
    const { reader } = watch(mailbox)
    const beforeMs = performance.now()
    expect(reader.waitTake(20)).toBeUndefined()
    expect(performance.now() - beforeMs).toBeGreaterThanOrEqual(19)
    startThread(
      'const bell = new mailbox.Bell(data.bell); for (let i = 0; i < 200; i++) { bell.wake(); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5) }',
      { bell: mailbox.readerMemory().bell },
    )
    let asked = 0
    expect(reader.waitTake(60_000, { interrupted: () => ++asked > 3 })).toBeUndefined()
  })

  it('of the host gets a promise', async () => {
    const mailbox = makeMailbox()
    const { outlet } = open(mailbox)
    const { reader } = watch(mailbox)
    startThread(sendFor, { outlet, log: new SharedArrayBuffer(8), from: 3, messages: 4 })
    for (let id = 1; id <= 4; id++) {
      const delivery = await reader.taken()
      expect(delivery?.sequence).toBe(id - 1)
      reader.finish()
    }
    setTimeout(() => mailbox.wake(), 10)
    let stop = false
    setTimeout(() => {
      stop = true
    }, 5)
    expect(await reader.taken({ interrupted: () => stop, keepAlive: false })).toBeUndefined()
  })
})

describe('sixty-four lanes', () => {
  it('are visited in turn: a flooder delays nobody by more than a round, and nobody else is refused', () => {
    const mailbox = new Mailbox({ messageBytesMax: 8_000 })
    const host = mailbox.openHostLane(0n)
    const lanes = Array.from({ length: 63 }, (_, index) => open(mailbox, `s${index}`))
    expect(mailbox.openLane(sender('one-more'), openFilter, 0n)).toBe(undefined)
    expect(mailbox.stats().memoryBytes).toBe(4 * 1024 * 1024)
    const { reader } = watch(mailbox)
    const outlets = [host, ...lanes].map(({ outlet }) => new Outlet(outlet))
    const [flooder, ...others] = outlets
    const flood = (): void => {
      while (flooder !== undefined && send(flooder, 0) === 'sent');
    }
    for (let round = 0; round < 5; round++) {
      flood()
      for (const other of others) expect(send(other, 1)).toBe('sent')
      const turn: number[] = []
      for (let count = 0; count < 64; count++) {
        turn.push(reader.take()?.lane ?? 0)
        reader.finish()
        flood()
      }
      expect(new Set(turn).size).toBe(64)
    }
  })
})

function sum(counts: SharedArrayBuffer): number {
  return new Uint8Array(counts).reduce((total, count) => total + count, 0)
}
