// The baseline: one command as a user of stock jco runs it, in a worker thread of its own. The shim gets its arguments and
// directories by the setters that it exports for this; nothing else of it is touched but stdout, which is handed to the
// parent. A guest that ends by its exit code ends this thread.
import { parentPort, workerData } from 'node:worker_threads'
import * as cli from '@bytecodealliance/preview2-shim/cli'
import { _setPreopens } from '@bytecodealliance/preview2-shim/filesystem'
import { streams } from '@bytecodealliance/preview2-shim/io'

const { module, args, preopens } = workerData
let output = ''

cli._setArgs(args)
cli._setEnv({})
_setPreopens(preopens)
cli._setStdout(capturedStream((bytes) => (output += new TextDecoder().decode(bytes))))

const { run } = await import(module)
parentPort?.postMessage({ kind: 'ready' })
run.run()
parentPort?.postMessage({ kind: 'ended', output })

/** @param {(bytes: Uint8Array) => void} take */
function capturedStream(take) {
  const stream = Object.create(streams.OutputStream.prototype)
  return Object.assign(stream, {
    checkWrite: () => 4096n,
    write: take,
    blockingWriteAndFlush: take,
    flush: () => {},
    blockingFlush: () => {},
  })
}
