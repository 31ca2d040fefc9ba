// The baseline without a guest: the same system calls from JavaScript, in a worker thread.
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

const { operation, path, count } = workerData
const began = process.hrtime.bigint()
if (operation === 'open-close') openAndClose()
else readAll()
parentPort?.postMessage({ kind: 'ended', output: String(process.hrtime.bigint() - began) })

function openAndClose() {
  for (let n = 0; n < count; n++) closeSync(openSync(path, 'r'))
}

function readAll() {
  const piece = Buffer.allocUnsafe(64 * 1024)
  for (let n = 0; n < count; n++) {
    const descriptor = openSync(path, 'r')
    while (readSync(descriptor, piece) > 0);
    closeSync(descriptor)
  }
}
