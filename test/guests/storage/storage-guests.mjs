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

const loggerWorld = `world logger {
  include wasi:cli/imports@0.2.12;
  import wasi:config/store@0.2.0-rc.1;
  import wasi:logging/logging@0.1.0-draft;
  export wasi:cli/run@0.2.12;
}
`

/** Logs what `wasi:config` gives for `API_KEY`, then 300 messages of 700 bytes, one after the other, on all levels. */
const logger = `(module
  (import "wasi:config/store@0.2.0-rc.1" "get" (func $get (param i32 i32 i32)))
  (import "wasi:logging/logging@0.1.0-draft" "log" (func $log (param i32 i32 i32 i32 i32)))
  (memory (export "memory") 2)
  (data (i32.const 64) "API_KEY")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "wasi:cli/run@0.2.12#run") (result i32) (local $number i32)
    (call $get (i32.const 64) (i32.const 7) (i32.const 16))
    (if (i32.eq (i32.load8_u (i32.const 20)) (i32.const 1))
      (then (call $log (i32.const 2) (i32.const 64) (i32.const 7) (i32.load (i32.const 24)) (i32.load (i32.const 28)))))
    (memory.fill (i32.const 4096) (i32.const 46) (i32.const 700))
    (loop $again
      (call $log (i32.rem_u (local.get $number) (i32.const 6)) (i32.const 64) (i32.const 0) (i32.const 4096) (i32.const 700))
      (local.set $number (i32.add (local.get $number) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $number) (i32.const 300))))
    (i32.const 0)))`

/** @param {URL[]} common */
export function storageGuests(common) {
  return [
    {
      name: 'storage-logger',
      sources: [...common, new URL(import.meta.url)],
      make: async () => {
        const { componentFromWat } = await import('../component-from-wat.mjs')
        return componentFromWat(logger, 'logger', { worlds: loggerWorld, packages: '' })
      },
    },
    {
      name: 'storage-keeper',
      sources: [...common, source, new URL(import.meta.url)],
      make: () =>
        componentFromJavaScript(readFileSync(source, 'utf8'), 'keeper', { worlds: world, packages: newerDraft() }),
    },
  ]
}
