// Actors' threads as they are: they block on their slots, and sleep on one wake word of their own.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createServer, type Socket } from 'node:net'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { SlotMemory } from '@bulkhead/lane'
import { expect, it } from 'vitest'
import { at, listening, networkTable, openNetworkLab } from './network/network.test.support.js'
import { openStoreLab } from './store/store.test.support.js'

const resolve = createRequire(import.meta.url).resolve
const modules = {
  lane: pathToFileURL(resolve('@bulkhead/lane')).href,
  services: pathToFileURL(resolve('@bulkhead/host-services')).href,
}

const prologue = `
const { workerData: data, parentPort } = require('node:worker_threads')
Promise.all([import(data.lane), import(data.services)]).then(([lane, services]) => {
  const askOver = (slot) => {
    const wake = new Int32Array(slot.wake.buffer)
    const caller = new lane.SlotCaller(slot, {
      nowNs: process.hrtime.bigint,
      wakeCount: () => Atomics.load(wake, 0),
      park: (seen) => Atomics.wait(wake, 0, seen, 50),
    })
    return (request) => {
      const outcome = caller.call(request, { stillWanted: () => Atomics.load(new Int32Array(data.stop), 0) === 0 })
      if (outcome.kind === 'answer') return outcome.bytes
      throw new Error(outcome.kind)
    }
  }
  const attempt = (work) => { try { return work() ?? 'done' } catch (error) { return error.code ?? error.message } }
`

type Parts = { readonly stop: SharedArrayBuffer; readonly slot: SlotMemory; readonly more?: unknown }

function start(body: string, parts: Parts): Worker {
  return new Worker(`${prologue}${body}})`, { eval: true, workerData: { ...modules, ...parts } })
}

const count = `
  const store = new services.StoreClient(askOver(data.slot))
  let done = 0
  for (; done < data.more; done++) store.increment('shared:n', 'n', 1n)
  parentPort.postMessage(done)`

it('threads that count together lose nothing, whoever of them is killed', async () => {
  const lab = await openStoreLab()
  const actors = ['one', 'two', 'three'].map((owner) => {
    const channel = lab.attach(owner)
    const stop = new SharedArrayBuffer(4)
    return { channel, worker: start(count, { stop, slot: channel.slot, more: owner === 'three' ? 1e9 : 150 }) }
  })
  const [one, two, killed] = actors
  await Promise.all([one, two].map((actor) => actor && once(actor.worker, 'message')))
  await killed?.worker.terminate()
  await killed?.channel.gone()
  const reader = lab.attach('reader')
  const total = Number(reader.client.increment('shared:n', 'n', 0n))
  expect(total).toBeGreaterThan(300)
  // Nothing of the dead is under way.
  await new Promise((settled) => setTimeout(settled, 50))
  expect(Number(reader.client.increment('shared:n', 'n', 0n))).toBe(total)
  await lab.close()
})

it('a thread that sleeps in a poll wakes for its socket, for newer rules, and for a stop', async () => {
  const peers: Socket[] = []
  const server = createServer((socket) => peers.push(socket))
  const port = await listening(server)
  const lab = await openNetworkLab()
  const guest = lab.guest({ connect: [`127.0.0.1:${port}`] })
  const stop = new SharedArrayBuffer(4)
  const body = `
  const network = new services.NetworkClient(askOver(data.slot))
  const handle = network.connect(data.more)
  network.poll([{ handle, for: 'write' }])
  const interest = [{ handle, for: 'read' }]
  parentPort.postMessage('connected')
  for (let round = 0; round < 2; round++) {
    network.poll(interest)
    const read = attempt(() => network.read(handle, 100))
    parentPort.postMessage(typeof read === 'string' ? read : Buffer.from(read).toString())
  }
  parentPort.postMessage(attempt(() => network.poll([])))`
  const worker = start(body, { stop, slot: guest.port.slot, more: at('127.0.0.1', port) })
  const said = async (): Promise<unknown> => (await once(worker, 'message'))[0]
  expect(await said()).toBe('connected')
  const heard = said()
  while (peers.length === 0) await new Promise((settled) => setTimeout(settled, 1))
  peers[0]?.write('hello')
  expect(await heard).toBe('hello')
  const refused = said()
  await guest.port.updateTable(networkTable({}, 2))
  expect(await refused).toBe('network-access-denied')
  const stopped = said()
  Atomics.store(new Int32Array(stop), 0, 1)
  const wake = new Int32Array(guest.port.slot.wake.buffer)
  Atomics.add(wake, 0, 1)
  Atomics.notify(wake, 0)
  expect(await stopped).toBe('given-up')
  for (const peer of peers) peer.destroy()
  server.close()
  await lab.service.close()
})
