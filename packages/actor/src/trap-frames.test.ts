import { expect, test } from 'vitest'
import { trapFrames } from './trap-frames.js'

const stack = `RuntimeError: unreachable
    at explode (wasm://wasm/0a1b2c3d:wasm-function[3]:0x4f)
    at mod-0a1b2c3d.wasm.middle (wasm://wasm/mod-0a1b2c3d:wasm-function[4]:0x5c)
    at wasm://wasm/0a1b2c3d:wasm-function[7]:0x61
    at run (glue.js:12:3)
    at node:internal/main/worker_thread:1:1`

test('keeps the guest’s frames with their names and drops the glue’s', () => {
  expect(trapFrames(stack, 32)).toEqual([
    'explode (wasm-function[3] 0x4f)',
    'mod-0a1b2c3d.wasm.middle (wasm-function[4] 0x5c)',
    'wasm-function[7] 0x61',
  ])
})

test('stops at its bound', () => {
  expect(trapFrames(stack, 1)).toHaveLength(1)
})

test('a stack without guest frames has none', () => {
  expect(trapFrames('Error: x\n    at run (glue.js:12:3)', 32)).toEqual([])
})
