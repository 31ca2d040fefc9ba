// The guest that uses the store, its configuration and the log, made of JavaScript.
import { readFileSync } from 'node:fs'
import { componentFromJavaScript } from '../messages/component-from-javascript.mjs'

const source = new URL('./keeper.js', import.meta.url)
const newer = new URL('../../../packages/contracts/wit/keyvalue-draft2.wit', import.meta.url)

const world = `world keeper {
  import wasi:cli/stdout@0.2.12;
  import wasi:cli/stderr@0.2.12;
  import wasi:keyvalue/store@0.2.0-draft;
  import wasi:keyvalue/atomics@0.2.0-draft;
  import wasi:keyvalue/batch@0.2.0-draft;
  import wasi:keyvalue/store@0.2.0-draft2;
  import wasi:keyvalue/atomics@0.2.0-draft2;
  import wasi:config/store@0.2.0-rc.1;
  import wasi:logging/logging@0.1.0-draft;
  import wasmcloud:messaging/consumer@0.2.0;
  export wasmcloud:messaging/handler@0.2.0;
}
`

/** The second draft under the name that components write. */
function newerDraft() {
  const text = readFileSync(newer, 'utf8')
  return `${text.replace(/^package ([^;]+);/m, 'package wasi:keyvalue@0.2.0-draft2 {')}\n}\n`
}

/** @param {URL[]} common */
export function storageGuests(common) {
  return [
    {
      name: 'storage-keeper',
      sources: [...common, source, new URL(import.meta.url)],
      make: () =>
        componentFromJavaScript(readFileSync(source, 'utf8'), 'keeper', { worlds: world, packages: newerDraft() }),
    },
  ]
}
