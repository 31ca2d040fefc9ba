import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { componentFromWat } from '../guests/component-from-wat.mjs'
import { commandModule, importFunction, textTable } from '../guests/prelude.mjs'
import { createTestRuntime } from '../support/test-runtime.mjs'

// Guests that would spend the host's memory or its one thread, instead of their own. Where a bound is taken out these tests
// do not fail politely: the process is gone, or never answers.

type Runtime = Awaited<ReturnType<typeof createTestRuntime>>
let runtime: Runtime
let directory: string

beforeAll(async () => {
  runtime = await createTestRuntime()
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'bulkhead-memory-'))
})
afterAll(async () => {
  await runtime.stop()
  fs.rmSync(directory, { recursive: true, force: true })
})

async function guest(name: string, parts: Omit<Parameters<typeof commandModule>[0], 'text'>): Promise<string> {
  const file = path.join(directory, `${name}.wasm`)
  fs.writeFileSync(file, await componentFromWat(commandModule({ ...parts, text: textTable() })))
  return file
}

const mebibyte = 1 << 20

it('lists that all lie at the same place in memory are not copied beyond the size of that memory', async () => {
  const entries = 1000
  const file = await guest('overlapping', {
    imports: [importFunction('wasi:http/types#[static]fields.from-list', 'from_list', '(param i32 i32 i32)')],
    pages: 700,
    body: `(func $run (local $i i32) (local $at i32)
      (i32.store8 (i32.const 1024) (i32.const 97))
      (loop $more
        (local.set $at (i32.add (i32.const 65536) (i32.mul (local.get $i) (i32.const 16))))
        (i32.store (local.get $at) (i32.const 1024))
        (i32.store offset=4 (local.get $at) (i32.const 1))
        (i32.store offset=8 (local.get $at) (i32.const 131072))
        (i32.store offset=12 (local.get $at) (i32.const ${40 * mebibyte}))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $more (i32.lt_u (local.get $i) (i32.const ${entries}))))
      (call $from_list (i32.const 65536) (i32.const ${entries}) (i32.const 16)))`,
  })
  const before = process.memoryUsage.rss()
  const { exit } = await runtime.exec(file, { deadline: '30s' })
  expect(exit.class).toBe('resource')
  expect(exit.reason).toContain('in the arguments of one host call')
  expect(process.memoryUsage.rss() - before).toBeLessThan(1024 * mebibyte)
})

/** A path of so many bytes, which decode to two bytes a character. */
const longPath = (bytes: number) => ({
  imports: [
    importFunction('wasi:filesystem/preopens#get-directories', 'get_directories', '(param i32)'),
    importFunction('wasi:filesystem/types#[method]descriptor.unlink-file-at', 'unlink', '(param i32 i32 i32 i32)'),
  ],
  pages: 900,
  body: `(func $run
    (call $get_directories (i32.const 32))
    (memory.fill (i32.const 131072) (i32.const 97) (i32.const ${bytes}))
    (i32.store8 (i32.const 131072) (i32.const 0xc4))
    (i32.store8 (i32.const 131073) (i32.const 0x80))
    (call $unlink (i32.load (i32.load (i32.const 32))) (i32.const 131072) (i32.const ${bytes}) (i32.const 16))
    (call $print_number (i32.load8_u (i32.const 16))))`,
})

it('one text that is larger than the heap of the worker ends the guest, not the process', async () => {
  const { exit } = await runtime.exec(await guest('long-text', longPath(50 * mebibyte)), { deadline: '30s' })
  expect(exit.class).toBe('resource')
  expect(exit.reason).toContain('in the arguments of one host call')
})

it('a text that is merely too long for a path is an error of the call', async () => {
  const { exitCode, stdout } = await runtime.exec(await guest('long-path', longPath(mebibyte / 2)), { deadline: '30s' })
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '1' })
})

it('output that comes faster than it is consumed does not keep the deadline from falling due', async () => {
  const file = await guest('byte-by-byte', {
    body: `(func $run (local $stdout i32)
      (local.set $stdout (call $get_stdout))
      (loop $again (call $write_and_flush (local.get $stdout) (i32.const 1024) (i32.const 1) (i32.const 16)) (br $again)))`,
  })
  const busyMs = 0.1
  const untilMs = performance.now() + 60_000
  const consume = () => {
    // Beyond the patience of this test: let the guest go, so that the failure is one.
    if (performance.now() > untilMs) throw new Error('the deadline never came')
    const until = performance.now() + busyMs
    while (performance.now() < until);
  }
  const began = performance.now()
  const { exit } = await runtime.exec(file, { deadline: '500ms', stdout: consume })
  expect(exit.reason).toBe('deadline of 500 ms passed')
  expect(performance.now() - began).toBeLessThan(20_000)
})
