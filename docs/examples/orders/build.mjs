// Builds the guests of the example, if they are older than their sources. validate.wasm is kept with the sources: no two
// builds of it are the same (the snapshot of QuickJS holds random keys of hash tables), and bulkhead.toml approves bytes.
//
//   node docs/examples/orders/build.mjs [--javascript]    --javascript builds validate.wasm anew, too
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { componentFromWat } from '../../../test/guests/component-from-wat.mjs'
import { componentFromAssemblyScript } from '../../../test/guests/messages/component-from-assemblyscript.mjs'
import { componentFromJavaScript } from '../../../test/guests/messages/component-from-javascript.mjs'
import { digestOf } from '../../../test/support/pinned.mjs'

const guests = new URL('./guests/', import.meta.url)
const bindings = new URL('../../../test/guests/messages/assembly/', import.meta.url)

/** @param {string} name */
const path = (name) => fileURLToPath(new URL(name, guests))
/** @param {string} name */
const text = (name) => readFileSync(new URL(name, guests), 'utf8')

/** What the custom section of validate.wasm is called that holds the digest of its source. */
export const sourceSection = 'built-from'

/** @type {readonly { source: string, make: () => Promise<Uint8Array> }[]} */
const built = [
  { source: 'intake.ts', make: () => componentFromAssemblyScript(path('intake.ts'), 'messenger') },
  { source: 'price.ts', make: () => componentFromAssemblyScript(path('price.ts'), 'actor') },
  { source: 'book.ts', make: () => componentFromAssemblyScript(path('book.ts'), 'actor') },
  { source: 'catalogue.wat', make: () => componentFromWat(text('catalogue.wat'), 'actor') },
  { source: 'flooder.wat', make: () => componentFromWat(text('flooder.wat'), 'actor') },
]

/** @param {{ javascript?: boolean }} [options] */
export async function buildExample({ javascript = false } = {}) {
  const shared = ['messaging.ts', 'wasi.ts'].map((name) => modifiedMs(new URL(name, bindings)))
  for (const { source, make } of built) {
    const output = new URL(source.replace(/\.\w+$/, '.wasm'), guests)
    if (modifiedMs(output) < Math.max(modifiedMs(new URL(source, guests)), ...shared))
      writeFileSync(output, await make())
  }
  if (!javascript) return
  const source = text('validate.js')
  writeFileSync(path('validate.wasm'), withSource(await componentFromJavaScript(source), digestOf(source)))
}

/**
 * The component with one more custom section, which says what it was built from.
 *
 * @param {Uint8Array} component
 * @param {string} digest
 */
export function withSource(component, digest) {
  const content = Buffer.concat([Buffer.from([sourceSection.length]), Buffer.from(sourceSection), Buffer.from(digest)])
  return Buffer.concat([component, Buffer.from([0, content.length]), content])
}

/** @param {URL} file */
function modifiedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildExample({ javascript: process.argv.includes('--javascript') })
}
