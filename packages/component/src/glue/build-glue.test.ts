import { transpileBytes } from '@bytecodealliance/jco-transpile'
import { beforeAll, describe, expect, test } from 'vitest'
import { around, component, worldComponent } from '../wat.test-support.js'
import { buildGlue } from './build-glue.js'

async function rawGlue(bytes: Uint8Array): Promise<string> {
  const { files } = await transpileBytes(bytes, {
    name: 'component',
    instantiation: 'sync',
    emitTypescriptDeclarations: false,
  })
  return new TextDecoder().decode(files['component.js'])
}

const kitchen = `interface kitchen {
  resource blob { constructor(a: list<u8>); size: func() -> u64; merge: static func(a: borrow<blob>, b: blob) -> blob; }
  record all { a: u8, b: s8, c: u16, d: s16, e: u32, f: s32, g: u64, h: s64, i: f32, j: f64, k: char, l: bool, m: string }
  flags small { a, b, c }
  flags medium { a0, a1, a2, a3, a4, a5, a6, a7, a8 }
  enum color { red, green, blue-green }
  variant shape { circle(f32), square(tuple<f64, f64>), none }
  everything: func(a: all, s: small, m: medium, c: color, v: shape, o: option<option<u8>>, r: result<list<string>, color>,
    rr: result, l: list<u32>, ll: list<list<u64>>, t: tuple<u8, string, char>, lf: list<f32>, lb: list<bool>) -> all;
  back: func() -> result<tuple<list<u8>, list<u16>, option<shape>, small, medium>, string>;
  many: func(a: list<all>) -> list<shape>;
  nested: func() -> option<option<string>>;
  handles: func(a: list<borrow<blob>>) -> list<blob>;
  nothing: func();
  fails: func() -> result<_, color>;
}`

describe('what the transpiler makes of honest components is accepted', () => {
  test.each([
    ['a small command', 'import wasi:cli/environment@0.2.12; export wasi:cli/run@0.2.12;'],
    ['everything imported', 'include wasi:cli/imports@0.2.12; include wasi:http/imports@0.2.12;'],
    ['messages', 'import wasmcloud:messaging/consumer@0.2.0; export wasmcloud:messaging/handler@0.2.0;'],
    ['an HTTP handler', 'include wasi:http/proxy@0.2.12;'],
    ['every type, exported', 'export kitchen;'],
    ['every type, imported', 'import kitchen;'],
    ['resources of WASI, exported', 'export wasi:filesystem/types@0.2.12; export wasi:io/streams@0.2.12;'],
  ])(
    '%s',
    async (_, world) => {
      const { instances, script } = buildGlue(await rawGlue(await worldComponent(world, kitchen)))
      expect([...instances.values()].every((count) => count === 1)).toBe(true)
      expect(/\bprocess\b/.test(script)).toBe(false)
    },
    20_000,
  )
})

const helper = `const _conditionalSuspendingXModule = new WebAssembly.Module(new Uint8Array([]));
  function _conditionalSuspendingX() { return _conditionalSuspendingXModule }`

describe('anything else is refused', () => {
  let glue = ''
  beforeAll(async () => {
    glue = await rawGlue(await around('(func (export "f"))'))
  })

  // The place where a broken-out literal would stand: in the middle of the generated code.
  const withStatement = (statement: string): string => {
    const place = 'const module0 = getCoreModule('
    expect(glue).toContain(place)
    return glue.replace(place, `${statement};\n${place}`)
  }

  test.each([
    'const harmless = Math.max(1, 2)',
    'if (imports) { new Map() }',
    'const list = [1, "process", "import(1)"]',
    'const joined = { callee: imports }',
    helper,
  ])('neighbour: %s', (statement) => {
    expect(() => buildGlue(withStatement(statement))).not.toThrow()
  })

  test.each([
    'process.exit(1)',
    'globalThis.process',
    'globalThis["process"]',
    'const g = globalThis',
    'require("fs")',
    'import("node:fs")',
    'import.meta.url',
    'eval("1")',
    'new Function("return process")()',
    '(() => {}).constructor("return process")()',
    '[]["constructor"]',
    '[][`constructor`]',
    '[]["con" + "structor"]',
    '{ const k = "con"; [][k + "structor"] }',
    '{ const k = ["con", "structor"].join(""); [][k] }',
    '{ const { constructor: f } = [] }',
    '{ const { ["constructor"]: f } = [] }',
    'Object.getPrototypeOf(imports)',
    'Object.setPrototypeOf(imports, null)',
    'const o = Object',
    'Object["getPrototypeOf"]',
    'Object.prototype.polluted = 1',
    'Object.prototype.hasOwnProperty = function () {}',
    'const x = Object.prototype',
    'const toString = Object.prototype.toString',
    'Array.prototype.map = function () {}',
    'Object.assign(Object.create(Object.prototype), {}).x.prototype',
    'imports.x.__proto__',
    'const x = { __proto__: imports }',
    'const x = { "__proto__": imports }',
    'const x = { get a() { return 1 } }',
    'arguments.callee',
    'imports.callee',
    '{ const { callee: f } = imports }',
    `${helper} _conditionalSuspendingX()`,
    `${helper} Math.max(_conditionalSuspendingXModule)`,
    'const _conditionalSuspendingXModule = new WebAssembly.Module(imports.code)',
    'console.log(1)',
    'const c = console',
    'fetch("http://example.com")',
    'new Worker("x")',
    'new WebAssembly.Memory({ initial: 1 })',
    'WebAssembly.compile(1)',
    'new SharedArrayBuffer(1)',
    'Atomics.wait()',
    '{ let process = 1 } process.exit()',
    '{ function process() {} } process.exit()',
    'for (let process of []) {} process.exit()',
    'try { throw 1 } catch (process) {} process.exit()',
    'const f = (process) => 1; process.exit()',
    'Math.max`1`',
    'const r = /a/',
    'function* g() {}; debugger',
    'for (const key in imports) {}',
    'const again = getCoreModule("component.core.wasm")',
    'const get = getCoreModule',
    'const make = instantiateCore',
    'while (true) instantiateCore(module0, {})',
    'instantiateCore(imports.module, {})',
    '} ; export const more = 1; {',
    'const _debugLog = (...args) => {}',
  ])('%s', (statement) => {
    expect(() => buildGlue(withStatement(statement))).toThrow(
      expect.objectContaining({ code: 'component-rejected-glue' }),
    )
  })

  test('text that is no module, and a module of another shape', () => {
    for (const text of [
      '',
      'export const x = 1',
      '}',
      'export function instantiate() {}',
      `${glue}\nprocess.exit(1)`,
    ]) {
      expect(() => buildGlue(text)).toThrow(expect.objectContaining({ code: 'component-rejected-glue' }))
    }
  })
})

test('two instances of one module are counted', async () => {
  const bytes = await component(`(core module $m (memory (export "memory") 1) (func (export "f")))
    (core instance $a (instantiate $m)) (core instance $b (instantiate $m))
    (func (export "f") (canon lift (core func $a "f"))) (func (export "g") (canon lift (core func $b "f")))`)
  expect([...buildGlue(await rawGlue(bytes)).instances.values()]).toEqual([2])
})
