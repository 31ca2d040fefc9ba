import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Journal, type RingTotals } from '@bulkhead/audit'
import { joinContext } from '@bulkhead/security-context'
import { type Clock, SimulatedClock, systemClock } from '@bulkhead/vocabulary'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Channel } from './channel.js'
import { ComponentActor } from './component-actor.js'
import { Ledger } from './ledger.js'
import type { FromWorker } from './protocol.js'

// The host's side of an actor, with real threads behind its channel. Real guests run in the tests of the runtime.

let journal: Journal
beforeAll(async () => {
  journal = await Journal.open({ directory: undefined })
})
afterAll(() => journal.close())

const context = joinContext({
  principal: 'component:test',
  componentId: 'test',
  policyVersion: 1,
  layers: [],
  operator: [],
  deny: [],
  forbidden: [],
  ownDirectories: [],
  mounts: [],
  args: [],
  environment: [],
  limits: {
    memoryBytesMax: 0,
    cpuPercent: 100,
    handlesMax: 0,
    pollablesMax: 0,
    randomBytesPerCallMax: 0,
    readBytesPerCallMax: 0,
  },
})

/** A channel to a thread that runs this script instead of a guest. */
function channelTo(script: string): Channel {
  const worker = new Worker(script, { eval: true, env: {} })
  const ledger = new Ledger()
  return {
    kind: 'shared',
    ledger,
    cpuMs: () => 0,
    wantsCpu: () => false,
    requestStop: () => ledger.requestStop(),
    endExchange: () => {},
    serviceWake: { buffer: ledger.memory, byteOffset: ledger.wakeOffset },
    giveService: () => {},
    post: (message) => worker.postMessage(message),
    begin: () => worker.postMessage('begin'),
    replaceContext: () => {},
    onMessage: (listener) => worker.on('message', (message: FromWorker) => listener(message)),
    exited: new Promise((resolve) => worker.once('exit', () => resolve({}))),
    terminate: () => void worker.terminate(),
  }
}

function start(
  channel: Channel,
  deadlineMs: number | undefined,
  clock: Clock = systemClock,
  release?: () => Promise<RingTotals>,
) {
  const identity = { component: 'test', incarnation: 1, trust: 'unknown', approval: 'approved', digest: 'sha256:0' }
  const ring = journal.attach(identity)
  const nothing = { glue: '', modules: {} }
  const spec = { executable: nothing, context, deadlineMs, stdin: undefined, stdout: () => {}, stderr: () => {} }
  return new ComponentActor(spec, {
    channel,
    ring,
    releaseRing: release ?? (() => journal.release(ring.id)),
    clock,
    originNs: 0n,
  })
}

const onBegin = (body: string): string =>
  `const { parentPort } = require('node:worker_threads'); parentPort.once('message', () => { ${body} })`
const sayReady = `parentPort.postMessage({ kind: 'ready' });`
const stay = 'setInterval(() => {}, 1000);'

test('a thread that ends without a word has crashed', async () => {
  const actor = start(channelTo(onBegin('process.exit(0)')), undefined)
  expect(await actor.exited).toMatchObject({ class: 'crash', reason: 'the worker ended without a word' })
})

test('a goodbye counts when the end was seen', async () => {
  const goodbye = `{ kind: 'ended', outcome: { kind: 'exited', code: 7 }, cpuMs: 1, leakedDescriptors: 0 }`
  const actor = start(
    channelTo(onBegin(`${sayReady} parentPort.postMessage(${goodbye}); parentPort.close()`)),
    undefined,
  )
  await actor.ready
  expect(await actor.exited).toMatchObject({ class: 'crash', exitCode: 7, commandExitCode: 7 })
})

test('a loop is ended at its deadline', async () => {
  const actor = start(channelTo(onBegin(`${sayReady} for (;;) {}`)), 100)
  expect(await actor.exited).toMatchObject({ class: 'resource', commandExitCode: 124 })
})

test('time in which the host owes progress does not run the deadline', async () => {
  const clock = new SimulatedClock()
  const channel = channelTo(onBegin(sayReady + stay))
  const actor = start(channel, 1_000, clock)
  await actor.ready
  clock.advance(1)
  channel.ledger.beginHostWait(clock.monotonicNs())
  clock.advance(60_000)
  channel.ledger.endHostWait(clock.monotonicNs())
  clock.advance(998)
  let ended = false
  void actor.exited.then(() => {
    ended = true
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(ended).toBe(false)
  clock.advance(2)
  expect(await actor.exited).toMatchObject({ class: 'resource', reason: 'deadline of 1 s passed' })
})

test('a thread that never gets ready is ended at the start deadline', async () => {
  const clock = new SimulatedClock()
  const actor = start(channelTo(onBegin('setInterval(() => {}, 1000)')), undefined, clock)
  clock.advance(10_000)
  expect(await actor.exited).toMatchObject({ class: 'resource', reason: 'not started within 10 s' })
})

test.runIf(process.platform === 'linux')(
  'a thread that cannot be ended is a zombie until its end was seen',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zombie-'))
    const fifo = join(folder, 'fifo')
    execFileSync('mkfifo', [fifo])
    // Opening a FIFO that nobody writes to blocks in the kernel, where no thread can be terminated.
    const stuck = `${sayReady} require('node:fs').openSync(${JSON.stringify(fifo)}, 'r')`
    const actor = start(channelTo(onBegin(stuck)), undefined)
    await actor.ready
    await new Promise((resolve) => setTimeout(resolve, 200)) // it says that it is ready right before it blocks
    let seen = false
    void actor.exited.then(() => {
      seen = true
    })
    expect(await actor.kill()).toBe('zombie')
    expect(seen).toBe(false)
    closeSync(openSync(fifo, 'r+'))
    expect(await actor.exited).toMatchObject({ class: 'shutdown' })
    rmSync(folder, { recursive: true })
  },
)

test('a deadline that does not end the thread declares it stuck', async () => {
  const clock = new SimulatedClock()
  const mortal = channelTo(onBegin(sayReady + stay))
  const actor = start({ ...mortal, terminate: () => {} }, 50, clock)
  await actor.ready
  clock.advance(50)
  clock.advance(1_000)
  await actor.stuck
  mortal.terminate()
  await actor.exited
})

test('an exit is reported also when the journal is gone', async () => {
  const channel = channelTo(onBegin(sayReady + stay))
  const actor = start(channel, undefined, systemClock, () => Promise.reject(new Error('gone')))
  await actor.ready
  await actor.kill()
  expect(await actor.exited).toMatchObject({ class: 'shutdown', usage: { checksGranted: 0 } })
})

test('an actor that is still inside an older call when the grace is over is stopped; one that cannot be is a zombie', async () => {
  for (const [kill, outcome] of [
    [true, 'stopped'],
    [false, 'zombie'],
  ] as const) {
    const channel = channelTo(onBegin(sayReady + stay))
    const actor = start(kill ? channel : { ...channel, terminate: () => {} }, undefined)
    await actor.ready
    channel.ledger.enteredVersion = 1
    actor.replaceContext({ policyVersion: 2, table: context.worker.table, neighbours: [] })
    expect(actor.entered()).toBe(1)
    expect(await actor.settleOn(2, 10)).toBe(outcome)
    if (!kill) await actor.stuck
    channel.terminate()
    expect(await actor.exited).toMatchObject({ class: 'host', commandExitCode: 137 })
  }
})

test('one that is in no host call is left alone', async () => {
  const actor = start(channelTo(onBegin(sayReady + stay)), undefined)
  await actor.ready
  expect(await actor.settleOn(2)).toBe('left')
  await actor.kill()
  await actor.exited
})
