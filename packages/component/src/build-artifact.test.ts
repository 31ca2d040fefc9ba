import { runInThisContext } from 'node:vm'
import { compileArgumentValidator, interfaceContracts } from '@bulkhead/contracts'
import { BulkheadError } from '@bulkhead/vocabulary'
import { transpileBytes } from '@bytecodealliance/jco-transpile'
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools'
import { describe, expect, test } from 'vitest'
import { buildGlue } from './glue/build-glue.js'
import { coreInstancesMax, globalsMax, tableEntriesMax } from './limits.js'
import { type GlueImports, loadExecutable } from './load.js'
import { around, build, component, executableOf, MiB } from './wat.test-support.js'

type Callable = { readonly f: (...args: readonly unknown[]) => unknown }

async function start(bytes: Uint8Array, imports: GlueImports = {}, options = {}): Promise<Callable> {
  return loadExecutable(await executableOf(bytes, options))(imports) as Callable
}

const refusal = (code: string) => expect.objectContaining({ code })

describe('what is no runnable component is refused with its reason', () => {
  test.each([
    ['an empty file', new Uint8Array(0), /is empty/],
    ['text', new TextEncoder().encode('#!/bin/sh\n'), /not WebAssembly/],
    ['half a header', Uint8Array.from([0, 0x61, 0x73, 0x6d, 1]), /cut short/],
    ['an unknown version', Uint8Array.from([0, 0x61, 0x73, 0x6d, 9, 0, 0, 0]), /unknown version/],
  ])('%s', async (_, bytes, message) => {
    await expect(build(bytes)).rejects.toMatchObject({
      code: 'component-invalid',
      message: expect.stringMatching(message),
    })
  })

  test('every seventh prefix of a component and of a module ends in an error with a code', async () => {
    const whole = await around('(memory (export "memory") 1) (func $named (export "f") unreachable)')
    const module = await parse(`(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const 0))))`)
    for (const bytes of [whole, module]) {
      for (let length = 1; length < bytes.length; length += 7) {
        const error: unknown = await build(bytes.subarray(0, length)).then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        // A cut between two sections can leave a component that is whole, and does nothing.
        if (error !== undefined) expect(error, `${length} bytes`).toBeInstanceOf(BulkheadError)
      }
    }
  }, 20_000)

  test.each([
    ['(tag $t) (func (export "f") (throw $t))', 'exception-handling'],
    ['(memory 1 1 shared) (func (export "f"))', 'threads'],
    ['(memory i64 1) (func (export "f"))', 'memory64'],
    ['(memory 1) (memory 1) (func (export "f"))', 'multi-memory'],
    ['(memory 1 (pagesize 1)) (func (export "f"))', 'custom-page-sizes'],
  ])('%s needs %s', async (module, proposal) => {
    await expect(build(await around(module))).rejects.toMatchObject({
      code: 'component-proposal-unsupported',
      details: { proposal },
    })
  })

  test('imports of preview1 modules that nobody has, all of them', async () => {
    const bytes = await parse(`(module (import "env" "abort" (func)) (import "wasi_snapshot_preview1" "fd_fly" (func))
      (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))) (memory (export "memory") 1) (func (export "_start")))`)
    await expect(build(bytes)).rejects.toMatchObject({
      code: 'component-import-unknown',
      details: { imports: ['env.abort', 'wasi_snapshot_preview1.fd_fly'] },
    })
  })

  test('imports of components that nobody has, all of them', async () => {
    const bytes = await component(`(import "acme:crm/contacts@1.0.0" (instance (export "find" (func))))
      (import "wasi:random/random@0.2.0" (instance (export "get-luck" (func (result u64)))))`)
    await expect(build(bytes)).rejects.toMatchObject({
      code: 'component-import-unknown',
      details: { imports: ['acme:crm/contacts@1.0.0', 'wasi:random/random@0.2.0 get-luck'] },
    })
  })
})

describe('a name that would become code', () => {
  const payload = `x': 0, [globalThis.bulkheadWasInjected = 1]: 0, 'y`
  const injection = () =>
    component(`(core module $a (func (export "f"))) (core module $b (import "m" "${payload}" (func)))
      (core instance $i (instantiate $a)) (core instance $m (export "${payload}" (func $i "f")))
      (core instance (instantiate $b (with "m" (instance $m))))`)
  const injected = () => (globalThis as { bulkheadWasInjected?: unknown }).bulkheadWasInjected

  test('it runs in the host when nothing looks at the glue, so the next tests test something', async () => {
    const options = { name: 'component', instantiation: 'sync', emitTypescriptDeclarations: false } as const
    const { files } = await transpileBytes(await injection(), options)
    const glue = new TextDecoder().decode(files['component.js']).replaceAll(/^export /gm, '')
    const instantiate = runInThisContext(`(() => { ${glue}\nreturn instantiate })()`) as (
      get: unknown,
      imports: unknown,
    ) => void
    expect(injected()).toBeUndefined()
    const getModule = (name: string) => new WebAssembly.Module(files[name] ?? new Uint8Array(0))
    // The object of imports is broken afterwards; the code in it has run.
    expect(() => instantiate(getModule, {})).toThrow(WebAssembly.LinkError)
    expect(injected()).toBe(1)
    Reflect.deleteProperty(globalThis, 'bulkheadWasInjected')
  })

  test('it is refused', async () => {
    await expect(build(await injection())).rejects.toThrow(BulkheadError)
    expect(injected()).toBeUndefined()
  })

  test('the check of the glue alone refuses it', async () => {
    const options = { name: 'component', instantiation: 'sync', emitTypescriptDeclarations: false } as const
    const { files } = await transpileBytes(await injection(), options)
    const glue = new TextDecoder().decode(files['component.js'])
    expect(() => buildGlue(glue)).toThrow(refusal('component-rejected-glue'))
  })

  test.each(["it's", '`', '\\\\', '\\u{2028}', 'tab\\t', 'naïve'])(
    'a core export named %s is refused',
    async (name) => {
      const bytes = await component(`(core module $m (func (export "f")) (func (export "${name}")))
      (core instance $i (instantiate $m)) (func (export "f") (canon lift (core func $i "f")))`)
      await expect(build(bytes)).rejects.toThrow(refusal('component-rejected-name'))
    },
  )

  test('a name of plain punctuation is accepted', async () => {
    const bytes =
      await component(`(core module $m (func (export "f")) (func (export "[x]#a:b/c@1.0.0 (=>)<*+!?,%&|~;{}^$")))
      (core instance $i (instantiate $m)) (func (export "f") (canon lift (core func $i "f")))`)
    expect((await build(bytes)).facts.exports).toEqual(['f'])
  })
})

// Each component declares an import with types of its own and calls it once; the core function is what it lowers to.
const confusions = {
  'get-random-bytes with a record': {
    interface: 'wasi:random/random',
    function: 'get-random-bytes',
    wat: `(import "wasi:random/random@0.2.0" (instance $random
        (type $r (record (field "to-string" u8) (field "length" u32))) (export "evil" (type $e (eq $r)))
        (export "get-random-bytes" (func (param "len" $e)))))
      (core func $call (canon lower (func $random "get-random-bytes")))`,
    signature: '(param i32 i32)',
    call: '(call $call (i32.const 1) (i32.const 2))',
  },
  'open-at with a byte list': {
    interface: 'wasi:filesystem/types',
    function: '[method]descriptor.open-at',
    wat: `(core module $mem (memory (export "memory") 1)) (core instance $mem (instantiate $mem))`,
    before: `(import "wasi:filesystem/types@0.2.0" (instance $fs (export "descriptor" (type $d (sub resource)))
        (export "get" (func (result (own $d))))
        (export "[method]descriptor.open-at" (func (param "self" (borrow $d)) (param "path" (list u8))))))`,
    lower: `(core func $get (canon lower (func $fs "get")))
      (core func $call (canon lower (func $fs "[method]descriptor.open-at") (memory (core memory $mem "memory"))))`,
    signature: '(param i32 i32 i32)',
    call: '(call $call (call $get) (i32.const 0) (i32.const 4))',
  },
  'a pollable borrowed as a descriptor': {
    interface: 'wasi:filesystem/types',
    function: '[method]descriptor.is-same-object',
    wat: `(core module $mem (memory (export "memory") 1)) (core instance $mem (instantiate $mem))`,
    before: `(import "wasi:io/poll@0.2.0" (instance $poll (export "pollable" (type (sub resource)))))
      (alias export $poll "pollable" (type $pollable))
      (import "wasi:filesystem/types@0.2.0" (instance $fs (export "descriptor" (type $d (sub resource)))
        (alias outer 1 $pollable (type $p0)) (export "pollable" (type $p (eq $p0)))
        (export "get" (func (result (own $d)))) (export "get-pollable" (func (result (own $p))))
        (export "[method]descriptor.is-same-object" (func (param "self" (borrow $d)) (param "other" (borrow $p)) (result bool)))))`,
    lower: `(core func $get (canon lower (func $fs "get"))) (core func $pollable (canon lower (func $fs "get-pollable")))
      (core func $call (canon lower (func $fs "[method]descriptor.is-same-object")))`,
    signature: '(param i32 i32) (result i32)',
    call: '(drop (call $call (call $get) (call $pollable)))',
  },
} as const

function confused(name: keyof typeof confusions): Promise<Uint8Array> {
  const each = confusions[name]
  const before = 'before' in each ? each.before : ''
  const lower = 'lower' in each ? each.lower : ''
  const withGet = 'lower' in each ? '(import "h" "get" (func $get (result i32)))' : ''
  const withPollable = lower.includes('$pollable') ? '(import "h" "pollable" (func $pollable (result i32)))' : ''
  return component(`${before} ${each.wat} ${lower}
    (core module $m ${withGet} ${withPollable} (import "h" "call" (func $call ${each.signature}))
      (func (export "f") ${each.call}))
    (core instance $h ${lower === '' ? '' : '(export "get" (func $get))'} ${withPollable === '' ? '' : '(export "pollable" (func $pollable))'}
      (export "call" (func $call)))
    (core instance $i (instantiate $m (with "h" (instance $h))))
    (func (export "f") (canon lift (core func $i "f")))`)
}

describe('a component that declares standard functions with other types', () => {
  const names = Object.keys(confusions) as (keyof typeof confusions)[]

  test.each(names)('%s is refused at verification', async (name) => {
    await expect(build(await confused(name))).rejects.toMatchObject({
      code: 'component-import-type-mismatch',
      details: { findings: expect.arrayContaining([expect.stringContaining(confusions[name].function)]) },
    })
  })

  // A host of the shape that the guard has: the validator of the real contract runs in front of everything.
  class Pollable {}
  class Descriptor {
    static readonly refusals: (string | undefined)[] = []
    openAt(...args: unknown[]): void {
      Descriptor.refusals.push(validatorOf('wasi:filesystem/types', '[method]descriptor.open-at')(args))
    }
    isSameObject(...args: unknown[]): boolean {
      Descriptor.refusals.push(validatorOf('wasi:filesystem/types', '[method]descriptor.is-same-object')(args))
      // The validator takes any object for a handle; that it is a descriptor is asked of the guard's own table.
      Descriptor.refusals.push(args[0] instanceof Descriptor ? undefined : 'not a descriptor')
      return false
    }
  }

  test.each(names)('%s is stopped by the validators when the comparison is left out', async (name) => {
    Descriptor.refusals.length = 0
    const guest = await start(
      await confused(name),
      {
        'wasi:random/random': {
          getRandomBytes: (...args: unknown[]) => {
            Descriptor.refusals.push(validatorOf('wasi:random/random', 'get-random-bytes')(args))
          },
        },
        'wasi:io/poll': { Pollable },
        'wasi:filesystem/types': { Descriptor, get: () => new Descriptor(), getPollable: () => new Pollable() },
      },
      { importTypes: 'unchecked' },
    )
    guest.f()
    expect(Descriptor.refusals.at(-1)).toBeTypeOf('string')
  })
})

function validatorOf(interfaceName: string, name: string) {
  const contract = interfaceContracts.get(interfaceName)?.functions.find((fn) => fn.name === name)
  if (contract === undefined) throw new Error(`no ${name}`)
  return compileArgumentValidator(contract)
}

describe('memory and tables', () => {
  const growing = (limits: string) =>
    component(`(core module $m (memory (export "memory") ${limits})
        (func (export "f") (param i32) (result i32) (memory.grow (local.get 0))))
      (core instance $i (instantiate $m))
      (func (export "f") (param "pages" u32) (result s32) (canon lift (core func $i "f")))`)

  test.each(['1', '1 65536', '1 40'])('memory %s grows to the cap and not past it', async (limits) => {
    const guest = await start(await growing(limits), {}, { memoryBytesMax: 2 * MiB })
    expect(guest.f(31)).toBe(1)
    expect(guest.f(1)).toBe(-1)
  })

  test('a module’s own lower maximum stays', async () => {
    const guest = await start(await growing('1 4'), {}, { memoryBytesMax: 2 * MiB })
    expect(guest.f(4)).toBe(-1)
    expect(guest.f(3)).toBe(1)
  })

  test('what starts over the cap is refused, what starts at it runs', async () => {
    await expect(build(await growing('33'), { memoryBytesMax: 2 * MiB })).rejects.toMatchObject({
      code: 'resource-limit-exceeded',
      message: expect.stringMatching(/2\.1 MiB.*2 MiB/),
      details: { resource: 'memory', limit: 2 * MiB, initial: 33 * 65_536 },
    })
    expect((await start(await growing('32'), {}, { memoryBytesMax: 2 * MiB })).f(0)).toBe(32)
  })

  test('all memories and all instances share one cap', async () => {
    const bytes = await component(`(core module $m (memory (export "memory") 1)
        (func (export "f") (param i32) (result i32) (memory.grow (local.get 0))))
      (core module $small (memory (export "memory") 1 2) (func (export "g") (param i32) (result i32) (memory.grow (local.get 0))))
      (core instance $a (instantiate $m)) (core instance $b (instantiate $m)) (core instance $c (instantiate $small))
      (func (export "f") (param "n" u32) (result s32) (canon lift (core func $a "f")))
      (func (export "g") (param "n" u32) (result s32) (canon lift (core func $b "f")))
      (func (export "h") (param "n" u32) (result s32) (canon lift (core func $c "g")))`)
    const guest = (await start(bytes, {}, { memoryBytesMax: 32 * 65_536 })) as unknown as Record<
      string,
      (n: number) => number
    >
    // 32 pages: the small one may have 2, the two others 15 each.
    expect(guest['f']?.(14)).toBe(1)
    expect(guest['f']?.(1)).toBe(-1)
    expect(guest['g']?.(14)).toBe(1)
    expect(guest['g']?.(1)).toBe(-1)
    expect(guest['h']?.(1)).toBe(1)
    expect(guest['h']?.(1)).toBe(-1)
    await expect(build(bytes, { memoryBytesMax: 2 * 65_536 })).rejects.toThrow(refusal('resource-limit-exceeded'))
  })

  test('tables are capped, and refused when they start over the bound', async () => {
    const table = (initial: number) => `(table ${initial} funcref) (func (export "f"))`
    await expect(build(await around(table(tableEntriesMax + 1)))).rejects.toThrow(refusal('resource-limit-exceeded'))
    const { modules } = await build(await around(table(10)))
    const inner = await component(`(core module $m (table 0 funcref) (func (export "f") (param i32) (result i32)
        (table.grow (ref.null func) (local.get 0))))
      (core instance $i (instantiate $m)) (func (export "f") (param "n" u32) (result s32) (canon lift (core func $i "f")))`)
    const guest = await start(inner)
    expect(guest.f(tableEntriesMax + 1)).toBe(-1)
    expect(guest.f(10)).toBe(0)
    expect(modules).toHaveLength(1)
  })

  test('globals and instances are bounded, for all of a component together', async () => {
    const many = (instances: number, globals: number) =>
      component(`(core module $m ${'(global i64 (i64.const 0))'.repeat(globals)})
        ${'(core instance (instantiate $m))'.repeat(instances)}`)
    const each = globalsMax / 10
    expect((await build(await many(10, each))).modules).toHaveLength(1)
    await expect(build(await many(10, each + 1))).rejects.toThrow(refusal('resource-limit-exceeded'))
    const parts = (instances: number) =>
      component(`(component $part (core module $m) ${'(core instance (instantiate $m))'.repeat(instances)})
        (instance (instantiate $part)) (instance (instantiate $part))`)
    expect((await build(await parts(coreInstancesMax / 2))).modules).toHaveLength(1)
    await expect(build(await parts(coreInstancesMax / 2 + 1))).rejects.toThrow(refusal('component-too-large'))
  })
})

describe('what runs', () => {
  test('a trap carries the name of its function', async () => {
    const guest = await start(await around('(func $deep_inside unreachable) (func (export "f") (call $deep_inside))'))
    let stack = ''
    try {
      guest.f()
    } catch (thrown) {
      stack = (thrown as Error).stack ?? ''
    }
    expect(stack).toMatch(/unreachable(?:.|\n)*deep_inside/)
  })

  test('an adapted program exits with its exact code and reports its memory', async () => {
    const module = await parse(`(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 3) (func $main (export "_start") (call $exit (i32.const 33))))`)
    const executable = await executableOf(module)
    expect((await build(module)).facts).toMatchObject({ kind: 'command', exports: expect.arrayContaining(['run']) })
    class Exit {
      readonly code: number
      constructor(code: number) {
        this.code = code
      }
    }
    const memories: WebAssembly.Memory[] = []
    const guest = loadExecutable(executable)(stubImports(), {
      onExit: (code) => {
        throw new Exit(code)
      },
      onMemory: (memory) => memories.push(memory),
    }) as unknown as { readonly run: { readonly run: () => void } }
    // Three pages of its own, and one that the adapter took.
    expect(memories.map((memory) => memory.buffer.byteLength)).toEqual([4 * 65_536])
    expect(() => guest.run.run()).toThrow(expect.objectContaining({ code: 33 }))
  })

  test('a missing host function fails at instantiation, not at its first call', async () => {
    const bytes =
      await component(`(import "wasi:random/random@0.2.0" (instance $r (export "get-random-u64" (func (result u64)))))
      (core func $call (canon lower (func $r "get-random-u64")))
      (core module $m (import "h" "call" (func $call (result i64))) (func (export "f") (drop (call $call))))
      (core instance $i (instantiate $m (with "h" (instance (export "call" (func $call))))))
      (func (export "f") (canon lift (core func $i "f")))`)
    await expect(start(bytes, { 'wasi:random/random': {} })).rejects.toThrow(/getRandomU64/)
    let calls = 0
    const guest = await start(bytes, { 'wasi:random/random': { getRandomU64: () => BigInt(++calls) } })
    guest.f()
    expect(calls).toBe(1)
  })

  test('an embedded manifest is found', async () => {
    const bytes = await component('(@custom "bulkhead:manifest" "[component]\\nid = \\"x\\"")')
    expect((await build(bytes)).facts.embeddedManifest).toBe('[component]\nid = "x"')
    const module =
      await parse(`(module (@custom "bulkhead:manifest" "id") (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
      (memory (export "memory") 1) (func (export "_start")))`)
    expect((await build(module)).facts.embeddedManifest).toBe('id')
  })
})

/** Every name that the glue of an adapted program reads, doing nothing. */
function stubImports(): GlueImports {
  const imports: Record<string, Record<string, unknown>> = {}
  for (const contract of interfaceContracts.values()) {
    const surface: Record<string, unknown> = {}
    imports[contract.name] = surface
    for (const fn of contract.functions) surface[fn.jsClass ?? fn.jsName] ??= class Stub {}
    for (const resource of contract.resources) {
      const name = resource.replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase())
      surface[name] ??= class Stub {}
    }
  }
  return imports
}
