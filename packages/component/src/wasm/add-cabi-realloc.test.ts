import { parse } from '@bytecodealliance/jco-transpile/wasm-tools'
import { expect, test } from 'vitest'
import { addCabiRealloc } from './add-cabi-realloc.js'

type Exports = {
  readonly cabi_realloc?: (old: number, size: number, align: number, next: number) => number
  readonly asked: () => number
}

async function exportsOf(bytes: Uint8Array): Promise<Exports> {
  const instance = new WebAssembly.Instance(await WebAssembly.compile(bytes), { e: { imported: () => 0 } })
  return instance.exports as unknown as Exports
}

// `malloc` remembers what it was asked for, and answers a fixed address.
const withMalloc = (head: string, rest = '') => `(module (import "e" "imported" (func (param i32) (result i32)))
  (global $asked (mut i32) (i32.const 0)) (func (export "asked") (result i32) (global.get $asked))
  (func ${head} (param i32) (result i32) (global.set $asked (local.get 0)) (i32.const 4096)) ${rest})`

test.each([
  ['by its name', withMalloc('$malloc')],
  ['by its export', withMalloc('$anything (export "malloc")')],
  ['by the name of its implementation', withMalloc('$dlmalloc')],
])('`malloc` is found %s, and `cabi_realloc` asks it', async (_, wat) => {
  const { bytes, warning } = addCabiRealloc(await parse(wat))
  const { cabi_realloc: realloc, asked } = await exportsOf(bytes)
  expect(warning).toBeUndefined()
  expect(realloc?.(0, 0, 8, 65_536)).toBe(4096)
  expect(asked()).toBe(65_536)
})

test('a module that has its own, or no usable `malloc`, keeps its bytes', async () => {
  for (const wat of [
    withMalloc('$malloc', '(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 7))'),
    withMalloc('$other'),
    '(module (func $malloc (param i64) (result i64) (local.get 0)) (export "m" (func $malloc)))',
    '(module (import "e" "imported" (func $malloc (param i32) (result i32))) (func (export "f")))',
  ]) {
    const bytes = await parse(wat)
    const cured = addCabiRealloc(bytes)
    expect(cured.bytes).toBe(bytes)
    expect(cured.warning).toBeUndefined()
  }
})

test('a stripped module of an old compiler is warned about, one of a newer compiler is not', async () => {
  const producers = (version: string) => {
    const text = `clang${String.fromCharCode(version.length)}${version}`
    const body = `\\01\\0cprocessed-by\\01\\05${text.replaceAll(/[^ -~]/g, (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`)}`
    return `(module (@custom "producers" "${body}") (func (export "f")))`
  }
  expect(addCabiRealloc(await parse(producers('13.0.0'))).warning).toMatch(/old C library/)
  expect(addCabiRealloc(await parse(producers('16.0.0'))).warning).toBeUndefined()
})
