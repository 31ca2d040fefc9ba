// Perimeter of the actor's worker thread: the one place where the powers of a guest are made out of Node's. Everything
// below it receives them as arguments. This thread holds no lock, no transaction and no pool: it may be killed at any
// instruction.
import { randomFillSync } from 'node:crypto'
import fs from 'node:fs'
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { CapabilityTable } from '@bulkhead/capability'
import { closeCodeMakers } from './close-code-makers.js'
import { Ledger, type LedgerMemory } from './ledger.js'
import { LiftMeter, meterLifts } from './lift-meter.js'
import type { Begin, FromWorker, ToWorker } from './protocol.js'
import { runGuest } from './run-guest.js'
import { lowerPriority, ownThreadId, threadCpuMs } from './thread-usage.js'
import { warmUp } from './warm-up.js'

if (parentPort === null) throw new Error('this file is the entry of a worker thread')
const port: MessagePort = parentPort
const ledger = new Ledger(workerData as LedgerMemory)

ledger.threadId = ownThreadId()
Error.stackTraceLimit = 64

port.once('message', (message: ToWorker) => {
  if (message.kind !== 'begin') return
  const cpuBeforeMs = threadCpuMs(ledger.threadId)
  const { outcome, leakedDescriptors } = run(message)
  post({ kind: 'ended', outcome, cpuMs: threadCpuMs(ledger.threadId) - cpuBeforeMs, leakedDescriptors })
  port.close()
})
warmUp({ fs, fillRandom })
closeCodeMakers()

function fillRandom(bytes: Uint8Array): void {
  randomFillSync(bytes)
}

function run(begin: Begin) {
  const lifts = new LiftMeter(begin.context.limits.memoryBytesMax)
  meterLifts(globalThis, lifts)
  return runGuest(begin, {
    ledger,
    lifts,
    fs,
    fillRandom,
    monotonicNs: () => process.hrtime.bigint() - begin.originNs,
    wallMs: Date.now,
    takeNewestTable,
    yieldToHost: () => lowerPriority(ledger.threadId),
    ready: () => post({ kind: 'ready' }),
  })
}

/** Drains the port: of several tables the newest counts. */
function takeNewestTable(): CapabilityTable | undefined {
  let newest: CapabilityTable | undefined
  for (;;) {
    const received = receiveMessageOnPort(port)
    if (received === undefined) return newest
    const message = received.message as ToWorker
    if (message.kind === 'table' && (newest === undefined || message.table.version >= newest.version)) {
      newest = message.table
    }
  }
}

function post(message: FromWorker): void {
  port.postMessage(message)
}
