import { expect, test } from 'vitest'
import { readComponentTop } from './component-types.js'
import { component } from './wat.test-support.js'

test('types are counted wherever they come from, instances are found by their names', async () => {
  const bytes = await component(`
    (type $a u8) (type $b (record (field "x" $a)))
    (import "one" (instance $one (export "r" (type (sub resource))) (export "f" (func))))
    (import "named" (type $named (sub resource)))
    (import "same" (type (eq $b)))
    (import "m" (core module))
    (alias export $one "r" (type $r))
    (alias export $one "f" (func $f))
    (core module $main (func (export "g")))
    (core instance $core (instantiate $main))
    (alias core export $core "g" (core func $g))
    (component $inner (alias outer 1 $a (type)) (type u8))
    (instance $two (export "f" (func $f)))
    (export "r2" (type $r))
    (export "f" (func $f) (func))
    (export "two" (instance $two))
    (export "one-again" (instance $one) (instance (export "f" (func))))`)
  const { types, instances } = readComponentTop(bytes)
  expect(instances.map(({ name }) => name)).toEqual(['two', 'one-again'])
  expect(instances.map(({ index }) => index)).toEqual([1, 0])
  // Two that are defined, those of the three imports and the two ascriptions that define one each, an alias, an export.
  expect(types).toBe(await typesBySight(bytes))
})

test('values and bytes that end too early are refused', async () => {
  const bytes = await component('(import "v" (instance (export "f" (func)))) (instance $i) (export "i" (instance $i))')
  expect(() => readComponentTop(bytes.subarray(0, bytes.length - 1))).toThrow()
  const value = Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 10, 6, 1, 0, 1, 0x76, 2, 0x7f])
  expect(() => readComponentTop(value)).toThrow(/value/)
})

/** By what the printer counts: the highest number that it writes beside a type at the top, and one more. */
async function typesBySight(bytes: Uint8Array): Promise<number> {
  const { print } = await import('@bytecodealliance/jco-transpile/wasm-tools')
  const numbers = [...(await print(bytes)).matchAll(/^ {2}\((?:type|alias|import|export) .*\(;(\d+);\)/gm)]
  const ofTypes = numbers.filter(([line]) => /^ {2}\(type |\(type [^()]*\(;|^ {2}\(export .*\(type /.test(line))
  return 1 + Math.max(...ofTypes.map(([, number]) => Number(number)))
}
