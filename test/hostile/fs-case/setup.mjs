// The host's side of a case before the guest starts.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { UnsupportedCase } from './unsupported.mjs'

/** @typedef {{ op: string, path?: string, target?: string, [key: string]: unknown }} SetupStep */

/** @param {SetupStep} step */
export function contentOf(step) {
  if (typeof step['hex'] === 'string') return Buffer.from(step['hex'], 'hex')
  if (typeof step['base64'] === 'string') return Buffer.from(step['base64'], 'base64')
  if (step['data'] === undefined && typeof step['size'] === 'number') return Buffer.alloc(step['size'])
  return Buffer.from(String(step['data'] ?? ''))
}

/** @param {unknown} value `0644`, `0o644` or a number */
function modeOf(value) {
  return typeof value === 'string' ? Number.parseInt(value.replace(/^0o/, ''), 8) : Number(value)
}

/** @param {string} file */
async function listen(file) {
  const server = net.createServer()
  await /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => server.once('error', reject).listen(file, resolve))
  )
  server.unref()
  return () => server.close()
}

/** @param {string} from @param {string} to */
function moveHost(from, to) {
  fs.renameSync(from, to)
}

/** @type {Record<string, (step: SetupStep, at: string, other: string) => unknown>} */
const steps = {
  mkdir: (_, at) => fs.mkdirSync(at, { recursive: true }),
  write: (step, at) => {
    fs.mkdirSync(path.dirname(at), { recursive: true })
    fs.writeFileSync(at, contentOf(step))
    if (step['mode'] !== undefined) fs.chmodSync(at, modeOf(step['mode']))
  },
  symlink: (step, at) => fs.symlinkSync(String(step.target), at),
  link: (_, at, other) => fs.linkSync(other, at),
  fifo: (_, at) => execFileSync('mkfifo', [at]),
  socket: (_, at) => listen(at),
  device: (step, at) =>
    execFileSync('mknod', [at, 'c', String(step['major'] ?? 1), String(step['minor'] ?? 3)], { stdio: 'ignore' }),
  chmod: (step, at) => fs.chmodSync(at, modeOf(step['mode'])),
  rename: (_, at, other) => moveHost(other, at),
  unlink: (_, at) => fs.unlinkSync(at),
  rmdir: (_, at) => fs.rmdirSync(at),
  'set-size': (step, at) => fs.truncateSync(at, Number(step['size'] ?? 0)),
  'set-times': (step, at) => fs.utimesSync(at, Number(step['atime'] ?? 0), Number(step['mtime'] ?? 0)),
}

/** @type {Record<string, string>} */
const spellings = {
  hardlink: 'link',
  mkfifo: 'fifo',
  mksock: 'socket',
  'unix-socket': 'socket',
  mknod: 'device',
  'char-device': 'device',
  move: 'rename',
  truncate: 'set-size',
  utimes: 'set-times',
  file: 'write',
  dir: 'mkdir',
}

/**
 * Does one step on the host. Where a step has two paths, `from` (or the `target` of a hard link) is the one that exists.
 * @param {SetupStep} step with `$T` already replaced
 * @returns {Promise<(() => void) | undefined>} what undoes it, where the file system alone does not
 */
export async function applySetup(step) {
  const name = spellings[step.op] ?? step.op
  const run = steps[name]
  if (run === undefined) throw new UnsupportedCase(`setup operation \`${step.op}\` is not known`)
  const at = String(step.path ?? step['to'] ?? '')
  const other = String(step['from'] ?? step.target ?? '')
  const undo = await run(step, at, other)
  return typeof undo === 'function' ? /** @type {() => void} */ (undo) : undefined
}
