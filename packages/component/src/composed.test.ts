// Components that other tools have put together of several (`wac plug`, `wasm-tools compose`): the transpiler joins the parts
// with modules of its own, and the glue has to be accepted, capped and run as any other.
import { transpileBytes } from '@bytecodealliance/jco-transpile'
import { describe, expect, test } from 'vitest'
import { namesOfFunction } from './glue/free-identifiers.js'
import { childOf, listOf, parseModule } from './glue/syntax-tree.js'
import { type GuestExports, loadExecutable } from './load.js'
import { component, executableOf } from './wat.test-support.js'

async function exportsOf(wat: string): Promise<GuestExports> {
  return loadExecutable(await executableOf(await component(wat)))({})
}

/** A part with a memory, and a place for whatever it is handed. */
const memory = `
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (memory.copy (local.get $at) (local.get 0)
      (select (local.get 1) (local.get 3) (i32.lt_u (local.get 1) (local.get 3))))
    (local.get $at))`

describe('a component of several', () => {
  test('calls from one to the other with numbers', async () => {
    const { quadruple } = await exportsOf(`
      (component $inner
        (core module $m (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
        (core instance $i (instantiate $m))
        (func (export "twice") (param "n" u32) (result u32) (canon lift (core func $i "twice"))))
      (component $outer
        (import "twice" (func $twice (param "n" u32) (result u32)))
        (core func $lowered (canon lower (func $twice)))
        (core module $m
          (import "host" "twice" (func $twice (param i32) (result i32)))
          (func (export "quadruple") (param i32) (result i32) (call $twice (call $twice (local.get 0)))))
        (core instance $i (instantiate $m (with "host" (instance (export "twice" (func $lowered))))))
        (func (export "quadruple") (param "n" u32) (result u32) (canon lift (core func $i "quadruple"))))
      (instance $a (instantiate $inner))
      (instance $b (instantiate $outer (with "twice" (func $a "twice"))))
      (export "quadruple" (func $b "quadruple"))`)
    expect((quadruple as (n: number) => number)(5)).toBe(20)
  })

  test('hands texts and lists from one memory to the other, and back', async () => {
    const { greet } = await exportsOf(`
      (component $inner
        (core module $m ${memory}
          (data (i32.const 0) "hello, ")
          (func (export "greet") (param $at i32) (param $length i32) (result i32)
            (memory.copy (i32.const 8192) (i32.const 0) (i32.const 7))
            (memory.copy (i32.const 8199) (local.get $at) (local.get $length))
            (i32.store (i32.const 512) (i32.const 8192))
            (i32.store (i32.const 516) (i32.add (local.get $length) (i32.const 7)))
            (i32.const 512)))
        (core instance $i (instantiate $m))
        (func (export "greet") (param "who" string) (result string)
          (canon lift (core func $i "greet") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
      (component $outer
        (import "greet" (func $greet (param "who" string) (result string)))
        (core module $libc ${memory})
        (core instance $libc (instantiate $libc))
        (core func $lowered (canon lower (func $greet) (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
        (core module $m
          (import "libc" "memory" (memory 1))
          (import "host" "greet" (func $greet (param i32 i32 i32)))
          (func (export "greet-twice") (param $at i32) (param $length i32) (result i32)
            (call $greet (local.get $at) (local.get $length) (i32.const 256))
            (call $greet (i32.load (i32.const 256)) (i32.load (i32.const 260)) (i32.const 256))
            (i32.const 256)))
        (core instance $i (instantiate $m
          (with "libc" (instance $libc))
          (with "host" (instance (export "greet" (func $lowered))))))
        (func (export "greet-twice") (param "who" string) (result string)
          (canon lift (core func $i "greet-twice") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc")))))
      (instance $a (instantiate $inner))
      (instance $b (instantiate $outer (with "greet" (func $a "greet"))))
      (export "greet" (func $b "greet-twice"))`)
    expect((greet as (who: string) => string)('wörld')).toBe('hello, hello, wörld')
  })

  test('lends and gives a resource of one to the other, which is dropped once', async () => {
    const { use, dropped } = await exportsOf(`
      (component $inner
        (core module $m
          (global $dropped (mut i32) (i32.const 0))
          (func (export "drop") (param i32) (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
          (func (export "count") (result i32) (global.get $dropped))
          (func (export "weight") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 10))))
        (core instance $i (instantiate $m))
        (type $box' (resource (rep i32) (dtor (core func $i "drop"))))
        (core func $new (canon resource.new $box'))
        (core module $maker
          (import "" "new" (func $new (param i32) (result i32)))
          (func (export "make") (param i32) (result i32) (call $new (local.get 0))))
        (core instance $maker (instantiate $maker (with "" (instance (export "new" (func $new))))))
        (export $box "box" (type $box'))
        (func (export "make") (param "n" u32) (result (own $box)) (canon lift (core func $maker "make")))
        (func (export "weight") (param "b" (borrow $box)) (result u32) (canon lift (core func $i "weight")))
        (func (export "dropped") (result u32) (canon lift (core func $i "count"))))
      (component $outer
        (import "box" (type $box (sub resource)))
        (import "make" (func $make (param "n" u32) (result (own $box))))
        (import "weight" (func $weight (param "b" (borrow $box)) (result u32)))
        (core func $make' (canon lower (func $make)))
        (core func $weight' (canon lower (func $weight)))
        (core func $drop (canon resource.drop $box))
        (core module $m
          (import "" "make" (func $make (param i32) (result i32)))
          (import "" "weight" (func $weight (param i32) (result i32)))
          (import "" "drop" (func $drop (param i32)))
          (func (export "use") (param i32) (result i32)
            (local $box i32) (local $weight i32)
            (local.set $box (call $make (local.get 0)))
            (local.set $weight (call $weight (local.get $box)))
            (call $drop (local.get $box))
            (local.get $weight)))
        (core instance $i (instantiate $m (with "" (instance
          (export "make" (func $make')) (export "weight" (func $weight')) (export "drop" (func $drop))))))
        (func (export "use") (param "n" u32) (result u32) (canon lift (core func $i "use"))))
      (instance $a (instantiate $inner))
      (instance $b (instantiate $outer
        (with "box" (type $a "box")) (with "make" (func $a "make")) (with "weight" (func $a "weight"))))
      (export "use" (func $b "use"))
      (export "dropped" (func $a "dropped"))`)
    expect([1, 2, 3].map(use as (n: number) => number)).toEqual([10, 20, 30])
    expect((dropped as () => number)()).toBe(6)
  })

  test('hands resources to and fro in a chain of five, three of which are the same part', async () => {
    const { go, sum } = await exportsOf(`
      (component $maker
        (core module $m
          (global $sum (mut i32) (i32.const 0))
          (func (export "drop") (param i32) (global.set $sum (i32.add (global.get $sum) (local.get 0))))
          (func (export "sum") (result i32) (global.get $sum))
          (func (export "weight") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 10))))
        (core instance $i (instantiate $m))
        (type $box' (resource (rep i32) (dtor (core func $i "drop"))))
        (core func $new (canon resource.new $box'))
        (core module $make
          (import "" "new" (func $new (param i32) (result i32)))
          (func (export "make") (param i32) (result i32) (call $new (local.get 0))))
        (core instance $make (instantiate $make (with "" (instance (export "new" (func $new))))))
        (export $box "box" (type $box'))
        (func (export "make") (param "n" u32) (result (own $box)) (canon lift (core func $make "make")))
        (func (export "sum") (result u32) (canon lift (core func $i "sum")))
        (func (export "weigh") (param "b" (borrow $box)) (result u32) (canon lift (core func $i "weight"))))
      (component $middle
        (import "box" (type $box (sub resource)))
        (import "weigh" (func $weigh (param "b" (borrow $box)) (result u32)))
        (core func $weigh' (canon lower (func $weigh)))
        (core func $drop (canon resource.drop $box))
        (core module $m
          (import "" "weigh" (func $weigh (param i32) (result i32)))
          (import "" "drop" (func $drop (param i32)))
          (func (export "weigh") (param i32) (result i32)
            (local $weight i32)
            (local.set $weight (call $weigh (local.get 0)))
            (call $drop (local.get 0))
            (local.get $weight))
          (func (export "pass") (param i32) (result i32) (drop (call $weigh (local.get 0))) (local.get 0)))
        (core instance $i (instantiate $m (with "" (instance (export "weigh" (func $weigh')) (export "drop" (func $drop))))))
        (func (export "weigh") (param "b" (borrow $box)) (result u32) (canon lift (core func $i "weigh")))
        (func (export "pass") (param "b" (own $box)) (result (own $box)) (canon lift (core func $i "pass"))))
      (component $user
        (import "box" (type $box (sub resource)))
        (import "make" (func $make (param "n" u32) (result (own $box))))
        (import "weigh-2" (func $weigh-2 (param "b" (borrow $box)) (result u32)))
        (import "weigh-3" (func $weigh-3 (param "b" (borrow $box)) (result u32)))
        (import "pass-2" (func $pass-2 (param "b" (own $box)) (result (own $box))))
        (import "pass-3" (func $pass-3 (param "b" (own $box)) (result (own $box))))
        (core func $make' (canon lower (func $make)))
        (core func $weigh-2' (canon lower (func $weigh-2)))
        (core func $weigh-3' (canon lower (func $weigh-3)))
        (core func $pass-2' (canon lower (func $pass-2)))
        (core func $pass-3' (canon lower (func $pass-3)))
        (core func $drop (canon resource.drop $box))
        (core module $m
          (import "" "make" (func $make (param i32) (result i32)))
          (import "" "weigh-2" (func $weigh-2 (param i32) (result i32)))
          (import "" "weigh-3" (func $weigh-3 (param i32) (result i32)))
          (import "" "pass-2" (func $pass-2 (param i32) (result i32)))
          (import "" "pass-3" (func $pass-3 (param i32) (result i32)))
          (import "" "drop" (func $drop (param i32)))
          (func (export "go") (param $n i32) (result i32)
            (local $a i32) (local $b i32) (local $weights i32)
            (local.set $a (call $pass-3 (call $pass-2 (call $make (local.get $n)))))
            (local.set $b (call $pass-2 (call $pass-3 (call $make (i32.add (local.get $n) (i32.const 1))))))
            (local.set $weights (i32.add (call $weigh-2 (local.get $a)) (i32.mul (i32.const 1000) (call $weigh-3 (local.get $b)))))
            (call $drop (local.get $a))
            (call $drop (local.get $b))
            (local.get $weights)))
        (core instance $i (instantiate $m (with "" (instance
          (export "make" (func $make')) (export "weigh-2" (func $weigh-2')) (export "weigh-3" (func $weigh-3'))
          (export "pass-2" (func $pass-2')) (export "pass-3" (func $pass-3')) (export "drop" (func $drop))))))
        (func (export "go") (param "n" u32) (result u32) (canon lift (core func $i "go"))))
      (instance $a (instantiate $maker))
      (instance $m1 (instantiate $middle (with "box" (type $a "box")) (with "weigh" (func $a "weigh"))))
      (instance $m2 (instantiate $middle (with "box" (type $a "box")) (with "weigh" (func $m1 "weigh"))))
      (instance $m3 (instantiate $middle (with "box" (type $a "box")) (with "weigh" (func $m2 "weigh"))))
      (instance $u (instantiate $user (with "box" (type $a "box")) (with "make" (func $a "make"))
        (with "weigh-2" (func $m2 "weigh")) (with "weigh-3" (func $m3 "weigh"))
        (with "pass-2" (func $m2 "pass")) (with "pass-3" (func $m3 "pass"))))
      (export "go" (func $u "go"))
      (export "sum" (func $a "sum"))`)
    const numbers = [0, 1, 2, 7, 0, 9]
    expect(numbers.map(go as (n: number) => number)).toEqual(numbers.map((n) => n * 10 + (n + 1) * 10_000))
    // Each of them was dropped once.
    expect((sum as () => number)()).toBe(numbers.reduce((total, n) => total + n + (n + 1), 0))
  })

  describe('tells a resource that a part was given from those of its own', () => {
    // The first makes boxes that weigh ten times their number, and three; the second keeps, drops and weighs; the third does
    // what the test says.
    const boxes = (body: string): string => `
      (component $maker
        (core module $m
          (func (export "drop") (param i32))
          (func (export "weight") (param i32) (result i32)
            (i32.add (i32.mul (local.get 0) (i32.const 10)) (i32.const 3))))
        (core instance $i (instantiate $m))
        (type $box' (resource (rep i32) (dtor (core func $i "drop"))))
        (core func $new (canon resource.new $box'))
        (core module $make
          (import "" "new" (func $new (param i32) (result i32)))
          (func (export "make") (param i32) (result i32) (call $new (local.get 0))))
        (core instance $make (instantiate $make (with "" (instance (export "new" (func $new))))))
        (export $box "box" (type $box'))
        (func (export "make") (param "n" u32) (result (own $box)) (canon lift (core func $make "make")))
        (func (export "weight") (param "b" (borrow $box)) (result u32) (canon lift (core func $i "weight"))))
      (component $scale
        (import "box" (type $box (sub resource)))
        (import "weight" (func $weight (param "b" (borrow $box)) (result u32)))
        (core func $weight' (canon lower (func $weight)))
        (core func $drop (canon resource.drop $box))
        (core module $m
          (import "" "weight" (func $weight (param i32) (result i32)))
          (import "" "drop" (func $drop (param i32)))
          (func (export "weigh") (param i32) (result i32)
            (local $weight i32)
            (local.set $weight (call $weight (local.get 0)))
            (call $drop (local.get 0))
            (local.get $weight))
          (func (export "take") (param i32) (call $drop (local.get 0)))
          (func (export "keep") (param i32)))
        (core instance $i (instantiate $m (with "" (instance (export "weight" (func $weight')) (export "drop" (func $drop))))))
        (func (export "weigh") (param "b" (borrow $box)) (result u32) (canon lift (core func $i "weigh")))
        (func (export "take") (param "b" (own $box)) (canon lift (core func $i "take")))
        (func (export "keep") (param "b" (own $box)) (canon lift (core func $i "keep"))))
      (component $user
        (import "box" (type $box (sub resource)))
        (import "make" (func $make (param "n" u32) (result (own $box))))
        (import "weigh" (func $weigh (param "b" (borrow $box)) (result u32)))
        (import "take" (func $take (param "b" (own $box))))
        (import "keep" (func $keep (param "b" (own $box))))
        (core func $make' (canon lower (func $make)))
        (core func $weigh' (canon lower (func $weigh)))
        (core func $take' (canon lower (func $take)))
        (core func $keep' (canon lower (func $keep)))
        (core module $m
          (import "" "make" (func $make (param i32) (result i32)))
          (import "" "weigh" (func $weigh (param i32) (result i32)))
          (import "" "take" (func $take (param i32)))
          (import "" "keep" (func $keep (param i32)))
          (func (export "use") (param $n i32) (result i32) ${body}))
        (core instance $i (instantiate $m (with "" (instance (export "make" (func $make')) (export "weigh" (func $weigh'))
          (export "take" (func $take')) (export "keep" (func $keep'))))))
        (func (export "use") (param "n" u32) (result u32) (canon lift (core func $i "use"))))
      (instance $a (instantiate $maker))
      (instance $b (instantiate $scale (with "box" (type $a "box")) (with "weight" (func $a "weight"))))
      (instance $c (instantiate $user (with "box" (type $a "box")) (with "make" (func $a "make"))
        (with "weigh" (func $b "weigh")) (with "take" (func $b "take")) (with "keep" (func $b "keep"))))
      (export "use" (func $c "use"))`
    const box = '(call $make (local.get $n))'

    test.each([
      ['lent', `(call $weigh ${box})`],
      ['lent after one like it was given away', `(call $take ${box}) (call $weigh ${box})`],
      ['lent while one like it is kept', `(call $keep ${box}) (call $weigh ${box})`],
      [
        'lent while another is kept',
        `(call $keep (call $make (i32.const 9))) (call $take ${box}) (call $weigh ${box})`,
      ],
    ])('%s', async (_, body) => {
      const { use } = await exportsOf(boxes(body))
      // Their maker may number them as it likes: from 0, too.
      expect([1, 0, 5, 70].map(use as (n: number) => number)).toEqual([13, 3, 53, 703])
    })

    test.each([
      '(call $weigh (i32.const 7))',
      '(call $take (i32.const 7)) (i32.const 0)',
      '(call $weigh (i32.const 0))',
    ])('and what nobody gave it: %s', async (body) => {
      const made: number[] = []
      const executable = await executableOf(await component(boxes(body)))
      const onForgedHandle = (handle: number): never => {
        made.push(handle)
        throw new Error('made up')
      }
      const { use } = loadExecutable(executable)({}, { onForgedHandle })
      expect(() => (use as (n: number) => number)(1)).toThrow('made up')
      expect(made).toEqual([body.includes('7') ? 7 : 0])
      const { use: unwatched } = loadExecutable(executable)({})
      expect(() => (unwatched as (n: number) => number)(1)).toThrow(WebAssembly.RuntimeError)
    })
  })
})

describe('names of a component are none of the transpiler', () => {
  // A part of its own gives `f` to the outside under the name.
  const exporting = (name: string): string => `
    (core module $m (func (export "drop") (param i32)) (func (export "f") (result i32) (i32.const 5)))
    (core instance $i (instantiate $m))
    (type $box (resource (rep i32) (dtor (core func $i "drop"))))
    (core func $new (canon resource.new $box))
    (core func $drop (canon resource.drop $box))
    (core module $k
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "go") (call $drop (call $new (i32.const 7)))))
    (core instance $k (instantiate $k (with "" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
    (func (export "go") (canon lift (core func $k "go")))
    (func (export "${name}") (result u32) (canon lift (core func $i "f")))`

  test.each(['harmless', 'resolve', 'gen', 'imports', 'trampoline', 'map', 'undefined', 'instantiate-core'])(
    'a function may be called `%s`',
    async (name) => {
      const guest = await exportsOf(exporting(name))
      expect((guest[camelCase(name)] as () => number)()).toBe(5)
      ;(guest['go'] as () => void)()
    },
  )

  test.each(['rsc-table-remove', 'rsc-table-create-own', 'create-new-current-task', 'get-or-create-async-state'])(
    'and not `%s`, which would be called in place of the transpiler’s own',
    async (name) => {
      await expect(exportsOf(exporting(name))).rejects.toMatchObject({
        code: 'component-rejected-glue',
        message: expect.stringContaining(`\`${camelCase(name)}\``),
      })
    },
  )

  test('whatever the transpiler has a name for: it is refused, or changes nothing', { timeout: 60_000 }, async () => {
    const { files } = await transpileBytes(await component(exporting('harmless')), {
      name: 'component',
      instantiation: 'sync',
      importBindings: 'js',
      emitTypescriptDeclarations: false,
    })
    const statements = listOf(parseModule(new TextDecoder().decode(files['component.js'])), 'body')
    const instantiate = statements.map((each) => childOf(each, 'declaration')).find((each) => each !== undefined)
    if (instantiate === undefined) throw new Error('the glue has no function')
    // Those of them that can be the name of an export.
    const names = [...namesOfFunction(instantiate)].filter((name) => /^[a-z]+(?:[A-Z][a-z0-9]+)*$/.test(name))
    const outcomes = { refused: 0, harmless: 0 }
    for (const name of names) {
      const kebab = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
      try {
        const guest = await exportsOf(exporting(kebab))
        ;(guest['go'] as () => void)()
        expect((guest[name] as () => number)()).toBe(5)
        outcomes.harmless += 1
      } catch (error) {
        expect(error).toMatchObject({ code: 'component-rejected-glue' })
        outcomes.refused += 1
      }
    }
    expect(Math.min(outcomes.refused, outcomes.harmless)).toBeGreaterThan(5)
  })

  test.each(['trampoline0', 'exports0', 'handle-table0', 'get-core-module'])(
    'nor what the transpiler counts: `%s`',
    async (name) => {
      await expect(exportsOf(exporting(name))).rejects.toMatchObject({ code: 'component-rejected-glue' })
    },
  )
})

function camelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}
