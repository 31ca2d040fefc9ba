// Starts the baselines, each in a worker thread of its own, as our side runs too.
import { Worker } from 'node:worker_threads'

const stockThread = new URL('./stock-thread.mjs', import.meta.url)
const plainThread = new URL('./plain-thread.mjs', import.meta.url)

/**
 * Runs one command under stock jco and the stock shim to its end.
 *
 * @param {{ module: string, args: readonly string[], preopens?: Record<string, string> }} command
 * @returns {Promise<string>} what it wrote to stdout.
 */
export function runStock({ module, args, preopens = {} }) {
  return outputOf(new Worker(stockThread, { workerData: { module, args, preopens } }))
}

/**
 * Runs the same work without a guest, on plain `node:fs`.
 *
 * @param {{ operation: 'open-close' | 'read' | 'pages' | 'names', path: string, count: number }} work
 * @returns {Promise<string>} the nanoseconds that it took.
 */
export function runPlain(work) {
  return outputOf(new Worker(plainThread, { workerData: work }))
}

/** @param {Worker} worker @returns {Promise<string>} */
function outputOf(worker) {
  return new Promise((resolve, reject) => {
    let output = ''
    worker.on('message', (message) => {
      if (message.kind === 'ended') output = message.output
    })
    worker.once('error', reject)
    worker.once('exit', () => resolve(output))
  })
}
