// Resident memory of an idle actor (a guest that waits in a poll) beside an empty worker. Freed memory does not leave a
// process at once, so each sample is a process of its own that starts several units and says what each one added.
import { fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { actorRig } from '../../../bench/actor-rig.mjs'
import { stockModule, workloadFile } from '../../../bench/build-guest.mjs'
import { medians, printPair } from '../../../bench/pair.mjs'

const units = 10
const bytesPerMiB = 1024 * 1024

const side = process.argv[2]
if (side === undefined) await compare()
else {
  process.send?.(await { actors, workers, stock }[side]())
  process.exit()
}

async function compare() {
  await (await actorRig(0)).close()
  await stockModule(await workloadFile())
  const { ours, empty, stockSide } = await medians(3, {
    ours: () => sampleOf('actors'),
    empty: () => sampleOf('workers'),
    stockSide: () => sampleOf('stock'),
  })
  const pair = { name: 'memory of an idle actor', ours, unit: 'MiB' }
  printPair({ ...pair, baseline: empty, of: 'an empty Worker', aim: { ratioMax: 1.3 } })
  printPair({ ...pair, baseline: stockSide, of: 'the same guest in a Worker with stock jco and shim' })
}

/** @param {string} name @returns {Promise<number>} MiB a unit */
function sampleOf(name) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [name], { execArgv: ['--expose-gc'] })
    child.once('message', (value) => resolve(Number(value)))
    child.once('exit', (code) => reject(new Error(`a sample of ${name} ended with ${code}`)))
  })
}

async function actors() {
  const rig = await actorRig(2)
  await sleep(500)
  return added(async () => {
    for (let n = 0; n < units; n++) await rig.start('sleep', 600).ready
  })
}

function workers() {
  const file = new URL('../../../bench/empty-thread.mjs', import.meta.url)
  return added(async () => {
    for (let n = 0; n < units; n++) await ready(new Worker(file))
  })
}

async function stock() {
  const file = new URL('../../../bench/stock-thread.mjs', import.meta.url)
  const module = await stockModule(await workloadFile())
  const args = ['workload', 'sleep', '-', '600']
  return added(async () => {
    for (let n = 0; n < units; n++) await ready(new Worker(file, { workerData: { module, args, preopens: {} } }))
  })
}

/** @param {Worker} worker */
function ready(worker) {
  return new Promise((resolve) => worker.once('message', resolve))
}

/** What each unit adds, in MiB, when all have settled (spares were replaced, garbage is gone). @param {() => Promise<void>} start */
async function added(start) {
  const before = await residentBytes()
  await start()
  return (await residentBytes()) - before
}

async function residentBytes() {
  await sleep(500)
  globalThis.gc?.()
  return process.memoryUsage.rss() / units / bytesPerMiB
}
