// Makes a component out of a guest in AssemblyScript. A guest that handles messages exports `handle(message)`, a command
// `run()`; what the canonical ABI wants around that is added here.
import { readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { print } from '@bytecodealliance/jco-transpile/wasm-tools'
import { componentFromWat, wasiVersion } from '../component-from-wat.mjs'

const bindings = fileURLToPath(new URL('./assembly/', import.meta.url))

const entries = {
  actor: (/** @type {string} */ guest) => `
    import { handle } from './${guest}'
    import { cabi_realloc, cleanUp, handledWith, received } from '~lib/messaging'
    export { cabi_realloc, cleanUp }
    export function handleMessage(a: usize, b: i32, c: usize, d: i32, e: i32, f: usize, g: i32): usize {
      return handledWith(handle(received(a, b, c, d, e, f, g)))
    }`,
  messenger: (/** @type {string} */ guest) => `
    import { run as guestRun } from './${guest}'
    import { cabi_realloc } from '~lib/messaging'
    export { cabi_realloc }
    export function run(): i32 {
      guestRun()
      return 0
    }`,
}

const exportedAs = {
  handleMessage: 'wasmcloud:messaging/handler@0.2.0#handle-message',
  cleanUp: 'cabi_post_wasmcloud:messaging/handler@0.2.0#handle-message',
  run: `wasi:cli/run@${wasiVersion}#run`,
}

/**
 * @param {string} file of the guest; it finds the bindings beside this file as `messaging` and `wasi`
 * @param {'actor' | 'messenger'} world
 * @returns {Promise<Uint8Array>}
 */
export async function componentFromAssemblyScript(file, world) {
  const guest = basename(file, '.ts')
  const text = await print(await compiled(dirname(resolve(file)), entries[world](guest)))
  const renamed = Object.entries(exportedAs).reduce(
    (wat, [name, full]) => wat.replace(`(export "${name}" `, `(export "${full}" `),
    text,
  )
  return componentFromWat(renamed, world)
}

/** @param {string} folder @param {string} entry */
async function compiled(folder, entry) {
  const { default: asc } = await import('assemblyscript/asc')
  /** @type {Uint8Array | undefined} */
  let binary
  const { error, stderr } = await asc.main(
    ['entry.ts', '--outFile', 'guest.wasm', '--runtime', 'incremental', '--use', 'abort=', '-O2', '--lib', bindings],
    {
      readFile: (name, base) => {
        if (name === 'entry.ts') return entry
        try {
          return readFileSync(resolve(resolve(base) === resolve(bindings) ? bindings : folder, name), 'utf8')
        } catch {
          return null // The compiler asks for several spellings of each import.
        }
      },
      writeFile: (name, contents) => {
        if (name === 'guest.wasm' && typeof contents !== 'string') binary = contents
      },
      listFiles: (name) => (resolve(folder, name) === resolve(bindings) ? ['messaging.ts', 'wasi.ts'] : []),
    },
  )
  if (error !== null || binary === undefined) throw new Error(`the guest does not compile\n${stderr}`)
  return binary
}
