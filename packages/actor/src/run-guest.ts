// One guest, from its link to its end, inside the worker. Pure of ambient powers: they come in.

import { AuditRing } from '@bulkhead/audit/ring'
import { type AccessRecord, Fault } from '@bulkhead/vocabulary'
import { createHost, type GuestHost, type HostPowers, Poisoned } from '@bulkhead/wasi'
import { CallServer } from './calls/call-server.js'
import { enterGuest } from './enter-guest.js'
import { messageOf, outcomeOfThrown } from './guest-outcome.js'
import { HttpRequests } from './http/http-requests.js'
import type { Ledger } from './ledger.js'
import { shutDown } from './lifecycle/guest-lifecycle.js'
import { HealthRounds } from './lifecycle/health-rounds.js'
import type { LiftMeter } from './lift-meter.js'
import { parkMsMax, sampleCalls } from './limits.js'
import { laneLogSink } from './log-lines.js'
import type { LifecycleEvent, MessageEvent } from './message-protocol.js'
import { dispatcher } from './messages/dispatch.js'
import type { GuestHandlers } from './messages/guest-handlers.js'
import { GuestMessages } from './messages/guest-messages.js'
import { MessageServer } from './messages/serve-messages.js'
import { Stopping, StopRequested } from './messages/stopping.js'
import type { PortPump } from './port-pump.js'
import { RemoteMessages } from './process/remote-messages.js'
import type { RemoteClaim } from './process/remote-protocol.js'
import type { Begin, GuestOutcome } from './protocol.js'
import { GuestServices } from './services/guest-services.js'
import type { ServiceWanted } from './services/service-protocol.js'
import { emptySource, laneSink, laneSource } from './stdio.js'

export type GuestPowers = Pick<
  HostPowers,
  'fs' | 'fillRandom' | 'monotonicNs' | 'wallMs' | 'threadCpuNs' | 'betweenCheckAndAct'
> & {
  readonly ledger: Ledger
  /** Takes in what the host posts. */
  readonly pump: PortPump
  /** Tells the host something about messages, or which service the guest wants. */
  readonly post: (event: MessageEvent | LifecycleEvent | ServiceWanted) => void
  /** The same for a guest whose messages a host in another process sends and receives. */
  readonly postRemote: (claim: RemoteClaim) => void
  /** A way to record other than the ring of `begin`. */
  readonly openAudit?: (begin: Begin) => GuestAudit
  /** Bounds what the glue copies for the arguments of one call. */
  readonly lifts: LiftMeter
  /** Called before the first instruction of the guest: from then on the thread yields to the host's own. */
  readonly yieldToHost: () => void
  /** Called when everything is linked, right before the guest's own code is entered by its entry point. */
  readonly ready: () => void
}

/**
 * Where decisions are recorded: when `append` returns, the record outlives the thread. Where it is strict, a granted decision
 * is on the disk by then, or `append` has answered `false`.
 */
export type GuestAudit = {
  readonly isStrict: boolean
  /** Whether it is strict and nothing can be recorded now. */
  readonly isStalled: boolean
  readonly append: (record: AccessRecord) => boolean
  readonly flush: () => void
}

export type GuestEnd = { readonly outcome: GuestOutcome; readonly leakedDescriptors: number }

/** Runs the guest to its end. Never throws; every way of ending is an outcome. */
export function runGuest(begin: Begin, powers: GuestPowers): GuestEnd {
  const { ledger } = powers
  const memories: WebAssembly.Memory[] = []
  let host: GuestHost | undefined
  const sample = (): void => {
    let bytes = 0
    for (const memory of memories) bytes += memory.buffer.byteLength
    ledger.memoryBytes = bytes
    if (host === undefined) return
    ledger.counters = host.counters()
    ledger.handlesOpen = host.openDescriptors()
  }
  const ring = powers.openAudit?.(begin) ?? openRing(begin.ring, powers)
  const stopping = new Stopping(ledger, powers.monotonicNs)
  let entered = false
  const ready = (): void => {
    entered = true
    powers.ready()
  }
  let outcome: GuestOutcome
  try {
    const messages = openMessages(begin, powers, stopping, sample)
    host = createHost(hostPowers(begin, powers, { ring, sample, stopping, messages }))
    outcome = enterGuest(begin.executable, {
      host,
      yieldToHost: powers.yieldToHost,
      onMemory: (memory) => memories.push(memory),
      ready,
      functions: (begin.messages ?? begin.remote)?.functions ?? [],
      serve: serverOf(begin, host, messages, powers, stopping, sample),
    })
  } catch (thrown) {
    outcome = outcomeOfThrown(thrown, ledger.stopping, entered)
  }
  let leakedDescriptors = 0
  try {
    host?.close()
    leakedDescriptors = host?.openDescriptors() ?? 0
    ring.flush()
  } catch (thrown) {
    if (outcome.kind === 'returned') outcome = { kind: 'poisoned', message: messageOf(thrown) }
  }
  sample()
  return { outcome, leakedDescriptors }
}

function openRing(memory: Begin['ring'], { ledger, monotonicNs }: GuestPowers): AuditRing {
  if (memory === undefined) throw new Fault('internal', 'the thread has no way to record what it decides')
  return new AuditRing(memory, {
    clock: monotonicNs,
    onWait: (waiting) => {
      if (waiting) ledger.beginHostWait(monotonicNs())
      else ledger.endHostWait(monotonicNs())
    },
  })
}

/** How the guest's thread sleeps: until the host wakes it, the instant has come, or it has slept long enough in one go. */
function parkOn({ ledger, monotonicNs }: GuestPowers, stopping: Stopping, sample: () => void): HostPowers['park'] {
  return (seen, untilNs) => {
    const leftMs = stopping.waitLeftMs()
    if (leftMs <= 0) throw new StopRequested()
    sample()
    const timeoutMs = untilNs === undefined ? parkMsMax : Number(untilNs - monotonicNs()) / 1e6
    if (timeoutMs > 0) ledger.park(seen, Math.min(timeoutMs, leftMs, parkMsMax))
  }
}

function openMessages(
  begin: Begin,
  powers: GuestPowers,
  stopping: Stopping,
  sample: () => void,
): GuestMessages | RemoteMessages | undefined {
  const { ledger, pump, post, fillRandom, monotonicNs: now } = powers
  const park = parkOn(powers, stopping, sample)
  if (begin.remote !== undefined) {
    return new RemoteMessages(begin.remote, { ledger, pump, now, park, post: powers.postRemote })
  }
  if (begin.messages === undefined) return undefined
  return new GuestMessages(begin.messages, { ledger, pump, post, fillRandom, now, stopping, park, sleep })
}

const never = new Int32Array(new SharedArrayBuffer(4))

function sleep(ms: number): void {
  Atomics.wait(never, 0, 0, ms)
}

/** Serves what lies in the mailbox; `undefined` for a guest that has none. */
function serverOf(
  { messages: local, remote, http: lanes }: Begin,
  host: GuestHost,
  messages: GuestMessages | RemoteMessages | undefined,
  powers: GuestPowers,
  stopping: Stopping,
  sample: () => void,
): ((handlers: GuestHandlers) => 'stopped' | 'done') | undefined {
  if (messages?.mailbox === undefined) return undefined
  const { ledger, post, monotonicNs: now, lifts } = powers
  const messagesMax = (local ?? remote)?.messagesMax
  const begin = (): void => lifts.reset()
  const waiting = { wakeCount: () => ledger.wakeCount(), park: parkOn(powers, stopping, sample) }
  return (handlers) => {
    const { message, http: handle, functions, lifecycle } = handlers
    const everyMs = (local ?? remote)?.healthEveryMs
    const health = new HealthRounds(lifecycle, { host, stopping, now, begin, post, everyMs })
    const powersOf = { host, messages, ledger, now, post, stopping, messagesMax, begin, sample, health }
    const calls = new CallServer(functions, host, (answer) => post({ kind: 'call-answered', answer }))
    const http = handle && lanes && new HttpRequests(handle, lanes, { host, ...waiting })
    const end = new MessageServer(dispatcher({ message, http, calls }), powersOf).run()
    if (messages instanceof RemoteMessages) messages.giveBack()
    shutDown(lifecycle, { host, stopping, begin, post })
    return end
  }
}

/** What came together for one guest before its host functions are made. */
type Parts = {
  readonly ring: GuestAudit
  readonly sample: () => void
  readonly stopping: Stopping
  readonly messages: GuestMessages | RemoteMessages | undefined
}

function hostPowers(begin: Begin, powers: GuestPowers, parts: Parts): HostPowers {
  const { ledger, threadCpuNs, betweenCheckAndAct } = powers
  const { ring, sample, stopping, messages } = parts
  let calls = 0
  const park = parkOn(powers, stopping, sample)
  const { pump, post, monotonicNs: now } = powers
  const services = new GuestServices({ ledger, pump, post, now, park })
  return {
    context: begin.context,
    fs: powers.fs,
    fillRandom: powers.fillRandom,
    monotonicNs: powers.monotonicNs,
    wallMs: powers.wallMs,
    stdin: begin.stdin === undefined ? emptySource : laneSource(begin.stdin),
    stdout: laneSink(begin.stdout),
    stderr: laneSink(begin.stderr),
    logs: laneLogSink(begin.logs),
    ...(begin.secrets === undefined ? {} : { secrets: begin.secrets }),
    appendAudit: (record) => ring.append(record),
    auditStalled: ring.isStrict ? () => ring.isStalled : undefined,
    observedVersion: () => ledger.observedVersion,
    takeNewestContext: () => powers.pump.takeNewestContext(),
    publishEntered: (version) => {
      ledger.enteredVersion = version
      if (version === 0) return
      powers.lifts.reset()
      if (stopping.endsCalls()) throw new StopRequested()
      if (calls++ % sampleCalls === 0) sample()
    },
    wakeCount: () => ledger.wakeCount(),
    park,
    openService: (name) => services.open(name),
    ...(messages === undefined ? {} : { messages: messages.powers }),
    hostile: (kind, detail) => {
      ledger.hostility = kind
      throw new Poisoned(`${kind}: ${detail}`)
    },
    ...(threadCpuNs === undefined ? {} : { threadCpuNs: () => countedReading(ledger, threadCpuNs) }),
    ...(betweenCheckAndAct === undefined ? {} : { betweenCheckAndAct }),
  }
}

/** That the guest came by is what the host looks for before it stops one for its use of the processor. */
function countedReading(ledger: Ledger, threadCpuNs: () => bigint): bigint {
  ledger.countCpuReading()
  return threadCpuNs()
}
