// The baseline without a guest: the same system calls from JavaScript, in a worker thread.
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

const { operation, path, count } = workerData
const began = process.hrtime.bigint()
if (operation === 'open-close') openAndClose()
else if (operation === 'names') readNames()
else readAll(operation === 'pages' ? 4096 : 64 * 1024)
parentPort?.postMessage({ kind: 'ended', output: String(process.hrtime.bigint() - began) })

function openAndClose() {
  for (let n = 0; n < count; n++) closeSync(openSync(path, 'r'))
}

function readNames() {
  for (let n = 0; n < count; n++) readdirSync(path, { withFileTypes: true })
}

function readAll(pieceBytes) {
  const piece = Buffer.allocUnsafe(pieceBytes)
  for (let n = 0; n < count; n++) {
    const descriptor = openSync(path, 'r')
    while (readSync(descriptor, piece) > 0);
    closeSync(descriptor)
  }
}
