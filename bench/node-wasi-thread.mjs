// The baseline of `node:wasi`: a preview1 command in a worker thread. Its stdout is a file, because `node:wasi` writes to
// descriptors only.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WASI } from 'node:wasi'
import { parentPort, workerData } from 'node:worker_threads'

const { file, args } = workerData
const directory = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'))
const outputFile = join(directory, 'stdout')
try {
  const stdout = openSync(outputFile, 'w')
  const wasi = new WASI({ version: 'preview1', args, env: {}, stdout, returnOnExit: true })
  const module = await WebAssembly.compile(readFileSync(file))
  wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()))
  closeSync(stdout)
  parentPort?.postMessage(readFileSync(outputFile, 'utf8'))
} finally {
  rmSync(directory, { recursive: true })
}
