// A worker thread that enters every function of one interface at each of the last depths of its stack, over and over, with
// the real guard, the real host functions, the real files and a real audit ring; its parent checks what is left behind.
import { randomFillSync } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { AuditRing } from '@bulkhead/audit/ring'
import { loadExecutable } from '@bulkhead/component/load'
import { createHost, GuestExit, Poisoned } from '@bulkhead/wasi'

/**
 * @typedef {{ executable: any, ring: any, context: any, root: string, functions: { name: string, stride: number, swept: boolean }[], originNs: bigint,
 *   depths: number }} SweepOrder
 * @typedef {'ok' | 'exit' | 'hostile' | 'exhausted' | 'inside' | 'unexpected'} Outcome `exhausted`: before anything was done; `inside`: half-way
 * @typedef {{ name: string, atTheTop: Outcome, deepest: number, outcomes: Record<Outcome, number>, surprises: string[],
 *   preparing: number, enteredAfterPoison: number, neverLeft: number }} FunctionSweep
 * @typedef {{ functions: FunctionSweep[], granted: number, denied: number, descriptorsLeft: number, filesLeft: string[] }} SweepReport
 */

const order = /** @type {SweepOrder} */ (workerData)
/** One instance serves this many clean runs, so that what a run returns and does not drop stays below the guest's limits. */
const runsPerInstance = 16
/** More than the guard takes for a function to be compiled. */
const callsUntilWarm = 6
const triesMax = 5
/** So many depths in a row without exhaustion end the sweep of a function. */
const cleanDepths = 3
/** Steps of the sweep that looks for the first call that gets through. */
const coldStride = 16
/** Runs before the first measurement: V8 has then compiled what is hot, and the stack reaches equally deep every time. */
const warmUpRuns = 16

const encoder = new AuditRing(order.ring, { clock: monotonicNs })
const instantiate = loadExecutable(order.executable)
/** What the guard last told its host: 0 outside of every host call. */
let entered = 0
/** Host calls that the guard has let in during this run. */
let admitted = 0
const totals = { granted: 0, denied: 0, descriptorsLeft: 0 }

function monotonicNs() {
  return process.hrtime.bigint() - order.originNs
}

const changesFiles = /write|splice|set-|create|remove|rename|link|unlink|symlink/

/** The files that the guest works on; what a run made or removed is put right again. */
function resetFiles() {
  const at = (/** @type {string} */ name) => path.join(order.root, name)
  fs.writeFileSync(at('file'), 'abcdef')
  fs.writeFileSync(at('from'), 'x')
  for (const name of ['made', 'empty', 'linked', 'to', 'another']) fs.rmSync(at(name), { recursive: true, force: true })
  fs.mkdirSync(at('empty'))
  if (!fs.existsSync(at('symlink'))) fs.symlinkSync('file', at('symlink'))
}

function newInstance() {
  /** @type {Uint8Array | undefined} */
  let input
  const host = createHost({
    context: order.context,
    appendAudit: (record) => encoder.append(record),
    observedVersion: () => order.context.policyVersion,
    takeNewestContext: () => undefined,
    publishEntered: (version) => {
      entered = version
      if (version !== 0) admitted++
    },
    stdin: {
      read: () => {
        const bytes = input
        input = undefined
        return bytes ?? 'closed'
      },
    },
    stdout: { capacity: () => 65_536, write: () => {}, flushed: () => true },
    stderr: { capacity: () => 65_536, write: () => {}, flushed: () => true },
    monotonicNs,
    wallMs: Date.now,
    fillRandom: (bytes) => void randomFillSync(bytes),
    wakeCount: () => 0,
    park: () => {},
    hostile: (kind, detail) => {
      throw new Poisoned(`${kind}: ${detail}`)
    },
    fs,
  })
  const exports = /** @type {any} */ (
    instantiate(host.imports, {
      onForgedHandle: (handle) => host.forgedHandle(`handle ${handle}`),
      onExit: (code) => {
        throw new GuestExit(code)
      },
    })
  )
  return {
    host,
    runs: 0,
    /** @param {number} which @param {number} depth @param {boolean} call */
    run(which, depth, call) {
      const bytes = Buffer.alloc(12)
      bytes.writeUInt32LE(which, 0)
      bytes.writeUInt32LE(depth, 4)
      bytes.writeUInt32LE(call ? 1 : 0, 8)
      input = new Uint8Array(bytes)
      exports.run.run()
    },
    close() {
      const { checksGranted, checksDenied } = host.close()
      totals.granted += checksGranted
      totals.denied += checksDenied
      totals.descriptorsLeft += host.openDescriptors()
    },
  }
}

/** @typedef {ReturnType<typeof newInstance>} Instance */
/** @type {Instance | undefined} */
let current

function endInstance() {
  current?.close()
  current = undefined
}

/** @param {unknown} thrown @returns {Outcome} */
function outcomeOf(thrown) {
  if (thrown instanceof GuestExit) return 'exit'
  if (thrown instanceof RangeError && /call stack/i.test(thrown.message)) return 'exhausted'
  // The glue, too, meets the end of the stack where it happens to be.
  if (thrown instanceof Error && /exited without resolution/.test(thrown.message)) return 'exhausted'
  // Some forgeries it refuses by itself, before the host is entered.
  if (thrown instanceof Error && /^invalid variant/.test(thrown.message)) return 'hostile'
  if (!(thrown instanceof Poisoned)) return 'unexpected'
  if (/^(forged-handle|type-violation)/.test(thrown.reason)) return 'hostile'
  return /call stack/i.test(thrown.reason) ? 'inside' : 'exhausted'
}

/**
 * @param {number} which @param {number} depth @param {boolean} call
 * @param {FunctionSweep} [sweep]
 * @param {boolean} [warm] whether a new instance first makes the same call where there is stack enough
 * @returns {Outcome}
 */
function attempt(which, depth, call, sweep, warm = false) {
  if (current !== undefined && current.runs >= runsPerInstance) endInstance()
  if (changesFiles.test(order.functions[which]?.name ?? '')) resetFiles()
  current ??= newInstance()
  if (warm && current.runs === 0) {
    try {
      while (current.runs < callsUntilWarm) current.run(which, current.runs++, true)
    } catch {
      endInstance() // A function that always ends its instance has no second call.
      current = newInstance()
    }
  }
  current.runs++
  entered = 0
  admitted = 0
  try {
    current.run(which, depth, call)
    return 'ok'
  } catch (thrown) {
    const seen = outcomeOf(thrown)
    // Let in and then at the end of the stack: the guard gave less than the call needed.
    const outcome = seen === 'exhausted' && sweep !== undefined && admitted > sweep.preparing ? 'inside' : seen
    if (outcome === 'unexpected' && sweep === undefined) throw thrown
    // A revocation waits until no host call of an older policy is going on: one that never says its end holds it up for ever.
    if (entered !== 0 && sweep !== undefined) sweep.neverLeft++
    if (outcome === 'unexpected')
      sweep?.surprises.push(`depth ${depth}: ${thrown instanceof Error ? thrown.stack : thrown}`)
    // A surprise inside the host must have poisoned the instance: nothing of it may be entered any more.
    if (thrown instanceof Poisoned && sweep !== undefined && answers(current)) sweep.enteredAfterPoison++
    endInstance()
    return outcome
  }
}

/** @param {Instance} instance whether a host function still does its work */
function answers(instance) {
  const clock = /** @type {any} */ (instance.host.imports['wasi:clocks/monotonic-clock'])
  try {
    clock.now()
    return true
  } catch {
    return false
  }
}

/** The last answer of `deepestDescent`: mostly it still holds. */
let deepestKnown = 1

/** The smallest depth at which the descent alone, without a call at its end, exhausts the stack. */
function deepestDescent() {
  const which = 0
  resetFiles()
  const holds = attempt(which, deepestKnown - 1, false) === 'ok' && attempt(which, deepestKnown, false) !== 'ok'
  if (!holds) deepestKnown = searchDeepest(which)
  return deepestKnown
}

/** @param {number} which */
function searchDeepest(which) {
  let low = 0
  let high = 64
  while (attempt(which, high, false) === 'ok') {
    low = high
    high *= 2
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (attempt(which, middle, false) === 'ok') low = middle
    else high = middle
  }
  return high
}

/** @param {{ name: string, stride: number }} fn @param {number} which @returns {FunctionSweep} */
function sweepFunction({ name, stride }, which) {
  resetFiles()
  /** @type {FunctionSweep} */
  const sweep = {
    name,
    atTheTop: 'unexpected',
    deepest: deepestDescent(),
    outcomes: { ok: 0, exit: 0, hostile: 0, exhausted: 0, inside: 0, unexpected: 0 },
    surprises: [],
    preparing: 0,
    enteredAfterPoison: 0,
    neverLeft: 0,
  }
  // A descent that never arrives tells how many host calls the guest makes before it.
  attempt(which, 2 * sweep.deepest, false)
  sweep.preparing = admitted
  // From the end upwards until calls get through: the first that does is also the first of this function in this thread,
  // and needs the most stack because V8 still has to compile it (which it refuses to do with less than 40 KiB left).
  let clean = 0
  for (let depth = sweep.deepest - 1; depth >= 0 && clean < cleanDepths; depth -= Math.max(stride, coldStride)) {
    const outcome = attempt(which, depth, true, sweep)
    sweep.outcomes[outcome]++
    clean = outcome === 'exhausted' || outcome === 'inside' ? 0 : clean + 1
  }
  // Once it is compiled the guard lets it nearer to the end.
  for (let run = 0; run < warmUpRuns; run++) attempt(which, 100, true)
  endInstance()
  // V8 may compile the descent anew at any time, to smaller frames: then the end is elsewhere, and is looked for again.
  let last
  for (let tries = 0; last !== 'exhausted' && tries < triesMax; tries++) {
    sweep.deepest = deepestDescent()
    for (let depth = sweep.deepest - order.depths; depth < sweep.deepest; depth += stride) {
      last = attempt(which, depth, true, sweep, true)
      sweep.outcomes[last]++
    }
  }
  sweep.atTheTop = attempt(which, 0, true, sweep)
  endInstance()
  return sweep
}

/** Host files below the root that this process still holds open. */
function filesHeld() {
  return fs.readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const target = fs.readlinkSync(`/proc/self/fd/${descriptor}`)
      return target.startsWith(order.root) ? [target] : []
    } catch {
      return []
    }
  })
}

resetFiles()
for (let run = 0; run < warmUpRuns; run++) attempt(0, 100, false)
const functions = order.functions.flatMap((fn, which) => (fn.swept ? [sweepFunction(fn, which)] : []))
encoder.flush()
/** @type {SweepReport} */
const report = { functions, ...totals, filesLeft: filesHeld() }
parentPort?.postMessage(report)
