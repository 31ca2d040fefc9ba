// Makes one file of each entry that a thread or process of an actor starts with. A worker that loads two hundred small
// modules takes three times as long to boot as one that loads the same code from one file, and 5 MiB more, each time.
// The bundle is what runs, everywhere: tests rebuild it before they start (test/global-setup.ts).
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const dist = fileURLToPath(new URL('./dist/', import.meta.url))
const entries = ['worker', 'process/bridge', 'process/worker']

/** Bundles what `tsc -b` has written. A file that would not change is not touched. */
export async function bundleThreads() {
  const { outputFiles, metafile } = await build({
    entryPoints: entries.map((entry) => `${dist}${entry}.js`),
    outdir: dist,
    outbase: dist,
    entryNames: '[dir]/[name].bundled',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  })
  const foreign = Object.keys(metafile.inputs).filter((input) => /node_modules\/(?!@bulkhead\/)/.test(input))
  if (foreign.length > 0) throw new Error(`a thread of an actor would load other people's code: ${foreign.join(', ')}`)
  for (const { path, contents } of outputFiles) replaceFile(path, contents)
}

/** In one step: somebody may start a thread at this moment. @param {string} path @param {Uint8Array} contents */
function replaceFile(path, contents) {
  if (isSame(path, contents)) return
  const draft = `${path}.${process.pid}`
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(draft, contents)
  renameSync(draft, path)
}

/** @param {string} path @param {Uint8Array} contents */
function isSame(path, contents) {
  try {
    return readFileSync(path).equals(contents)
  } catch {
    return false
  }
}

if (argv[1] !== undefined && relative(argv[1], fileURLToPath(import.meta.url)) === '') await bundleThreads()
