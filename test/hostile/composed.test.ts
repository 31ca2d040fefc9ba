import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forgeryNames } from '../guests/programs.mjs'
import { composedGuest } from '../support/composed-guest.mjs'
import { command, decodeAnswers } from '../support/file-operator.mjs'
import { createTestRuntime } from '../support/test-runtime.mjs'

// The same guests as elsewhere, each as a part of another component: what holds for a program holds for the parts of one.

type Runtime = Awaited<ReturnType<typeof createTestRuntime>>
let runtime: Runtime
let folder: string

beforeAll(async () => {
  runtime = await createTestRuntime()
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'bulkhead-composed-')))
  fs.mkdirSync(path.join(folder, 'data'))
  fs.writeFileSync(path.join(folder, 'data', 'open'), 'open to all')
  fs.writeFileSync(path.join(folder, 'data', 'closed'), 'closed')
})
afterAll(async () => {
  await runtime.stop()
  fs.rmSync(folder, { recursive: true, force: true })
})

type Options = Parameters<Runtime['exec']>[1]
const run = async (name: string, options: Options = {}) =>
  runtime.exec(await composedGuest(name, folder), { deadline: '20s', ...options })

const mounts = () => ({ '/data': { host: path.join(folder, 'data'), mode: 'read' as const } })

describe('a program inside another component', () => {
  it('prints and returns', async () => {
    const { exitCode, stdout, denied } = await run('hello')
    expect([exitCode, stdout, denied]).toEqual([0, 'hello\n', []])
  })

  it.each([
    ['a component', 'exit-code', undefined],
    ['a preview1 module', 'file-operator', command.exit(33)],
  ])('exits with exactly its own code: %s', async (_kind, name, stdin) => {
    const { exitCode, exit } = await run(name, stdin === undefined ? {} : { stdin: new Uint8Array(stdin) })
    expect([exitCode, exit.class]).toEqual([33, 'crash'])
  })

  it('is reported with its own words and named frames when it fails', async () => {
    const { exit, exitCode, stderr } = await run('trap')
    expect([exitCode, exit.class, stderr]).toEqual([134, 'crash', 'about to fail on purpose\n'])
    expect(JSON.stringify(exit.error)).toContain('the_failing_function')
  })

  it('is killed at its deadline when it loops', async () => {
    const { exitCode, exit } = await run('spin', { deadline: '300ms' })
    expect([exitCode, exit.class]).toEqual([124, 'resource'])
  })

  it('gets the memory it was given and no page more', async () => {
    const { exitCode, stdout } = await run('memory-hog', { memory: '4MiB' })
    expect([exitCode, stdout]).toEqual([0, `${64 - 4} pages\n`])
  })

  it('reads what it may read, and nothing beside it', async () => {
    const { stdout, denied } = await run('file-operator', {
      mounts: mounts(),
      deny: ['filesystem.read=/data/closed'],
      stdin: Buffer.concat([command.open('/data/open', 0), command.readAll(0), command.open('/data/closed', 1)]),
    })
    expect(decodeAnswers(stdout).map(({ errno }) => errno)).toEqual(['success', 'success', 'acces'])
    expect(stdout).toContain(Buffer.from('open to all').toString('hex'))
    expect(denied.map(({ kind, resource }) => [kind, resource])).toEqual([['filesystem', '/data/closed']])
  })

  it.each(forgeryNames)('is ended for a handle that it was never given: %s', async (name) => {
    const { exit, stdout } = await run(`forged-handle-${name}`, { mounts: mounts() })
    expect([stdout, exit.class, exit.hostility]).toEqual(['honest so far\n', 'security', 'forged-handle'])
  })

  it('is served with its own handle', async () => {
    const { exitCode, stdout } = await run('forged-handle-honest', { mounts: mounts() })
    expect([exitCode, stdout]).toEqual([0, 'honest so far\nthe host went along\n'])
  })
})

/** One part gets a timer of the host and gives it to the other, which waits for it, and then does what the test says. */
const twoParts = (then: string): string => `(component
  (type $poll-type (instance
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (import "wasi:io/poll@0.2.12" (instance $poll (type $poll-type)))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.12" (instance $clock
    (alias outer 1 $pollable (type $outer))
    (export "pollable" (type $own (eq $outer)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $own))))))
  (component $giver
    (import "pollable" (type $pollable (sub resource)))
    (import "subscribe" (func $subscribe (param "when" u64) (result (own $pollable))))
    (core func $lowered (canon lower (func $subscribe)))
    (core module $m
      (import "" "subscribe" (func $subscribe (param i64) (result i32)))
      (func (export "soon") (result i32) (call $subscribe (i64.const 1000))))
    (core instance $i (instantiate $m (with "" (instance (export "subscribe" (func $lowered))))))
    (func (export "soon") (result (own $pollable)) (canon lift (core func $i "soon"))))
  (component $taker
    (import "pollable" (type $pollable (sub resource)))
    (import "block" (func $block (param "self" (borrow $pollable))))
    (import "soon" (func $soon (result (own $pollable))))
    (core func $block' (canon lower (func $block)))
    (core func $soon' (canon lower (func $soon)))
    (core func $drop (canon resource.drop $pollable))
    (core module $m
      (import "" "block" (func $block (param i32)))
      (import "" "soon" (func $soon (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "run") (result i32)
        (local $timer i32)
        (local.set $timer (call $soon))
        (call $block (local.get $timer))
        ${then}
        (i32.const 0)))
    (core instance $i (instantiate $m (with "" (instance
      (export "block" (func $block')) (export "soon" (func $soon')) (export "drop" (func $drop))))))
    (func (export "run") (result (result)) (canon lift (core func $i "run"))))
  (instance $a (instantiate $giver
    (with "pollable" (type $pollable)) (with "subscribe" (func $clock "subscribe-duration"))))
  (instance $b (instantiate $taker (with "pollable" (type $pollable))
    (with "block" (func $poll "[method]pollable.block")) (with "soon" (func $a "soon"))))
  (instance $run (export "run" (func $b "run")))
  (export "wasi:cli/run@0.2.12" (instance $run)))`

describe('a handle of the host that one part gives to another', () => {
  const runParts = async (name: string, then: string) => {
    const file = path.join(folder, `${name}.wasm`)
    fs.writeFileSync(file, await parse(twoParts(then)))
    return runtime.exec(file, { deadline: '20s' })
  }

  it('is as good as one of its own', async () => {
    const { exitCode, exit } = await runParts('two-parts', '(call $drop (local.get $timer))')
    expect([exitCode, exit.class]).toEqual([0, 'normal'])
  })

  it.each([
    ['is gone when it has been dropped', '(call $drop (local.get $timer)) (call $block (local.get $timer))'],
    ['is the only one that it was given', '(call $block (i32.add (local.get $timer) (i32.const 1)))'],
  ])('%s', async (name, then) => {
    const { exit } = await runParts(name.replaceAll(' ', '-'), then)
    expect([exit.class, exit.hostility]).toEqual(['security', 'forged-handle'])
  })
})
