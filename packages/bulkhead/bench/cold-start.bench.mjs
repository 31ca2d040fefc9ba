// CPython from nothing to the end of `print("hello")`: each sample is a fresh process that times itself, after its imports,
// from making the runtime (or the worker) to the exit of the program. What can be prepared was: our artifacts are in the
// cache, stock jco's module stands on the disk; `node:wasi` runs the module as it is.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { artifactCache, pythonFile, stockModule } from '../../../bench/build-guest.mjs'
import { medians, printPair } from '../../../bench/pair.mjs'

const args = ['python', '-c', 'print("hello")']
const sides = { cold: coldRuntime, warm: warmRuntime, stock: stockJco, wasi: nodeWasi }

const side = process.argv[2]
if (side === undefined) await compare()
else {
  process.send?.(await sides[side]())
  process.exit()
}

async function compare() {
  await sampleOf('cold') // Fills the cache.
  await stockModule(pythonFile)
  const { cold, warm, stock, wasi } = await medians(3, {
    cold: () => sampleOf('cold'),
    stock: () => sampleOf('stock'),
    wasi: () => sampleOf('wasi'),
    warm: () => sampleOf('warm'),
  })
  const first = { name: 'first CPython program of a process, from cache', ours: cold, unit: 'ms' }
  printPair({ ...first, baseline: stock, of: 'new Worker with stock jco and shim' })
  printPair({ ...first, baseline: wasi, of: 'new Worker with node:wasi' })
  const next = { name: 'next CPython program of a runtime', ours: warm, unit: 'ms' }
  printPair({ ...next, baseline: stock, of: 'new Worker with stock jco and shim' })
}

/** @param {string} name @returns {Promise<number>} milliseconds */
function sampleOf(name) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [name], { execArgv: ['--no-warnings'] })
    child.once('message', (value) => resolve(Number(value)))
    child.once('exit', (code) => reject(new Error(`a sample of ${name} ended with ${code}`)))
  })
}

async function coldRuntime() {
  const { createRuntime } = await import('bulkhead')
  return timed(async () => {
    const runtime = await createRuntime({ cache: artifactCache })
    return (await runtime.exec(pythonFile, { args })).stdout
  })
}

async function warmRuntime() {
  const { createRuntime } = await import('bulkhead')
  const runtime = await createRuntime({ cache: artifactCache })
  await runtime.exec(pythonFile, { args })
  return timed(async () => (await runtime.exec(pythonFile, { args })).stdout)
}

async function stockJco() {
  const { runStock } = await import('../../../bench/baseline.mjs')
  const module = await stockModule(pythonFile)
  return timed(() => runStock({ module, args }))
}

function nodeWasi() {
  const file = new URL('../../../bench/node-wasi-thread.mjs', import.meta.url)
  return timed(
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker(file, { workerData: { file: pythonFile, args } })
        worker.once('message', resolve)
        worker.once('error', reject)
      }),
  )
}

/** @param {() => Promise<unknown>} run */
async function timed(run) {
  const began = performance.now()
  const output = await run()
  const ms = performance.now() - began
  if (output !== 'hello\n') throw new Error(`it did not say hello: ${output}`)
  return ms
}
