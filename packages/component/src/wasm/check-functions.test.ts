import { parse } from '@bytecodealliance/jco-transpile/wasm-tools'
import { expect, test } from 'vitest'
import { around, build } from '../wat.test-support.js'
import { checkFunctions } from './check-functions.js'
import { readCoreModule } from './core-module.js'

const branches = (count: number): string => '(if (local.get 0) (then (local.set 0 (i32.const 1))))'.repeat(count)
const functionOf = (locals: number, count: number): string =>
  `(func (export "f") (local ${'i32 '.repeat(locals)}) ${branches(count)})`

test('a function whose compilation would hold its thread is refused, from a component too', async () => {
  const bomb = functionOf(40_000, 400)
  const module = readCoreModule(await parse(`(module ${bomb})`))
  expect(() => checkFunctions(module)).toThrow('40000 local variables')
  await expect(build(await around(bomb))).rejects.toMatchObject({ code: 'component-too-large' })
})

test('many locals or much code alone are no offence', async () => {
  for (const text of [functionOf(40_000, 1), functionOf(50, 20_000)])
    checkFunctions(readCoreModule(await parse(`(module ${text})`)))
})
