// One guest, from its link to its end, inside the worker. Pure of ambient powers: they come in.

import { AuditRing } from '@bulkhead/audit/ring'
import { loadExecutable } from '@bulkhead/component/load'
import { type AccessRecord, BulkheadError, Fault, wireFromUnknown } from '@bulkhead/vocabulary'
import {
  createHost,
  GuestExit,
  type GuestHost,
  GuestMisuse,
  type HostPowers,
  Poisoned,
  ResourceExceeded,
} from '@bulkhead/wasi'
import type { Ledger } from './ledger.js'
import type { LiftMeter } from './lift-meter.js'
import { sampleCalls, trapFramesMax } from './limits.js'
import type { Begin, GuestOutcome } from './protocol.js'
import { emptySource, laneSink, laneSource } from './stdio.js'
import { trapFrames } from './trap-frames.js'

export type GuestPowers = Pick<
  HostPowers,
  'fs' | 'fillRandom' | 'monotonicNs' | 'wallMs' | 'takeNewestContext' | 'threadCpuNs' | 'betweenCheckAndAct'
> & {
  readonly ledger: Ledger
  /** A way to record other than the ring of `begin`. */
  readonly audit?: GuestAudit
  /** Bounds what the glue copies for the arguments of one call. */
  readonly lifts: LiftMeter
  /** Called before the first instruction of the guest: from then on the thread yields to the host's own. */
  readonly yieldToHost: () => void
  /** Called when everything is linked, right before the guest's own code is entered by its entry point. */
  readonly ready: () => void
}

/** Where decisions are recorded: when `append` returns, the record outlives the thread. */
export type GuestAudit = { readonly append: (record: AccessRecord) => void; readonly flush: () => void }

export type GuestEnd = { readonly outcome: GuestOutcome; readonly leakedDescriptors: number }

/** Longest that a park lasts: a bound against a lost wake-up, which would be our fault. */
const parkMsMax = 1_000

/** The host asked for an orderly stop and the guest was at a host call: its stack unwinds here. */
class StopRequested extends Error {}

/** Runs the guest to its end. Never throws; every way of ending is an outcome. */
export function runGuest(begin: Begin, powers: GuestPowers): GuestEnd {
  const { ledger } = powers
  const memories: WebAssembly.Memory[] = []
  let host: GuestHost | undefined
  const sample = (): void => {
    let bytes = 0
    for (const memory of memories) bytes += memory.buffer.byteLength
    ledger.memoryBytes = bytes
    if (host !== undefined) ledger.counters = host.counters()
  }
  const ring = powers.audit ?? openRing(begin.ring, powers)
  let entered = false
  const ready = (): void => {
    entered = true
    powers.ready()
  }
  let outcome: GuestOutcome
  try {
    host = createHost(hostPowers(begin, powers, ring, sample))
    outcome = enter(begin, { ...powers, ready }, host, memories)
  } catch (thrown) {
    outcome = outcomeOfThrown(thrown, ledger, entered)
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

function enter(begin: Begin, powers: GuestPowers, host: GuestHost, memories: WebAssembly.Memory[]): GuestOutcome {
  const instantiate = loadExecutable(begin.executable)
  powers.yieldToHost()
  const exports = instantiate(host.imports, {
    onExit: (code) => {
      throw new GuestExit(code)
    },
    onMemory: (memory) => memories.push(memory),
  })
  const entry = exports['run'] as { run?: () => unknown } | undefined
  if (typeof entry?.run !== 'function') {
    throw new BulkheadError('not-yet', 'this component has no `wasi:cli/run` to start', {
      hint: 'this version starts command components: build it with an entry point (`main`)',
    })
  }
  powers.ready()
  const result = entry.run() as { tag?: string } | undefined
  return { kind: 'returned', ok: result?.tag !== 'err' }
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

function outcomeOfThrown(thrown: unknown, ledger: Ledger, entered: boolean): GuestOutcome {
  if (thrown instanceof GuestExit) return { kind: 'exited', code: thrown.code & 0xff }
  if (ledger.stopping) return { kind: 'stopped' }
  if (thrown instanceof ResourceExceeded) return { kind: 'exceeded', message: thrown.message }
  if (thrown instanceof GuestMisuse) return { kind: 'trapped', message: thrown.message, frames: [] }
  if (thrown instanceof Poisoned) return { kind: 'poisoned', message: thrown.message }
  if (thrown instanceof WebAssembly.RuntimeError) {
    return { kind: 'trapped', message: thrown.message, frames: trapFrames(thrown.stack ?? '', trapFramesMax) }
  }
  if (thrown instanceof RangeError && /call stack/i.test(thrown.message)) {
    return { kind: 'trapped', message: 'call stack exhausted', frames: trapFrames(thrown.stack ?? '', trapFramesMax) }
  }
  if (isComponentError(thrown)) return { kind: 'returned', ok: false }
  // A guest that exhausts the stack makes the glue throw whatever it was at: after the entry that is the guest's doing.
  if (entered) return { kind: 'trapped', message: messageOf(thrown), frames: [] }
  return { kind: 'unstartable', error: wireFromUnknown(thrown) }
}

/** `run` returned `err`: the glue throws its (absent) payload wrapped in a class of its own. */
function isComponentError(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.constructor.name === 'ComponentError'
}

function hostPowers(begin: Begin, powers: GuestPowers, ring: GuestAudit, sample: () => void): HostPowers {
  const { ledger, threadCpuNs, betweenCheckAndAct } = powers
  let calls = 0
  return {
    context: begin.context,
    fs: powers.fs,
    fillRandom: powers.fillRandom,
    monotonicNs: powers.monotonicNs,
    wallMs: powers.wallMs,
    stdin: begin.stdin === undefined ? emptySource : laneSource(begin.stdin),
    stdout: laneSink(begin.stdout),
    stderr: laneSink(begin.stderr),
    appendAudit: (record) => ring.append(record),
    observedVersion: () => ledger.observedVersion,
    takeNewestContext: powers.takeNewestContext,
    publishEntered: (version) => {
      ledger.enteredVersion = version
      if (version === 0) return
      powers.lifts.reset()
      if (ledger.stopping) throw new StopRequested('the host asked for a stop')
      if (calls++ % sampleCalls === 0) sample()
    },
    wakeCount: () => ledger.wakeCount(),
    park: (seen, untilNs) => {
      if (ledger.stopping) throw new StopRequested('the host asked for a stop')
      sample()
      const timeoutMs = untilNs === undefined ? parkMsMax : Number(untilNs - powers.monotonicNs()) / 1e6
      if (timeoutMs > 0) ledger.park(seen, Math.min(timeoutMs, parkMsMax))
    },
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

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
