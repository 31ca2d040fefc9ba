// Builds the service out of its source. counter.wasm is kept with it: no two builds are the same (the snapshot of QuickJS
// holds random keys of hash tables), and bulkhead.toml approves bytes.
//
//   node docs/examples/counter-service/build.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import { componentFromJavaScript } from '../../../test/guests/messages/component-from-javascript.mjs'
import { digestOf } from '../../../test/support/pinned.mjs'
import { withSource } from '../orders/build.mjs'

const guests = new URL('./guests/', import.meta.url)

const worlds = `world counter-service {
  import wasi:keyvalue/store@0.2.0-draft;
  import wasi:keyvalue/atomics@0.2.0-draft;
  import wasi:http/types@0.2.12;
  export wasi:http/incoming-handler@0.2.12;
}
`

const source = readFileSync(new URL('counter.js', guests), 'utf8')
const component = await componentFromJavaScript(source, 'counter-service', { worlds, packages: '' })
writeFileSync(new URL('counter.wasm', guests), withSource(component, digestOf(source)))
