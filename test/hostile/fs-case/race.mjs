// A race: a guest repeats one operation while somebody else moves the ground under it; first a second component, then the host.
import fs from 'node:fs'
import path from 'node:path'
import { command, loopOf } from '../../support/file-operator.mjs'
import { startHostMutator } from '../../support/host-mutator.mjs'
import { startOperator } from '../../support/operator-session.mjs'
import { Slots, translate } from './translate.mjs'
import { UnsupportedCase } from './unsupported.mjs'

/**
 * @typedef {import('../../support/host-mutator.mjs').Step} Step
 * @typedef {import('./translate.mjs').GuestOp} GuestOp
 * @typedef {{ runtime: import('bulkhead').Runtime, options: import('bulkhead').ExecOptions, root: string, boxMs: number }} Arena
 */

/** More rounds than fit in any time box: the clock ends a loop. */
const roundsMax = 10_000_000

/** @param {string[]} script */
export function isByHost(script) {
  return script.some((line) => line.includes('(by the host)'))
}

/**
 * `rename d->e`, `symlink ../out d`, `unlink d`, `write d/x TEXT`: relative to the directory in which the contested path lies.
 * @param {string[]} script @param {string} contested @param {string} root
 * @returns {Step[]}
 */
export function parseScript(script, contested, root) {
  const parsed = script.map((line) => {
    const [verb = '', ...rest] = line
      .replace(/\(by the host\)/, '')
      .trim()
      .split(/\s+/)
    const [first = '', second = ''] = rest.join(' ').split(/\s*->\s*|\s+/)
    return { verb, first, second }
  })
  const base = baseOf(contested, parsed[0]?.first ?? '', root)
  const at = (/** @type {string} */ name) => path.resolve(base, name.replaceAll('$T', root))
  return parsed.flatMap(({ verb, first, second }) => stepsOf({ verb, first, second }, at, root))
}

/**
 * @param {{ verb: string, first: string, second: string }} written
 * @param {(name: string) => string} at @param {string} root
 * @returns {Step[]}
 */
function stepsOf({ verb, first, second }, at, root) {
  switch (verb) {
    case 'rename':
    case 'link':
      return [{ verb, first: at(first), second: at(second) }]
    case 'exchange':
    case 'swap':
      return [
        { verb: 'rename', first: at(first), second: `${at(first)}.swap` },
        { verb: 'rename', first: at(second), second: at(first) },
        { verb: 'rename', first: `${at(first)}.swap`, second: at(second) },
      ]
    case 'symlink':
      return [{ verb, first: first.replaceAll('$T', root), second: at(second) }]
    case 'unlink':
    case 'mkdir':
    case 'rmdir':
      return [{ verb, first: at(first), second: '' }]
    case 'write':
      return [{ verb, first: at(first), second }]
    default:
      throw new UnsupportedCase(`step \`${verb}\` of a race is not known`)
  }
}

/** @param {string} contested @param {string} first @param {string} root */
function baseOf(contested, first, root) {
  if (path.isAbsolute(first) || first.startsWith('$T')) return '/'
  const segments = contested.split('/')
  const at = segments.indexOf(first.split('/')[0] ?? '')
  return at > 0 ? segments.slice(0, at).join('/') : path.join(root, 'box')
}

/** @param {Step} step */
function asCommand({ verb, first, second }) {
  switch (verb) {
    case 'rename':
      return [command.rename(first, second)]
    case 'link':
      return [command.link(first, second)]
    case 'symlink':
      return [command.symlink(first, second)]
    case 'unlink':
      return [command.unlink(first)]
    case 'mkdir':
      return [command.mkdir(first)]
    case 'rmdir':
      return [command.rmdir(first)]
    case 'write':
      return [
        command.open(first, 1, { write: true, create: true, truncate: true }),
        command.write(1, second),
        command.close(1),
      ]
  }
}

/** Every path below a directory, except below `moved`, which the race itself carries in and out. @param {string} directory @param {string[]} moved @returns {string[]} */
function listing(directory, moved) {
  if (!fs.existsSync(directory)) return []
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(directory, entry.name)
    if (moved.includes(at)) return []
    return entry.isDirectory() ? [at, ...listing(at, moved)] : [at]
  })
}

/** @param {GuestOp} a */
function loopBody(a) {
  const { frames } = translate(a, new Slots())
  // What makes something exclusively has to be undone, else only the first round races.
  const undo = (a.flags ?? []).some((flag) => flag === 'excl' || flag === 'exclusive')
    ? [command.unlink(String(a.path))]
    : a.op === 'mkdir'
      ? [command.rmdir(String(a.path))]
      : a.op === 'link' || a.op === 'symlink'
        ? [command.unlink(String(a.to ?? a.path))]
        : []
  return [...frames, ...undo]
}

/**
 * @param {GuestOp} op with `$T` replaced
 * @param {Arena} arena
 * @returns {Promise<{ ok: boolean, got: Record<string, unknown> }>}
 */
export async function runRace(op, { runtime, options, root, boxMs }) {
  const a = /** @type {GuestOp} */ (op['a'])
  const script = /** @type {string[]} */ (op['b'])
  const never = String(op.never ?? '')
  const steps = parseScript(script, String(a.path ?? a.from), root)
  const outside = /^file in (\S+)/.exec(never)?.[1]
  const watched = outside === undefined ? undefined : path.resolve(root, outside.replaceAll('$T', root))
  const carried = steps.map((step) => step.second).filter((at) => watched !== undefined && at.startsWith(watched))
  const before = watched === undefined ? [] : listing(watched, carried)
  const needle = outside === undefined ? never : ''
  const racer = startOperator(runtime, options)
  const loop = (/** @type {number} */ ms) => command.loop(loopBody(a), { rounds: roundsMax, milliseconds: ms, needle })
  const phases = []
  if (!isByHost(script)) {
    const rival = startOperator(runtime, options)
    const body = steps.flatMap(asCommand)
    const [mine, theirs] = await Promise.all([
      racer.send([loop(boxMs)], 1),
      rival.send([command.loop(body, { rounds: roundsMax, milliseconds: boxMs })], 1),
    ])
    await rival.end()
    phases.push({ against: 'component', ...loopOf(mine[0]), cycles: loopOf(theirs[0]).succeeded })
  }
  const mutator = startHostMutator(steps)
  const mine = await racer.send([loop(boxMs)], 1)
  const cycles = await mutator.stop()
  phases.push({ against: 'host', ...loopOf(mine[0]), cycles })
  const end = await racer.end()
  const leaked = phases.reduce((sum, phase) => sum + phase.leaked, 0)
  const appeared = watched === undefined ? [] : listing(watched, carried).filter((at) => !before.includes(at))
  const happened = phases.some((phase) => phase.succeeded > 0 && phase.cycles > 0)
  return {
    ok: leaked === 0 && appeared.length === 0 && happened && end.exitCode === 0,
    got: {
      phases,
      leaked,
      appeared,
      ...(happened ? {} : { problem: 'the race did not happen' }),
      exitCode: end.exitCode,
    },
  }
}
