// One case: the host's setup, the guest's operations in a real actor, and what must hold on the host afterwards.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { command } from '../../support/file-operator.mjs'
import { startOperator } from '../../support/operator-session.mjs'
import { failuresAfter } from './after.mjs'
import { runRace } from './race.mjs'
import { applySetup } from './setup.mjs'
import { Slots, translate } from './translate.mjs'
import { UnsupportedCase } from './unsupported.mjs'

/**
 * @typedef {import('./translate.mjs').GuestOp} GuestOp
 * @typedef {{ id: string, title: string, class: string, setup: import('./setup.mjs').SetupStep[],
 *   grants: { pattern: string, access: string[] }[], deny?: { pattern: string, access: string[] }[], guestOps: GuestOp[],
 *   expect: string, after: Record<string, unknown>[], why: string, platform?: string, race?: boolean, [key: string]: unknown }} FsCase
 * @typedef {{ id: string, ok: boolean, got: unknown, want: unknown, skipped?: string }} CaseResult
 */

/** How long each side of a race runs. */
const raceBoxMs = 1500
/** An operation may take long (a hundred thousand opens); a case that takes longer hangs. */
const caseDeadline = '60s'

/** Wassette's meaning: `write` implies `create` and `delete`. @type {Record<string, string[]>} */
const actions = {
  read: ['read'],
  write: ['write', 'create', 'delete'],
  create: ['create'],
  delete: ['delete'],
  execute: ['execute'],
}

/** @param {{ pattern: string, access: string[] }[]} rules */
function asRules(rules) {
  return rules.flatMap(({ pattern, access }) =>
    access.flatMap((word) => {
      const granted = actions[word]
      if (granted === undefined) throw new UnsupportedCase(`access \`${word}\` is not known`)
      return granted.map((action) => `filesystem.${action}=${pattern}`)
    }),
  )
}

/** @param {unknown} value @param {string} root @returns {any} */
function withRoot(value, root) {
  if (typeof value === 'string') return value.replaceAll('$T', root)
  if (Array.isArray(value)) return value.map((each) => withRoot(each, root))
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withRoot(each, root)]))
  }
  return value
}

/** The actors of one case, one after the other: a restart starts the next with what the last one's handles were. */
class Instances {
  #runtime
  #options
  #slots = new Slots()
  /** Descriptor numbers by slot, as the guest was told them. @type {Map<number, number>} */
  #descriptors = new Map()
  #session

  /** @param {import('bulkhead').Runtime} runtime @param {import('bulkhead').ExecOptions} options */
  constructor(runtime, options) {
    this.#runtime = runtime
    this.#options = options
    this.#session = startOperator(runtime, options)
  }

  /** @param {GuestOp} op */
  async perform(op) {
    const { frames, opened } = translate(op, this.#slots)
    const answers = await this.#session.send(frames)
    const failed = answers.find((answer) => answer.errno !== 'success')
    const silent = answers.length < frames.length
    const descriptor = opened === undefined ? undefined : answers[opened]
    if (op.keep !== undefined && descriptor?.errno === 'success') {
      this.#descriptors.set(this.#slots.of(op.keep), Number(descriptor.fields[0]))
    }
    const bytes = answers.map(({ fields }) =>
      Buffer.from((fields[0] ?? '').replaceAll(',', '0a'), 'hex').toString('utf8'),
    )
    return {
      answered: !silent,
      errno: failed?.errno ?? (silent ? 'no answer' : 'success'),
      bytes: bytes.join('\n'),
      answers,
    }
  }

  /** The next instance uses the very numbers that the last one was given. */
  async restart() {
    await this.#session.end()
    this.#session = startOperator(this.#runtime, this.#options)
    const adopted = [...this.#descriptors].map(([slot, descriptor]) => command.adopt(slot, descriptor))
    return (await this.#session.send(adopted)).length === adopted.length
  }

  end() {
    return this.#session.end()
  }
}

/** @param {FsCase} one @param {GuestOp} op */
const wantOf = (one, op) => op.want ?? one.expect

/** @param {GuestOp} op @param {string} want @param {{ errno: string, answered: boolean, bytes: string }} outcome */
function judge(op, want, { errno, answered, bytes }) {
  const got = errno === 'success' ? 'allowed' : 'denied'
  if (!answered) return { ok: false, got: 'no answer' }
  if (typeof op.never === 'string' && bytes.includes(op.never)) return { ok: false, got: `leaked ${op.never}` }
  const reading = /^read/.test(op.op) && !/^read(dir|link)/.test(op.op)
  if (got === 'allowed' && reading && typeof op['data'] === 'string' && !bytes.includes(op['data'])) {
    return { ok: false, got: `read ${JSON.stringify(bytes.slice(0, 200))}` }
  }
  if (!['allowed', 'denied', 'any'].includes(want)) throw new UnsupportedCase(`want \`${want}\` is not known`)
  return { ok: want === 'any' || got === want, got }
}

/**
 * @param {FsCase} one
 * @param {import('bulkhead').Runtime} runtime
 * @param {{ raceMs?: number }} [options]
 * @returns {Promise<CaseResult>}
 */
export async function runCase(one, runtime, { raceMs = raceBoxMs } = {}) {
  const want = { ops: one.guestOps.map((op) => ({ op: op.op, want: wantOf(one, op) })), after: one.after }
  if (one.platform !== undefined && one.platform !== process.platform) {
    return { id: one.id, ok: true, got: 'skipped', want, skipped: `platform ${one.platform}` }
  }
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'bulkhead-case-')))
  /** @type {(() => void)[]} */
  const undo = []
  try {
    const { ok, got } = await play(withRoot(one, root), root, { runtime, undo, raceMs })
    return { id: one.id, ok, got: withoutRoot(got, root), want }
  } catch (error) {
    const problem = error instanceof UnsupportedCase ? `not supported by the runner: ${error.message}` : String(error)
    return { id: one.id, ok: false, got: { problem }, want }
  } finally {
    for (const each of undo) each()
    fs.rmSync(root, { recursive: true, force: true })
  }
}

/** @param {unknown} got @param {string} root */
function withoutRoot(got, root) {
  const text = JSON.stringify(got, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  return JSON.parse(text.replaceAll(root, '$T'))
}

/**
 * @param {FsCase} one with `$T` replaced
 * @param {string} root
 * @param {{ runtime: import('bulkhead').Runtime, undo: (() => void)[], raceMs: number }} world
 */
async function play(one, root, { runtime, undo, raceMs }) {
  for (const step of one.setup) {
    const each = await applySetup(step)
    if (each !== undefined) undo.push(each)
  }
  /** @type {import('bulkhead').ExecOptions} */
  const options = {
    mountOnly: { [root]: { host: root, mode: 'write' } },
    allow: asRules(one.grants),
    deny: asRules(one.deny ?? []),
    deadline: caseDeadline,
  }
  const ops = []
  /** @type {Instances | undefined} */
  let instances
  for (const op of one.guestOps) {
    if (op.op === 'race') {
      const { ok, got } = await runRace(op, { runtime, options, root, boxMs: raceMs })
      ops.push({ op: op.op, ok, got })
      continue
    }
    instances ??= new Instances(runtime, options)
    ops.push(await oneStep(one, op, instances))
  }
  const end = await instances?.end()
  const after = one.after.flatMap(failuresAfter)
  // A guest that ended otherwise than by itself did not do what the case is about.
  const ended = end === undefined || end.exitCode === 0
  return {
    ok: ops.every((each) => each.ok) && after.length === 0 && ended,
    got: { ops, after, ...(ended ? {} : { end: end.exit.reason }) },
  }
}

/** @param {FsCase} one @param {GuestOp} op @param {Instances} instances */
async function oneStep(one, op, instances) {
  if (op.op === 'restart-component') return { op: op.op, ok: await instances.restart(), got: 'restarted' }
  if (op.op.startsWith('host-') || op['by'] === 'host') {
    await applySetup({ ...op, op: op.op.replace(/^host-/, '') })
    return { op: op.op, ok: true, got: 'done by the host' }
  }
  const outcome = await instances.perform(op)
  return { op: op.op, ...judge(op, wantOf(one, op), outcome), errno: outcome.errno }
}
