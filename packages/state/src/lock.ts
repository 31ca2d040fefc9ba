// One process at a time, safe against `kill -9` at any instant.
//
// The lock is a directory of generation files, `0`, `1`, `2`…, and the highest one decides: it names its holder, or says
// that the holder released it. To take the lock is to create the next number with link(2) from a complete file: exactly one
// of any number of contenders succeeds, and no reader ever sees half a file. Whether a holder lives is asked of the kernel
// (process-mark.ts): pid, start time, boot. Numbers only grow: a release rewrites the content and leaves the number used.
//
// Simpler designs that fail:
// - A pid file, replaced when its process is dead. Two contenders judge the same dead holder; the first replaces the file;
//   the second, which judged before that, replaces (or removes) the *first's* file. Both believe. Here the second would have
//   to create a number that exists.
// - Removing the file at release and creating `1` anew: the same race in slow motion, for a contender that was suspended
//   between looking and acting. Hence numbers that are never used again.
// - A heartbeat by modification time: a stopped process (SIGSTOP, a laptop's lid, a debugger) loses the lock and goes on
//   writing when it wakes. A late heartbeat is no proof of death.
// - An abstract Unix socket: it belongs to the network namespace, so two containers that share the directory both get it.
// - flock(2): right, but Node has no binding to it, and a native module for one call is a worse bargain.
//
// The one subtlety is clearing up. The holder removes lower numbers, so a contender that stalls between listing and linking
// may create a number far below the present one, after it was used and removed; and a listing that runs while names come
// and go may miss some. Hence, after linking n: list again, and believe only when nothing is higher *and* then the own file
// still stands. Proof: the highest file is never removed, so some h > n stood when that listing began. If the listing missed
// h, then h was removed during it, by a later holder, whose own listing came after our link and therefore held n; and removal
// goes upwards, so n went before h. Then the own file is gone.
import { randomBytes } from 'node:crypto'
import { linkSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { BulkheadError } from '@bulkhead/vocabulary'
import { replaceWhole, syncDirectory, temporaryName, writeNewFile } from './durable-file.js'
import { dyingPatienceMs, dyingPollMs, lockFileBytesMax, lockRoundsMax } from './limits.js'
import { askLiveness, type LivenessSocket, listenForLiveness } from './liveness-socket.js'
import { type Life, lifeOf, ownMark, type ProcessMark } from './process-mark.js'

/** How the holder before this one ended: with a release, without, or there was none. */
export type PreviousStop = 'clean' | 'unclean' | 'first'

export type Lock = {
  readonly previousStop: PreviousStop
  /** Lets go, and leaves word of how: what the next holder sees as its `previousStop`. */
  readonly release: (stop: PreviousStop) => Promise<void>
}

type Content =
  | { readonly state: 'held'; readonly nonce: string; readonly holder: ProcessMark }
  | { readonly state: 'released'; readonly stop: PreviousStop }

const GENERATION = /^(0|[1-9][0-9]{0,14})$/
const SOCKET = /\.sock$/

/**
 * Takes the lock in `directory`, the `lock` of a state directory, which exists and belongs to the caller.
 *
 * @throws {BulkheadError} `state-locked` when another process holds it, or may hold it; with pid and path.
 * @throws {BulkheadError} `store-corrupt` when a lock file is not one of ours.
 */
export async function acquireLock(directory: string): Promise<Lock> {
  const nonce = randomBytes(16).toString('hex')
  const own: Content = { state: 'held', nonce, holder: ownMark() }
  for (let round = 0; round < lockRoundsMax; round++) {
    const highest = generationsIn(directory).at(-1)
    if (highest === undefined) {
      publish(directory, 0, { state: 'released', stop: 'first' })
      continue
    }
    const content = readContent(directory, highest)
    if (content === undefined) continue
    if (content.state === 'held') await refuseUnlessDead(directory, highest, content, own.holder)
    const generation = highest + 1
    if (!publish(directory, generation, own)) continue
    if (isReallyOurs(directory, generation, nonce)) return await settleIn(directory, generation, nonce, content)
    removeIfOurs(directory, generation, nonce)
  }
  throw new BulkheadError('state-locked', `too many processes compete for \`${directory}\``, {
    details: { path: directory },
    hint: 'start one process for each state directory',
  })
}

async function settleIn(directory: string, generation: number, nonce: string, before: Content): Promise<Lock> {
  clearUp(directory, generation)
  const socket = await listenForLiveness(directory, socketName(nonce))
  return {
    previousStop: before.state === 'released' ? before.stop : 'unclean',
    release: (stop) => release(directory, generation, nonce, stop, socket),
  }
}

async function release(
  directory: string,
  generation: number,
  nonce: string,
  stop: PreviousStop,
  socket: LivenessSocket | undefined,
): Promise<void> {
  // Someone removed the lock by hand while we held it: then what stands there now is not ours to rewrite.
  if (isReallyOurs(directory, generation, nonce)) {
    replaceWhole(join(directory, String(generation)), encode({ state: 'released', stop }), directory)
  }
  await socket?.close()
}

async function refuseUnlessDead(
  directory: string,
  generation: number,
  content: Extract<Content, { state: 'held' }>,
  own: ProcessMark,
): Promise<void> {
  const seen = await lifeOnceDecided(content.holder, own)
  const life = seen === 'elsewhere' ? await askLiveness(directory, socketName(content.nonce)) : seen
  if (life === 'dead') return
  const { pid, hostname } = content.holder
  const lock = join(directory, String(generation))
  const path = dirname(directory)
  const where = hostname === own.hostname ? '' : ` on \`${hostname}\``
  const isOurs = life === 'alive' && pid === own.pid && where === ''
  const who = isOurs ? 'this process' : `process ${pid}${where}`
  throw new BulkheadError('state-locked', `${who} uses the state directory \`${path}\`${isOurs ? ' already' : ''}`, {
    details: { pid, hostname, path, lock, life },
    hint: isOurs
      ? 'each runtime has one of its own: stop the other runtime, or give this one another `state`'
      : life === 'alive'
        ? `stop process ${pid}, or use another state directory`
        : `it cannot be seen from here whether process ${pid} still runs; if it surely does not, remove \`${lock}\``,
  })
}

/** A holder that is being killed is neither refused for nor robbed: it is waited for, as long as that takes in good order. */
async function lifeOnceDecided(holder: ProcessMark, own: ProcessMark): Promise<Life> {
  let life = lifeOf(holder, own)
  for (let waitedMs = 0; life === 'dying' && waitedMs < dyingPatienceMs; waitedMs += dyingPollMs) {
    await setTimeout(dyingPollMs)
    life = lifeOf(holder, own)
  }
  return life
}

/** Creates a generation, whole, or answers false because it exists. */
function publish(directory: string, generation: number, content: Content): boolean {
  const temporary = join(directory, temporaryName())
  writeNewFile(temporary, encode(content))
  try {
    linkSync(temporary, join(directory, String(generation)))
    syncDirectory(directory)
    return true
  } catch (error) {
    // ENOENT: a new holder cleared our temporary file away; it moved first.
    if (isErrno(error, 'EEXIST') || isErrno(error, 'ENOENT')) return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}

function isReallyOurs(directory: string, generation: number, nonce: string): boolean {
  if (generationsIn(directory).some((other) => other > generation)) return false
  // Only now, after the listing: see the proof above.
  return isOurs(directory, generation, nonce)
}

function isOurs(directory: string, generation: number, nonce: string): boolean {
  const content = readContent(directory, generation)
  return content?.state === 'held' && content.nonce === nonce
}

function removeIfOurs(directory: string, generation: number, nonce: string): void {
  if (isOurs(directory, generation, nonce)) rmSync(join(directory, String(generation)), { force: true })
}

/** Removes what earlier holders and contenders left. Generations upwards: the proof above depends on it. */
function clearUp(directory: string, generation: number): void {
  for (const lower of generationsIn(directory)) {
    if (lower < generation) rmSync(join(directory, String(lower)), { force: true })
  }
  for (const name of readdirSync(directory)) {
    if (name.startsWith('.tmp-') || SOCKET.test(name)) rmSync(join(directory, name), { force: true })
  }
}

/** In ascending order. */
function generationsIn(directory: string): number[] {
  const numbers = readdirSync(directory).filter((name) => GENERATION.test(name))
  return numbers.map(Number).sort((a, b) => a - b)
}

/** A generation's content; `undefined` when it is gone. */
function readContent(directory: string, generation: number): Content | undefined {
  const path = join(directory, String(generation))
  try {
    const stat = lstatSync(path)
    if (!stat.isFile() || stat.size > lockFileBytesMax) throw foreign(path)
    return decode(readFileSync(path, 'utf8'), path)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

function encode(content: Content): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(content)}\n`)
}

function decode(text: string, path: string): Content {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw foreign(path)
  }
  if (!isRecord(value)) throw foreign(path)
  const { nonce, holder, stop } = value
  if (value['state'] === 'released' && (stop === 'clean' || stop === 'unclean' || stop === 'first')) {
    return { state: 'released', stop }
  }
  if (value['state'] !== 'held' || typeof nonce !== 'string' || !/^[0-9a-f]{32}$/.test(nonce)) throw foreign(path)
  if (!isRecord(holder) || !Number.isSafeInteger(holder['pid']) || typeof holder['hostname'] !== 'string') {
    throw foreign(path)
  }
  return { state: 'held', nonce, holder: markFrom(holder, Number(holder['pid']), holder['hostname']) }
}

function markFrom(holder: { readonly [name: string]: unknown }, pid: number, hostname: string): ProcessMark {
  const { startTicks, bootId, pidNamespace } = holder
  return {
    pid,
    hostname,
    ...(typeof startTicks === 'string' ? { startTicks } : {}),
    ...(typeof bootId === 'string' ? { bootId } : {}),
    ...(typeof pidNamespace === 'string' ? { pidNamespace } : {}),
  }
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null
}

function foreign(path: string): BulkheadError {
  return new BulkheadError('store-corrupt', `\`${path}\` is not a lock file of Bulkhead`, {
    details: { path },
    hint: 'if no process uses this state directory, remove the file',
  })
}

function socketName(nonce: string): string {
  return `${nonce}.sock`
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code
}
