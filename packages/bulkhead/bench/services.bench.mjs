// What a call to a host service costs a guest: the store, and an HTTP request on loopback. Each run is one command in a tree,
// measured by its own clock; baselines in the same run and of the same shape.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { transpileBytes } from '@bytecodealliance/jco-transpile'
import { open } from 'lmdb'
import { request } from 'undici'
import { fetchGuest, keyValueGuest } from '../../../bench/guests/service-guests.mjs'
import { medians, printPair } from '../../../bench/pair.mjs'
import { pinned } from '../../../test/support/pinned.mjs'
import { createTestRuntime } from '../../../test/support/test-runtime.mjs'

// Enough that what is measured is compiled: of a fresh worker the first thousand calls cost two to three times as much.
const storeCalls = 5_000
const calls = 300
const rounds = 3

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'))
// 1 KiB, from a thread of its own, for all three who ask.
const server = new Worker(
  `const { createServer } = require('node:http')
   const body = 'x'.repeat(1024)
   const server = createServer((_request, response) => response.end(body))
   server.keepAliveTimeout = 60_000
   server.listen(0, '127.0.0.1', () => require('node:worker_threads').parentPort.postMessage(server.address().port))`,
  { eval: true },
)
const port = await new Promise((resolve) => server.once('message', resolve))

const capabilities = {
  fetch: `network.connect = ["http://127.0.0.1:${port}"]`,
  get: 'storage.read = ["self:*"]\nstorage.write = ["self:*"]',
  set: 'storage.read = ["self:*"]\nstorage.write = ["self:*"]',
}
const guests = {
  fetch: await fetchGuest(port, calls),
  get: await keyValueGuest('get', storeCalls),
  set: await keyValueGuest('set', storeCalls),
}
for (const [name, bytes] of Object.entries(guests)) writeTree(name, bytes)

/* The store. A call is a round trip of two threads and a look into the database: so is the baseline. */
const database = open({ path: join(folder, 'raw'), compression: false })
const value = new Uint8Array(100)
await database.put('key', value)
const trip = roundTrips()
const get = await medians(rounds, {
  ours: () => guest('get'),
  baseline: async () => (await trip(2_000)) + rawGets(20_000),
})
const aim = { ratioMax: 1.5 }
printPair({ name: 'key-value get by a guest', ...get, unit: 'ns', of: 'Atomics round trip + raw lmdb get', aim })
const set = await medians(rounds, {
  ours: () => guest('set'),
  baseline: async () => (await trip(2_000)) + (await rawPuts(200)),
})
printPair({
  name: 'key-value set by a guest, durable',
  ...set,
  unit: 'ns',
  of: 'round trip + raw lmdb put, committed',
  aim,
})

/* HTTP, one request after the other. */
const stockFolder = await stockModule(guests.fetch)
const fetched = await medians(rounds, {
  ours: () => guest('fetch'),
  stock: () => stock(stockFolder),
  undici: () => plainRequests(),
})
const name = 'HTTP GET of 1 KiB by a guest'
printPair({ name, ours: fetched.ours, baseline: fetched.stock, unit: 'ns', of: 'stock jco and shim' })
printPair({ name, ours: fetched.ours, baseline: fetched.undici, unit: 'ns', of: 'plain undici, no guest' })

await database.close()
await trip.end()
await server.terminate()
rmSync(folder, { recursive: true })

function writeTree(name, bytes) {
  const file = join(folder, `${name}.wasm`)
  writeFileSync(file, bytes)
  const manifest = `[component]\nid = "${name}"\nversion = "1.0.0"\n[capabilities]\n${capabilities[name]}\n`
  writeFileSync(join(folder, `${name}.component.toml`), manifest)
  const lines = [
    `state = "state-${name}"\n[children.${name}]\ncomponent = "${name}.wasm"\nmanifest = "${name}.component.toml"`,
    `restart = "temporary"\nquotas = { requests = "100000/s" }\n${pinned(file, manifest)}\n`,
  ]
  writeFileSync(join(folder, `${name}.toml`), lines.join('\n'))
}

/** Nanoseconds a call, as the guest printed them. */
async function guest(name) {
  const chunks = []
  const runtime = await createTestRuntime({
    tree: join(folder, `${name}.toml`),
    onOutput: ({ chunk }) => chunks.push(chunk),
  })
  const { asExpected, children } = await runtime.settled
  await runtime.stop()
  if (!asExpected) throw new Error(`${name}: ${children[0]?.reason}`)
  return Number(Buffer.concat(chunks).toString())
}

function rawGets(count) {
  const began = process.hrtime.bigint()
  for (let index = 0; index < count; index++) database.get('key')
  return Number(process.hrtime.bigint() - began) / count
}

async function rawPuts(count) {
  const began = process.hrtime.bigint()
  for (let index = 0; index < count; index++) await database.put('key', value)
  return Number(process.hrtime.bigint() - began) / count
}

/** Two threads beside this one that hand one word to and fro: what a call costs where nothing is asked. */
function roundTrips() {
  const words = new Int32Array(new SharedArrayBuffer(8))
  const other = new Worker(
    `const { workerData: words } = require('node:worker_threads')
     for (;;) {
       Atomics.wait(words, 0, 0)
       Atomics.store(words, 0, 0)
       Atomics.store(words, 1, 1)
       Atomics.notify(words, 1)
     }`,
    { eval: true, workerData: words },
  )
  const caller = new Worker(
    `const { parentPort, workerData: words } = require('node:worker_threads')
     parentPort.on('message', (count) => {
       const began = process.hrtime.bigint()
       for (let index = 0; index < count; index++) {
         Atomics.store(words, 1, 0)
         Atomics.store(words, 0, 1)
         Atomics.notify(words, 0)
         Atomics.wait(words, 1, 0)
       }
       parentPort.postMessage(Number(process.hrtime.bigint() - began) / count)
     })`,
    { eval: true, workerData: words },
  )
  const trip = (count) => {
    caller.postMessage(count)
    return new Promise((resolve) => caller.once('message', resolve))
  }
  const end = () => Promise.all([other.terminate(), caller.terminate()])
  return Object.assign(trip, { end })
}

async function plainRequests() {
  const once = async () => (await request(`http://127.0.0.1:${port}/`)).body.text()
  for (let index = 0; index < 8; index++) await once()
  const began = process.hrtime.bigint()
  for (let index = 0; index < calls; index++) await once()
  return Number(process.hrtime.bigint() - began) / calls
}

/** What a user of jco makes of the component: every default. */
async function stockModule(bytes) {
  const { files } = await transpileBytes(bytes, { name: 'fetch', emitTypescriptDeclarations: false })
  // Inside the repository, so that it finds the shim.
  const out = new URL('../../../bench/.cache/stock-fetch/', import.meta.url)
  mkdirSync(out, { recursive: true })
  for (const [name, contents] of Object.entries(files)) writeFileSync(new URL(name, out), contents)
  return new URL('fetch.js', out).href
}

function stock(module) {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('../../../bench/stock-thread.mjs', import.meta.url), {
      workerData: { module, args: [], preopens: {} },
    })
    thread.once('error', reject)
    thread.on('message', ({ kind, output }) => {
      if (kind !== 'ended') return
      resolve(Number(output))
      void thread.terminate()
    })
  })
}
