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

/**
 * One part makes timers of the host and does with them what the test says; the other, which is lent or given them, waits for
 * a timer (`wait`), or hands it back (`pass`).
 */
const twoParts = (body: string): string => `(component
  (type $poll-type (instance
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (import "wasi:io/poll@0.2.12" (instance $poll (type $poll-type)))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.12" (instance $clock
    (alias outer 1 $pollable (type $outer))
    (export "pollable" (type $own (eq $outer)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $own))))))
  (component $waiter
    (import "pollable" (type $pollable (sub resource)))
    (import "block" (func $block (param "self" (borrow $pollable))))
    (core func $block' (canon lower (func $block)))
    (core func $drop (canon resource.drop $pollable))
    (core module $m
      (import "" "block" (func $block (param i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "wait") (param i32) (call $block (local.get 0)) (call $drop (local.get 0)))
      (func (export "pass") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m (with "" (instance (export "block" (func $block')) (export "drop" (func $drop))))))
    (func (export "wait") (param "timer" (borrow $pollable)) (canon lift (core func $i "wait")))
    (func (export "pass") (param "timer" (own $pollable)) (result (own $pollable)) (canon lift (core func $i "pass"))))
  (component $maker
    (import "pollable" (type $pollable (sub resource)))
    (import "subscribe" (func $subscribe (param "when" u64) (result (own $pollable))))
    (import "block" (func $block (param "self" (borrow $pollable))))
    (import "wait" (func $wait (param "timer" (borrow $pollable))))
    (import "pass" (func $pass (param "timer" (own $pollable)) (result (own $pollable))))
    (core func $subscribe' (canon lower (func $subscribe)))
    (core func $block' (canon lower (func $block)))
    (core func $wait' (canon lower (func $wait)))
    (core func $pass' (canon lower (func $pass)))
    (core func $drop (canon resource.drop $pollable))
    (core module $m
      (import "" "subscribe" (func $subscribe (param i64) (result i32)))
      (import "" "block" (func $block (param i32)))
      (import "" "wait" (func $wait (param i32)))
      (import "" "pass" (func $pass (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func $timer (result i32) (call $subscribe (i64.const 1000)))
      (func (export "run") (result i32)
        (local $timer i32)
        (local.set $timer (call $timer))
        ${body}
        (i32.const 0)))
    (core instance $i (instantiate $m (with "" (instance
      (export "subscribe" (func $subscribe')) (export "block" (func $block')) (export "wait" (func $wait'))
      (export "pass" (func $pass')) (export "drop" (func $drop))))))
    (func (export "run") (result (result)) (canon lift (core func $i "run"))))
  (instance $a (instantiate $waiter (with "pollable" (type $pollable)) (with "block" (func $poll "[method]pollable.block"))))
  (instance $b (instantiate $maker
    (with "pollable" (type $pollable)) (with "subscribe" (func $clock "subscribe-duration"))
    (with "block" (func $poll "[method]pollable.block")) (with "wait" (func $a "wait")) (with "pass" (func $a "pass"))))
  (instance $run (export "run" (func $b "run")))
  (export "wasi:cli/run@0.2.12" (instance $run)))`

describe('a handle of the host between two parts', () => {
  const runParts = async (name: string, body: string) => {
    const file = path.join(folder, `${name.replaceAll(/\W/g, '-')}.wasm`)
    fs.writeFileSync(file, await parse(twoParts(body)))
    return runtime.exec(file, { deadline: '20s' })
  }
  const pass = '(local.set $timer (call $pass (local.get $timer)))'
  const drop = '(call $drop (local.get $timer))'
  const wait = '(call $wait (local.get $timer))'

  it.each([
    ['used where it was made', `(call $block (local.get $timer)) ${drop}`],
    ['lent', `${wait} ${wait} ${drop}`],
    ['given and given back', `${pass} (call $block (local.get $timer)) ${drop}`],
    ['given, given back and lent', `${pass} ${wait} ${drop}`],
    ['one of several', `(drop (call $timer)) (local.set $timer (call $timer)) ${pass} ${wait} ${pass} ${wait} ${drop}`],
  ])('is as good as one of its own: %s', async (name, body) => {
    const { exitCode, exit } = await runParts(name, body)
    expect([exitCode, exit.class, exit.error?.message]).toEqual([0, 'normal', undefined])
  })

  it.each([
    ['used after it was dropped', `${drop} (call $block (local.get $timer))`],
    ['used, of the next number', '(call $block (i32.add (local.get $timer) (i32.const 1)))'],
    ['lent after it was dropped', `${drop} ${wait}`],
    ['lent after it was given away', `(drop (call $pass (local.get $timer))) ${drop} ${wait}`],
    ['lent and never made', '(call $wait (i32.const 7))'],
    ['lent, of the number 0', '(call $wait (i32.const 0))'],
    ['given and never made', '(drop (call $pass (i32.const 7)))'],
    ['given, of a negative number', '(drop (call $pass (i32.const -1)))'],
    ['dropped twice', `${drop} ${drop}`],
    ['dropped and never made', '(call $drop (i32.const 7))'],
  ])('ends the component when it is made up: %s', async (name, body) => {
    const { exit } = await runParts(name, body)
    expect([exit.class, exit.hostility]).toEqual(['security', 'forged-handle'])
  })
})
