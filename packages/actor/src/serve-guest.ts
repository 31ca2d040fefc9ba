// Perimeter of the actor's worker thread: the one place where the powers of a guest are made out of Node's. Everything
// below it receives them as arguments. This thread holds no lock, no transaction and no pool: it may be killed at any
// instruction.
import { randomFillSync } from 'node:crypto'
import fs from 'node:fs'
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { HostPowers } from '@bulkhead/wasi'
import { closeCodeMakers } from './close-code-makers.js'
import { Ledger, type LedgerMemory } from './ledger.js'
import { LiftMeter, meterLifts } from './lift-meter.js'
import { PortPump } from './port-pump.js'
import type { Begin, FromWorker, ToWorker } from './protocol.js'
import { type GuestEnd, type GuestPowers, runGuest } from './run-guest.js'
import { lowerPriority, openThreadCpuMeter, ownThreadId, threadCpuMs } from './thread-usage.js'
import { warmUp } from './warm-up.js'

/** What an entry of another kind gives besides: where a test may hold a guest, and another way to record. */
export type GuestHooks = Pick<HostPowers, 'betweenCheckAndAct'> & Pick<GuestPowers, 'openAudit'>

/**
 * Makes this thread a place for one guest: compiles what it will need, waits for `begin`, runs the guest to its end.
 *
 * @param hooks the entry of an ordinary thread gives none.
 */
export function serveGuest(port: MessagePort, memory: LedgerMemory, hooks: GuestHooks = {}): void {
  const ledger = new Ledger(memory)
  ledger.threadId = ownThreadId()
  Error.stackTraceLimit = 64
  const post = (message: FromWorker): void => port.postMessage(message)

  port.once('message', (message: ToWorker) => {
    if (message.kind !== 'begin') return
    const cpuBeforeMs = threadCpuMs(ledger.threadId)
    const { outcome, leakedDescriptors } = run(message, port, ledger, hooks, () => post({ kind: 'ready' }))
    post({ kind: 'ended', outcome, cpuMs: threadCpuMs(ledger.threadId) - cpuBeforeMs, leakedDescriptors })
    port.close()
  })
  warmUp({ fs, fillRandom })
  closeCodeMakers()
}

function run(begin: Begin, port: MessagePort, ledger: Ledger, hooks: GuestHooks, ready: () => void): GuestEnd {
  const { memoryBytesMax } = begin.context.limits
  const lifts = new LiftMeter(memoryBytesMax)
  meterLifts(globalThis, lifts)
  const threadCpuNs = openThreadCpuMeter(ledger.threadId)
  return runGuest(begin, {
    ledger,
    lifts,
    fs,
    fillRandom,
    monotonicNs: () => process.hrtime.bigint() - begin.originNs,
    wallMs: Date.now,
    pump: new PortPump(() => receiveMessageOnPort(port)?.message as ToWorker | undefined),
    post: (event) => port.postMessage(event),
    postRemote: (claim) => port.postMessage(claim),
    yieldToHost: () => lowerPriority(ledger.threadId),
    ready,
    ...(threadCpuNs === undefined ? {} : { threadCpuNs }),
    ...hooks,
  })
}

function fillRandom(bytes: Uint8Array): void {
  randomFillSync(bytes)
}
