// Calls into and out of a component, from which the transpiler's tasks were taken: what they carry, and what they still refuse.
import { transpileBytes } from '@bytecodealliance/jco-transpile'
import { describe, expect, test } from 'vitest'
import { buildGlue } from './glue/build-glue.js'
import { type GuestExports, loadExecutable } from './load.js'
import { component, executableOf, worldComponent } from './wat.test-support.js'

type Call = (...args: readonly unknown[]) => unknown

async function guestOf(wat: string, host: Record<string, Call>): Promise<GuestExports & { readonly f: Call }> {
  const executable = await executableOf(await component(wat), { importTypes: 'unchecked' })
  return loadExecutable(executable)({ 'test:host/api': host }) as GuestExports & { readonly f: Call }
}

/** Hands its argument to the host's `g` and returns what that answers. */
const through = (type: string, flat: string): string => `
  (import "test:host/api" (instance $api (export "g" (func (param "v" ${type}) (result ${type})))))
  (core func $g (canon lower (func $api "g")))
  (core module $m (import "" "g" (func $g (param ${flat}) (result ${flat})))
    (func (export "f") (param ${flat}) (result ${flat}) (call $g (local.get 0))))
  (core instance $i (instantiate $m (with "" (instance (export "g" (func $g))))))
  (func (export "f") (param "v" ${type}) (result ${type}) (canon lift (core func $i "f")))`

describe('a call through a component', () => {
  test.each([
    ['bool', 'i32', true, false],
    ['u8', 'i32', 255, 0],
    ['s8', 'i32', -128, 127],
    ['u16', 'i32', 65_535, 1],
    ['s16', 'i32', -32_768, 2],
    ['u32', 'i32', 4_294_967_295, 3],
    ['s32', 'i32', -2_147_483_648, 4],
    ['u64', 'i64', 2n ** 64n - 1n, 0n],
    ['s64', 'i64', -(2n ** 63n), 5n],
    ['f32', 'f32', 1.5, -0.25],
    ['f64', 'f64', Math.PI, Number.NEGATIVE_INFINITY],
    ['char', 'i32', '😀', 'a'],
  ])('carries a %s both ways', async (type, flat, given, answered) => {
    const seen: unknown[] = []
    const { f } = await guestOf(through(type, flat), {
      g: (value) => {
        seen.push(value)
        return answered
      },
    })
    expect([f(given), seen]).toEqual([answered, [given]])
  })

  test('carries texts, records and declared errors, through memory', async () => {
    const wat = `
      (type $all (record (field "name" string) (field "size" (option u32))))
      (import "test:host/api" (instance $api (export "all" (type $all' (eq $all)))
        (export "g" (func (param "v" $all') (result (result string (error $all')))))))
      (core module $memory (memory (export "memory") 1) (global $next (mut i32) (i32.const 1024))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32)
          (global.set $next (i32.add (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)) (local.get 3)))
          (i32.sub (global.get $next) (local.get 3))))
      (core instance $libc (instantiate $memory))
      (core func $g (canon lower (func $api "g") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
      (core module $m (import "" "g" (func $g (param i32 i32 i32 i32 i32)))
        (func (export "f") (param i32 i32 i32 i32) (result i32)
          (call $g (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 512)) (i32.const 512)))
      (core instance $i (instantiate $m (with "" (instance (export "g" (func $g))))))
      (alias export $api "all" (type $outer))
      (func (export "f") (param "v" $outer) (result (result string (error $outer)))
        (canon lift (core func $i "f") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))`
    const answers: unknown[] = ['wörld', { tag: 'err', val: { name: 'no', size: undefined } }]
    const seen: unknown[] = []
    const { f } = await guestOf(wat, {
      g: (value) => {
        seen.push(value)
        return answers.shift()
      },
    })
    expect(f({ name: 'é', size: 7 })).toBe('wörld')
    expect(() => f({ name: '', size: undefined })).toThrow(expect.objectContaining({ name: 'no' }))
    expect(seen).toEqual([{ name: 'é', size: 7 }, { name: '' }])
  })

  test('ends with a trap in the host; nothing is called in it any more', async () => {
    const ending = new WebAssembly.RuntimeError('the end')
    let calls = 0
    const { f } = await guestOf(through('u32', 'i32'), {
      g: () => {
        calls += 1
        throw ending
      },
    })
    expect(() => f(1)).toThrow(ending)
    expect(() => f(2)).toThrow()
    expect(calls).toBe(1)
  })
})

test('who frees its result may not call the host', async () => {
  const calling = (where: 'f' | 'post'): string => `
    (import "test:host/api" (instance $api (export "g" (func))))
    (core func $g (canon lower (func $api "g")))
    (core module $m (import "" "g" (func $g))
      (func (export "f") (result i32) ${where === 'f' ? '(call $g)' : ''} (i32.const 3))
      (func (export "post") (param i32) ${where === 'post' ? '(call $g)' : ''}))
    (core instance $i (instantiate $m (with "" (instance (export "g" (func $g))))))
    (func (export "f") (result u32) (canon lift (core func $i "f") (post-return (core func $i "post"))))`
  let calls = 0
  const host = {
    g: () => {
      calls += 1
    },
  }
  expect([(await guestOf(calling('f'), host)).f(), calls]).toEqual([3, 1])
  const { f } = await guestOf(calling('post'), host)
  expect(() => f()).toThrow('cannot leave component instance')
  expect(calls).toBe(1)
})

describe('nothing is left of tasks', () => {
  const leftovers = async (world: string): Promise<readonly (string | undefined)[]> => {
    const { files } = await transpileBytes(await worldComponent(world), {
      name: 'component',
      instantiation: 'sync',
      importBindings: 'js',
      emitTypescriptDeclarations: false,
    })
    const { script } = buildGlue(new TextDecoder().decode(files['component.js']))
    return [
      /_lowerImportBackwardsCompat\.bind/.exec(script)?.[0],
      /callingWasmExport: true/.exec(script)?.[0],
      /_trackHostOperation\(\(\)/.exec(script)?.[0],
    ]
  }

  test.each([
    'include wasi:cli/imports@0.2.12; include wasi:http/imports@0.2.12; export wasi:cli/run@0.2.12;',
    'import wasmcloud:messaging/consumer@0.2.0; export wasmcloud:messaging/handler@0.2.0;',
    'include wasi:http/proxy@0.2.12;',
  ])('in the glue of %s', { timeout: 20_000 }, async (world) => {
    expect(await leftovers(world)).toEqual([undefined, undefined, undefined])
  })
})
