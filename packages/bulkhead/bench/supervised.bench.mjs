// What supervision costs while nothing happens, and to wake who sleeps: memory of a child that waits, with and without the
// services that it has used, of one that is dormant, and the host's processor time; beside empty workers. Freed memory does
// not leave a process at once, so each sample is a process of its own.
import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { createRuntime } from 'bulkhead'
import { artifactCache } from '../../../bench/build-guest.mjs'
import { fetchGuest, idleGuest, keyValueGuest } from '../../../bench/guests/service-guests.mjs'
import { medians, printPair } from '../../../bench/pair.mjs'
import { pinned } from '../../../test/support/pinned.mjs'
import { guestFile } from '../../../test/support/test-runtime.mjs'

const units = 20
const idleActors = 100
const treeActors = 100
const dormantChildren = 2_000
const bytesPerMiB = 1024 * 1024
const emptyThread = new URL('../../../bench/empty-thread.mjs', import.meta.url)

const sides = {
  workers: () => added(units, () => startWorkers(units)),
  idle: () => addedByTree(units, () => waitingTree(units, 'idle')),
  stored: () => addedByTree(units, () => waitingTree(units, 'stored')),
  fetched: () => addedByTree(units, () => waitingTree(units, 'fetched')),
  dormant: () => addedByTree(dormantChildren, dormantTree),
  cpuOfActors: () => cpuOf(() => startTree(() => waitingTree(idleActors, 'idle'))),
  cpuOfWorkers: () => cpuOf(() => startWorkers(idleActors)),
  wake,
  worker: workerToMessage,
  treeOf100: () => timeOfTree(treeActors),
  workers100: () => timeOf(() => startWorkers(treeActors)),
  memoryOf100: () => addedByTree(treeActors, () => waitingTree(treeActors, 'idle')),
  memoryOfWorkers100: () => added(treeActors, () => startWorkers(treeActors)),
}

const side = process.argv[2]
if (side === undefined) await compare()
else {
  process.send?.(await sides[side]())
  process.exit()
}

async function compare() {
  const memory = await medians(3, samplesOf(['workers', 'idle', 'stored', 'fetched', 'dormant']))
  const { workers: baseline, idle } = memory
  const of = 'an empty Worker'
  printPair({ name: 'memory of a supervised child that waits', ours: idle, baseline, unit: 'MiB', of })
  printPair({ name: 'the same, having used the store', ours: memory.stored, baseline: idle, unit: 'MiB', of: 'unused' })
  printPair({ name: 'the same, having used HTTP', ours: memory.fetched, baseline: idle, unit: 'MiB', of: 'unused' })
  printPair({ name: 'memory of a dormant child', ours: memory.dormant, baseline, unit: 'MiB', of })
  const cpu = await medians(3, samplesOf(['cpuOfActors', 'cpuOfWorkers']))
  const name = `processor time of ${idleActors} idle children, a second`
  printPair({ name, ours: cpu.cpuOfActors, baseline: cpu.cpuOfWorkers, unit: 'ms', of: 'as many empty Workers' })
  const woken = await medians(3, samplesOf(['wake', 'worker']))
  const what = 'a message wakes a dormant child, to its answer'
  printPair({ name: what, ours: woken.wake, baseline: woken.worker, unit: 'ms', of: 'new Worker to first message' })
  const tree = await medians(3, samplesOf(['treeOf100', 'workers100', 'memoryOf100', 'memoryOfWorkers100']))
  const many = `${treeActors} empty Workers`
  const started = `a tree of ${treeActors}, to the last one's first word`
  printPair({ name: started, ours: tree.treeOf100, baseline: tree.workers100, unit: 'ms', of: many })
  const each = `memory of each of ${treeActors}`
  printPair({ name: each, ours: tree.memoryOf100, baseline: tree.memoryOfWorkers100, unit: 'MiB', of: many })
}

/** @param {readonly (keyof typeof sides)[]} names */
function samplesOf(names) {
  return Object.fromEntries(names.map((name) => [name, () => sampleOf(name)]))
}

function sampleOf(name) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [name], { execArgv: ['--expose-gc'] })
    child.once('message', (value) => resolve(Number(value)))
    child.once('exit', (code) => reject(new Error(`a sample of ${name} ended with ${code}`)))
  })
}

/** What all children of a process share is not counted: another runtime has loaded it before. */
async function addedByTree(count, make) {
  await startTree(() => waitingTree(2, 'idle'))
  return added(count, () => startTree(make))
}

async function startTree(make) {
  const { folder, lines, started } = await make()
  writeFileSync(join(folder, 'bulkhead.toml'), lines.join('\n'))
  mkdirSync(artifactCache, { recursive: true, mode: 0o700 })
  let printed = 0
  const runtime = await createRuntime({
    tree: join(folder, 'bulkhead.toml'),
    cache: artifactCache,
    onOutput: () => {
      printed += 1
    },
  })
  await started(runtime, () => printed)
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return runtime
}

async function waitingTree(count, kind) {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'))
  const server = createServer((_request, response) => response.end('hello'))
  const port = await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
  const { bytes, capabilities } = await {
    idle: async () => ({ bytes: await idleGuest(), capabilities: '' }),
    stored: async () => ({
      bytes: await keyValueGuest('get', 0),
      capabilities: 'storage.read = ["self:*"]\nstorage.write = ["self:*"]',
    }),
    fetched: async () => ({
      bytes: await fetchGuest(port, 0),
      capabilities: `network.connect = ["http://127.0.0.1:${port}"]`,
    }),
  }[kind]()
  const component = join(folder, 'guest.wasm')
  writeFileSync(component, bytes)
  const manifest = `[component]\nid = "guest"\nversion = "1.0.0"\n[capabilities]\n${capabilities}\n[quotas]\nmemory = "1MiB"\n`
  writeFileSync(join(folder, 'guest.toml'), manifest)
  const lines = ['state = "state"']
  for (let n = 0; n < count; n++) {
    lines.push(
      `[children.child-${n}]\ncomponent = "guest.wasm"\nmanifest = "guest.toml"\n${pinned(component, manifest)}`,
    )
  }
  const started = async (_runtime, printed) => {
    while (printed() < count) await sleep(50)
  }
  return { folder, lines, started }
}

async function dormantTree() {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'))
  const component = guestFile('messages-operator')
  const manifest = '[component]\nid = "crew"\nversion = "1.0.0"\n[capabilities]\nmessaging.subscribe = ["crew.do"]\n'
  writeFileSync(join(folder, 'crew.toml'), manifest)
  const pools = Math.ceil(dormantChildren / 1_000)
  const lines = ['state = "state"']
  for (let pool = 0; pool < pools; pool++) {
    lines.push(
      `[supervisors.crew-${pool}.template]\ncomponent = ${JSON.stringify(component)}\nmanifest = "crew.toml"`,
      `lifetime = "idle 10m"\n${pinned(component, manifest)}`,
    )
  }
  const started = async (runtime) => {
    for (let n = 0; n < dormantChildren; n++) {
      const { kind } = await runtime.startChild(`crew-${n % pools}`, {})
      if (kind !== 'started') throw new Error(`child ${n}: ${kind}`)
    }
  }
  return { folder, lines, started }
}

/** What all trees of a process share is loaded, and the component transpiled, before the clock runs. */
async function timeOfTree(count) {
  await startTree(() => waitingTree(2, 'idle'))
  return timeOf(() => startTree(() => waitingTree(count, 'idle')))
}

async function timeOf(start) {
  const from = performance.now()
  await start()
  return performance.now() - from
}

function startWorkers(count) {
  const ready = Array.from({ length: count }, () => {
    const worker = new Worker(emptyThread)
    return new Promise((resolve) => worker.once('message', resolve))
  })
  return Promise.all(ready)
}

/** MiB that each unit adds to this process. */
async function added(count, start) {
  const before = await residentMiB()
  await start()
  return ((await residentMiB()) - before) / count
}

async function residentMiB() {
  await sleep(1_000)
  globalThis.gc?.()
  await sleep(200)
  return process.memoryUsage.rss() / bytesPerMiB
}

/** Milliseconds of processor time a second, all threads of this process together, while nothing happens. */
async function cpuOf(start) {
  await start()
  await sleep(2_000)
  const before = process.cpuUsage()
  await sleep(5_000)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000 / 5
}

/** The median over children, each of which was never awake before. */
async function wake() {
  const runtime = await startTree(dormantTree)
  await sleep(500)
  const times = []
  // The first one opens the way, for its baseline too.
  for (let n = 0; n < 12; n++) {
    await sleep(250)
    const from = performance.now()
    await runtime.request('crew.do', Buffer.from('count'), { timeoutMs: 60_000 })
    if (n > 1) times.push(performance.now() - from)
  }
  times.sort((a, b) => a - b)
  return times[times.length >> 1]
}

async function workerToMessage() {
  const times = []
  for (let n = 0; n < 12; n++) {
    await sleep(250)
    const from = performance.now()
    const worker = new Worker(emptyThread)
    await new Promise((resolve) => worker.once('message', resolve))
    if (n > 1) times.push(performance.now() - from)
    await worker.terminate()
  }
  times.sort((a, b) => a - b)
  return times[times.length >> 1]
}
