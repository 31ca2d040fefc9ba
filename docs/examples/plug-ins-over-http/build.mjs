// Builds the plug-ins, if they are older than their sources.
//
//   node docs/examples/plug-ins-over-http/build.mjs
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { componentFromJavaScript } from '../../../test/guests/messages/component-from-javascript.mjs'

const guests = new URL('./guests/', import.meta.url)

/** What a plug-in is, to everybody who writes one. What it imports, it may ask for; what it gets is said by its customer's plan. */
const worlds = `world plug-in {
  import wasi:keyvalue/store@0.2.0-draft;
  import wasi:keyvalue/atomics@0.2.0-draft;
  import wasmcloud:messaging/consumer@0.2.0;
  export transform: func(text: string) -> result<string, string>;
}
`

export async function buildExample() {
  for (const name of ['shout', 'nosy', 'endless']) {
    const [source, output] = [new URL(`${name}.js`, guests), new URL(`${name}.wasm`, guests)]
    if (modifiedMs(output) > modifiedMs(source)) continue
    const text = readFileSync(source, 'utf8')
    writeFileSync(output, await componentFromJavaScript(text, 'plug-in', { worlds, packages: '' }))
  }
}

/** @param {URL} file */
function modifiedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildExample()
