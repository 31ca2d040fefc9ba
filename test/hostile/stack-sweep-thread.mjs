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
 * @typedef {{ executable: any, ring: any, context: any, root: string, functions: string[], originNs: bigint,
 *   depths: number, stride: number }} SweepOrder
 * @typedef {'ok' | 'exit' | 'hostile' | 'exhausted' | 'unexpected'} Outcome
 * @typedef {{ name: string, atTheTop: Outcome, deepest: number, outcomes: Record<Outcome, number>, surprises: string[],
 *   enteredAfterPoison: number }} FunctionSweep
 * @typedef {{ functions: FunctionSweep[], granted: number, denied: number, descriptorsLeft: number, filesLeft: string[] }} SweepReport
 */

const order = /** @type {SweepOrder} */ (workerData)
/** One instance serves this many clean runs, so that what a run returns and does not drop stays below the guest's limits. */
const runsPerInstance = 16
/** Runs before the first measurement: V8 has then compiled what is hot, and the stack reaches equally deep every time. */
const warmUpRuns = 16

const encoder = new AuditRing(order.ring, { clock: monotonicNs, recordsPerSecond: 1_000_000_000 })
const instantiate = loadExecutable(order.executable)
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
    takeNewestTable: () => undefined,
    publishEntered: () => {},
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
  if (thrown instanceof Poisoned) return /^(forged-handle|type-violation)/.test(thrown.reason) ? 'hostile' : 'exhausted'
  return 'unexpected'
}

/** @param {number} which @param {number} depth @param {boolean} call @param {FunctionSweep} [sweep] @returns {Outcome} */
function attempt(which, depth, call, sweep) {
  if (current !== undefined && current.runs >= runsPerInstance) endInstance()
  if (changesFiles.test(order.functions[which] ?? '')) resetFiles()
  current ??= newInstance()
  current.runs++
  try {
    current.run(which, depth, call)
    return 'ok'
  } catch (thrown) {
    const outcome = outcomeOf(thrown)
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

/** The smallest depth at which the descent alone, without a call at its end, exhausts the stack. */
function deepestDescent() {
  const which = 0
  for (let run = 0; run < warmUpRuns; run++) attempt(which, 100, false)
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

/** @param {string} name @param {number} which @returns {FunctionSweep} */
function sweepFunction(name, which) {
  for (let run = 0; run < warmUpRuns; run++) attempt(which, 100, true)
  /** @type {FunctionSweep} */
  const sweep = {
    name,
    atTheTop: attempt(which, 0, true),
    deepest,
    outcomes: { ok: 0, exit: 0, hostile: 0, exhausted: 0, unexpected: 0 },
    surprises: [],
    enteredAfterPoison: 0,
  }
  // An honest call is tried at every depth; one that can only be refused as forged takes a new instance each time.
  const stride = sweep.atTheTop === 'hostile' ? order.stride : 1
  for (let depth = Math.max(0, deepest - order.depths); depth < deepest; depth += stride) {
    sweep.outcomes[attempt(which, depth, true, sweep)]++
  }
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
const deepest = deepestDescent()
const functions = order.functions.map(sweepFunction)
encoder.flush()
/** @type {SweepReport} */
const report = { functions, ...totals, filesLeft: filesHeld() }
parentPort?.postMessage(report)
