import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BuildChild } from './build-child.js'
import { loadOrCreateCacheKey } from './cache-key-file.js'
import { type BuildProgress, ComponentBuilder } from './component-builder.js'
import type { Executable } from './executable.js'
import { inspect } from './inspect.js'
import { componentBytesMax } from './limits.js'
import { loadExecutable } from './load.js'
import { around, component, MiB } from './wat.test-support.js'

let root = ''
let cacheDirectory = ''
let progress: BuildProgress[] = []
let builder: ComponentBuilder
let answers: (answer: number) => Promise<Uint8Array>
const limits = { memoryBytesMax: 2 * MiB }

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-builder-'))
  cacheDirectory = join(root, 'cache')
  builder = newBuilder()
  answers = (answer) =>
    component(`(core module $m (func (export "f") (result i32) (i32.const ${answer})))
      (core instance $i (instantiate $m)) (func (export "f") (result u32) (canon lift (core func $i "f")))`)
})
afterAll(async () => {
  await builder.close()
  rmSync(root, { recursive: true, force: true })
})
beforeEach(() => {
  progress = []
})

function newBuilder(options: { readonly transpileMsMax?: number; readonly buildMemoryBytesMax?: number } = {}) {
  const cacheKey = loadOrCreateCacheKey(cacheDirectory)
  return new ComponentBuilder({ cacheDirectory, cacheKey, onProgress: (each) => progress.push(each), ...options })
}

const phases = () => progress.map((each) => each.phase)
const call = (executable: Executable) => (loadExecutable(executable)({}) as { readonly f: () => unknown }).f()
const named = (bytes: Uint8Array, name = 'answer.wasm') => ({ bytes, name })

test('a component for another process holds the same bytes, and the digest of what the file holds now', async () => {
  const file = join(root, 'portable.wasm')
  writeFileSync(file, await answers(7))
  const prepared = await builder.prepare({ file }, limits)
  const { component: same, portable } = await builder.portable({ file }, limits)
  expect(same.digest).toBe(prepared.digest)
  expect(portable.glue).toBe(prepared.executable.glue)
  const modules = Object.fromEntries(portable.modules.map(({ name, bytes }) => [name, new WebAssembly.Module(bytes)]))
  expect(call({ ...portable, modules })).toBe(7)
  writeFileSync(file, await answers(8))
  expect((await builder.portable({ file }, limits)).component.digest).not.toBe(prepared.digest)
})

describe('the cache', () => {
  test('a component is built once and then comes from the cache, to other builders too', async () => {
    const file = join(root, 'answer.wasm')
    writeFileSync(file, await answers(42))
    const built = await builder.prepare({ file }, limits)
    expect(phases()).toEqual(['hash', 'cache', 'adapt', 'verify', 'transpile', 'compile', 'ready'])
    expect(built).toMatchObject({
      name: 'answer.wasm',
      file,
      kind: 'library',
      imports: [],
      exports: ['f'],
      warnings: [],
    })
    expect(call(built.executable)).toBe(42)
    progress = []
    const other = newBuilder()
    const cached = await other.prepare({ file }, limits)
    await other.close()
    expect(phases()).toEqual(['hash', 'cache', 'ready'])
    expect(cached.digest).toBe(built.digest)
    expect(call(cached.executable)).toBe(42)
  })

  test('another memory cap is another artifact', async () => {
    const source = named(await answers(43))
    await builder.prepare(source, limits)
    progress = []
    await builder.prepare(source, { memoryBytesMax: 3 * MiB })
    expect(phases()).toContain('transpile')
  })

  test('a damaged artifact is built again, with a warning; and so is one of another component in its place', async () => {
    const before = new Set(readdirSync(cacheDirectory))
    const newArtifact = (): string => {
      const found = readdirSync(cacheDirectory).find((name) => name.endsWith('.artifact') && !before.has(name))
      if (found === undefined) throw new Error('no artifact appeared')
      before.add(found)
      return join(cacheDirectory, found)
    }
    // As the next process would: what a builder has compiled itself it does not read again.
    const anew = async (source: Parameters<ComponentBuilder['prepare']>[0]) => {
      const next = newBuilder()
      const { executable } = await next.prepare(source, limits)
      await next.close()
      return executable
    }
    const first = named(await answers(1))
    const second = named(await answers(2))
    await builder.prepare(first, limits)
    const firstFile = newArtifact()
    await builder.prepare(second, limits)
    const secondFile = newArtifact()

    const bytes = readFileSync(firstFile)
    for (const place of [0, 40, bytes.length - 1]) {
      const damaged = Buffer.from(bytes)
      damaged[place] = (damaged[place] ?? 0) ^ 1
      writeFileSync(firstFile, damaged)
      progress = []
      expect(call(await anew(first))).toBe(1)
      expect(progress.find((each) => each.warning !== undefined)).toMatchObject({
        phase: 'cache',
        warning: expect.stringMatching(/damaged or forged/),
      })
      expect(phases()).toContain('transpile')
    }
    copyFileSync(secondFile, firstFile)
    expect(call(await anew(first))).toBe(1)
    rmSync(firstFile)
    execFileSync('mkfifo', [firstFile])
    expect(call(await anew(first))).toBe(1)
    writeFileSync(firstFile, '')
    expect(call(await anew(first))).toBe(1)
    progress = []
    await builder.prepare(first, limits)
    expect(phases()).toEqual(['hash', 'cache', 'ready'])
  })

  test('what a builder has compiled is not compiled again, whatever happens to the file', async () => {
    const source = named(await answers(21))
    const { executable } = await builder.prepare(source, limits)
    for (const name of readdirSync(cacheDirectory)) {
      if (name.endsWith('.artifact')) writeFileSync(join(cacheDirectory, name), 'damaged')
    }
    expect((await builder.prepare(source, limits)).executable).toBe(executable)
    const other = await builder.prepare(source, { memoryBytesMax: limits.memoryBytesMax * 2 })
    expect(other.executable).not.toBe(executable)
  })

  test('another key believes nothing that this one made', async () => {
    const source = named(await answers(5))
    await builder.prepare(source, limits)
    progress = []
    const other = new ComponentBuilder({
      cacheDirectory,
      cacheKey: new Uint8Array(32),
      onProgress: (each) => progress.push(each),
    })
    await other.prepare(source, limits)
    await other.close()
    expect(progress.some((each) => each.warning !== undefined)).toBe(true)
  })

  test('a cache that cannot be written costs a warning, not the run', async () => {
    const blocked = join(root, 'blocked')
    writeFileSync(blocked, '')
    const other = new ComponentBuilder({
      cacheDirectory: blocked,
      cacheKey: new Uint8Array(32),
      onProgress: (each) => progress.push(each),
    })
    expect(call((await other.prepare(named(await answers(6)), limits)).executable)).toBe(6)
    await other.close()
    expect(progress.some((each) => each.warning?.includes('could not be cached'))).toBe(true)
  })
})

describe('several callers', () => {
  test('share one build of the same component', async () => {
    const source = named(await answers(7))
    const prepared = await Promise.all([1, 2, 3].map(() => builder.prepare(source, limits)))
    expect(phases().filter((phase) => phase === 'transpile')).toHaveLength(1)
    expect(prepared.map((each) => call(each.executable))).toEqual([7, 7, 7])
  })

  test('one that aborts leaves the others their build; when all abort, it is given up and the next call builds', async () => {
    const source = named(await answers(8))
    const abort = new AbortController()
    const given = builder.prepare(source, { ...limits, signal: abort.signal })
    const kept = builder.prepare(source, limits)
    setTimeout(() => abort.abort(new Error('changed my mind')), 5)
    await expect(given).rejects.toThrow('changed my mind')
    expect(call((await kept).executable)).toBe(8)

    const other = named(await answers(9))
    const abortAll = new AbortController()
    const both = [1, 2].map(() => builder.prepare(other, { ...limits, signal: abortAll.signal }))
    setTimeout(() => abortAll.abort(new Error('never mind')), 5)
    for (const each of both) await expect(each).rejects.toThrow('never mind')
    await expect(builder.prepare(other, { ...limits, signal: AbortSignal.abort(new Error('early')) })).rejects.toThrow(
      'early',
    )
    expect(call((await builder.prepare(other, limits)).executable)).toBe(9)
  })
})

describe('failures', () => {
  test('what a build refuses comes back whole, and the next build is not touched by it', async () => {
    const trap = named(await component('(import "acme:crm/contacts@1.0.0" (instance (export "find" (func))))'))
    await expect(builder.prepare(trap, limits)).rejects.toMatchObject({
      code: 'component-import-unknown',
      details: { imports: ['acme:crm/contacts@1.0.0'] },
      hint: expect.any(String),
    })
    expect(call((await builder.prepare(named(await answers(10)), limits)).executable)).toBe(10)
  })

  test('texts between parts that are not UTF-8 are named, and the next build is not touched by the panic', async () => {
    const parts = (encoding: string): Promise<Uint8Array> =>
      component(`
        (component $taker
          (core module $m (memory (export "memory") 1) (func (export "take") (param i32 i32))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
          (core instance $i (instantiate $m))
          (func (export "take") (param "text" string) (canon lift (core func $i "take") string-encoding=${encoding}
            (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
        (component $giver
          (import "take" (func $take (param "text" string)))
          (core module $memory (memory (export "memory") 1))
          (core instance $memory (instantiate $memory))
          (core func $take' (canon lower (func $take) string-encoding=${encoding} (memory (core memory $memory "memory"))))
          (core module $m (import "" "take" (func $take (param i32 i32)))
            (func (export "f") (result i32) (call $take (i32.const 0) (i32.const 2)) (i32.const 3)))
          (core instance $i (instantiate $m (with "" (instance (export "take" (func $take'))))))
          (func (export "f") (result u32) (canon lift (core func $i "f"))))
        (instance $a (instantiate $taker))
        (instance $b (instantiate $giver (with "take" (func $a "take"))))
        (export "f" (func $b "f"))`)
    await expect(builder.prepare(named(await parts('utf16')), limits)).rejects.toMatchObject({
      code: 'component-transpile-failed',
      message: expect.stringContaining('texts in `utf16`'),
    })
    expect(call((await builder.prepare(named(await parts('utf8')), limits)).executable)).toBe(3)
  })

  test('files that are not there, not files, not WebAssembly, or too large', async () => {
    await expect(builder.prepare({ file: join(root, 'nobody.wasm') }, limits)).rejects.toMatchObject({
      code: 'component-not-found',
      message: expect.stringContaining('nobody.wasm'),
    })
    await expect(builder.prepare({ file: root }, limits)).rejects.toMatchObject({ code: 'component-invalid' })
    await expect(builder.prepare(named(new Uint8Array(3)), limits)).rejects.toMatchObject({ code: 'component-invalid' })
    const large = new Uint8Array(componentBytesMax + 1)
    await expect(builder.prepare(named(large), limits)).rejects.toMatchObject({ code: 'component-too-large' })
  })

  test('a device is refused instead of read', async () => {
    const link = join(root, 'zero.wasm')
    symlinkSync('/dev/zero', link)
    await expect(builder.prepare({ file: link }, limits)).rejects.toMatchObject({ code: 'component-invalid' })
  })

  test('a deadline ends a build, and the next one works', async () => {
    const hasty = newBuilder({ transpileMsMax: 1 })
    await expect(hasty.prepare(named(await answers(11)), limits)).rejects.toMatchObject({
      code: 'component-transpile-failed',
      message: expect.stringMatching(/longer than 1 ms/),
    })
    await hasty.close()
    expect(call((await builder.prepare(named(await answers(11)), limits)).executable)).toBe(11)
  })

  test('a build that needs more memory than it may have ends with a reason', async () => {
    const poor = newBuilder({ buildMemoryBytesMax: 1 * MiB })
    // Larger than what the engines' reserve leaves, each of the several times that a build copies it.
    const large = withCustomSection(await answers(12), 48 * MiB)
    await expect(poor.prepare(named(large), limits)).rejects.toMatchObject({
      code: 'component-transpile-failed',
      message: expect.stringMatching(/build process ended|ended its thread/),
    })
    await poor.close()
  }, 30_000)

  test('a closed builder builds nothing', async () => {
    const closed = newBuilder()
    await closed.close()
    await expect(closed.prepare(named(await answers(13)), limits)).rejects.toMatchObject({ code: 'internal' })
  })
})

test('an executable survives the way to another thread', async () => {
  const { executable } = await builder.prepare(named(await answers(14)), limits)
  const { port1, port2 } = new MessageChannel()
  port1.postMessage(executable)
  const received = receiveMessageOnPort(port2)?.message as Executable
  port1.close()
  expect(call(received)).toBe(14)
})

describe('inspect', () => {
  test('says what a component is and would need', async () => {
    const bytes =
      await component(`(import "wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64)))))
      (import "wasi:sockets/instance-network@0.2.0" (instance
        (export "network" (type $n (sub resource))) (export "instance-network" (func (result (own $n))))))
      (core module $m (memory (export "memory") 2 9) (table 3 funcref) (func (export "f")))
      (core instance $i (instantiate $m)) (func $f (canon lift (core func $i "f"))) (export "f" (func $f)) (export "g" (func $f))`)
    expect(await inspect(bytes)).toEqual({
      format: 'component',
      kind: 'library',
      sizeBytes: bytes.length,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      imports: [
        { interface: 'wasi:random/random', version: '0.2.0', functions: ['get-random-u64'] },
        { interface: 'wasi:sockets/instance-network', version: '0.2.0', functions: ['instance-network'] },
      ],
      exports: ['f', 'g'],
      functions: [
        { name: 'f', params: [] },
        { name: 'g', params: [] },
      ],
      memories: [{ initialPages: 2, maximumPages: 9 }],
      tables: [{ initial: 3 }],
      proposals: [],
      needs: [{ kind: 'network', because: ['wasi:sockets/instance-network instance-network'] }],
    })
  })

  test('also of what could not run', async () => {
    const threads = await inspect(await around('(memory 1 2 shared) (func (export "f"))'))
    expect(threads.proposals).toEqual(['threads'])
    const foreign = await inspect(
      await component('(import "acme:crm/contacts@1.0.0" (instance (export "find" (func))))'),
    )
    expect(foreign.imports).toEqual([{ interface: 'acme:crm/contacts', version: '1.0.0', functions: ['find'] }])
    await expect(inspect(join(root, 'nobody.wasm'))).rejects.toMatchObject({ code: 'component-not-found' })
    await expect(inspect(new TextEncoder().encode('hello'))).rejects.toMatchObject({ code: 'component-invalid' })
    const nested = (levels: number): string => `${'(component '.repeat(levels)}${')'.repeat(levels)}`
    expect((await inspect(await component(nested(16)))).format).toBe('component')
    await expect(inspect(await component(nested(17)))).rejects.toMatchObject({ code: 'component-too-large' })
  })
})

test('an idle build process ends by itself, and the next task starts another', async () => {
  const child = new BuildChild({ memoryBytesMax: 512 * MiB, idleMs: 10 })
  const describe = { kind: 'describe', bytes: await answers(15), deadlineMs: 20_000 } as const
  const signal = new AbortController().signal
  const pids = new Set<number | undefined>()
  for (let round = 0; round < 2; round += 1) {
    expect((await child.run(describe, () => {}, signal)).kind).toBe('described')
    pids.add(child.pid)
    await expect.poll(() => child.pid, { timeout: 5_000 }).toBeUndefined()
  }
  expect(pids.size).toBe(2)
  child.close()
})

test('the directory of a cache is made when it is not there', () => {
  const directory = join(root, 'new', 'deep')
  const key = loadOrCreateCacheKey(directory)
  expect(loadOrCreateCacheKey(directory)).toEqual(key)
  mkdirSync(directory, { recursive: true })
})

/** The same component with a section that means nothing. */
function withCustomSection(component: Uint8Array, bytes: number): Uint8Array {
  const content = new Uint8Array(bytes)
  content.set([1, 0x78]) // its name: `x`
  const size: number[] = []
  for (let rest = bytes; rest > 0; rest >>>= 7) size.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
  return Buffer.concat([component, Uint8Array.from([0, ...size]), content])
}
