// From an operation of a case to the commands of the file operator.
import { command, fromRoot } from '../../support/file-operator.mjs'
import { contentOf } from './setup.mjs'
import { UnsupportedCase } from './unsupported.mjs'

/**
 * @typedef {{ op: string, path?: string, from?: string, to?: string, target?: string, handle?: string, keep?: string,
 *   flags?: string[], want?: string, never?: string, [key: string]: unknown }} GuestOp
 * @typedef {{ frames: Buffer[], opened?: number }} Commands `opened`: which answer tells the descriptor kept by `keep`
 */

/** Where a descriptor lives that no name keeps. */
const passing = 1
const firstNamed = 16

/** The slots of one instance: names to numbers. */
export class Slots {
  /** @type {Map<string, number>} */
  #named = new Map()

  /** @param {string} name */
  of(name) {
    const known = this.#named.get(name)
    if (known !== undefined) return known
    const slot = firstNamed + this.#named.size
    this.#named.set(name, slot)
    return slot
  }

  /** @returns {Iterable<[string, number]>} */
  entries() {
    return this.#named.entries()
  }
}

const openFlags = /** @type {Record<string, import('../../support/file-operator.mjs').OpenOptions>} */ ({
  read: { read: true },
  write: { write: true },
  create: { create: true },
  creat: { create: true },
  truncate: { truncate: true },
  trunc: { truncate: true },
  excl: { exclusive: true },
  exclusive: { exclusive: true },
  append: { append: true },
  directory: { directory: true },
  nofollow: { follow: false },
  follow: { follow: true },
  nonblock: { nonblock: true },
  sync: { sync: true },
  dsync: { dsync: true },
  rsync: { rsync: true },
})

const fdFlagBits = /** @type {Record<string, number>} */ ({ append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 })

/** @param {GuestOp} op @param {string[]} [byDefault] */
function optionsOf(op, byDefault = []) {
  return Object.assign(
    {},
    ...(op.flags ?? byDefault).map((flag) => {
      const option = openFlags[flag]
      if (option === undefined) throw new UnsupportedCase(`flag \`${flag}\` of \`${op.op}\` is not known`)
      return option
    }),
  )
}

/** @param {GuestOp} op */
const followed = (op) => !(op.flags ?? []).includes('nofollow')
/** @param {GuestOp} op */
const linkFollowed = (op) => (op.flags ?? []).includes('follow')
/** @param {unknown} value */
const wide = (value) => (typeof value === 'bigint' ? value : BigInt(Math.trunc(Number(value ?? 0))))

/** @param {GuestOp} op */
function timesOf(op) {
  /** @type {import('../../support/file-operator.mjs').Times} */
  const times = {}
  const modified = op['mtime'] ?? op['modified']
  const accessed = op['atime'] ?? op['accessed']
  if (modified !== undefined) times.modified = modified === 'now' ? 'now' : wide(modified) * 1_000_000_000n
  if (accessed !== undefined) times.accessed = accessed === 'now' ? 'now' : wide(accessed) * 1_000_000_000n
  return modified === undefined && accessed === undefined ? { modified: 1_000_000_000n } : times
}

/**
 * What each operation does with a path (from `base`, which is the root unless the case names a handle).
 * @type {Record<string, (op: GuestOp, base: number, slots: Slots) => Commands>}
 */
const onPath = {
  read: (op, base) => opening(op, base, optionsOf(op), (slot) => [command.readAll(slot)], { read: true }),
  write: (op, base) =>
    opening(
      op,
      base,
      optionsOf(op, ['create', 'truncate']),
      (slot) => [command.write(slot, contentOf(asContent(op)))],
      {
        write: true,
      },
    ),
  append: (op, base) =>
    opening(op, base, optionsOf(op), (slot) => [command.write(slot, contentOf(asContent(op)))], {
      write: true,
      append: true,
    }),
  open: (op, base, slots) => {
    const slot = op.keep === undefined ? passing : slots.of(op.keep)
    const opened = command.open(pathOf(op), slot, { ...optionsOf(op), base })
    return op.keep === undefined ? { frames: [opened, command.close(slot)] } : { frames: [opened], opened: 0 }
  },
  'open-many': (op, base) => ({
    frames: [command.openMany(pathOf(op), Number(op['count'] ?? 1000), { ...optionsOf(op), base })],
  }),
  stat: (op, base) => ({ frames: [command.stat(pathOf(op), { base, follow: followed(op) })] }),
  lstat: (op, base) => ({ frames: [command.stat(pathOf(op), { base, follow: false })] }),
  readlink: (op, base) => ({ frames: [command.readlink(pathOf(op), base)] }),
  unlink: (op, base) => ({ frames: [command.unlink(pathOf(op), base)] }),
  mkdir: (op, base) => ({ frames: [command.mkdir(pathOf(op), base)] }),
  rmdir: (op, base) => ({ frames: [command.rmdir(pathOf(op), base)] }),
  symlink: (op, base) => ({ frames: [command.symlink(String(op.target), String(op.path ?? op.to), base)] }),
  rename: (op, base, slots) => ({
    frames: [command.rename(String(op.from), String(op.to), { base, toBase: toBase(op, base, slots) })],
  }),
  link: (op, base, slots) => ({
    frames: [
      command.link(String(op.from ?? op.target), String(op.to ?? op.path), {
        base,
        toBase: toBase(op, base, slots),
        follow: linkFollowed(op),
      }),
    ],
  }),
  'set-size': (op, base) =>
    opening(op, base, optionsOf(op), (slot) => [command.setSize(slot, wide(op['size']))], { write: true }),
  'set-times': (op, base) => ({ frames: [command.setTimes(pathOf(op), timesOf(op), { base, follow: followed(op) })] }),
  readdir: (op, base) =>
    opening(op, base, optionsOf(op), (slot) => [command.readdir(slot, paging(op))], { directory: true, readdir: true }),
  seek: (op, base) =>
    opening(op, base, optionsOf(op), (slot) => [command.seek(slot, wide(op['offset']), whenceOf(op))], {}),
  fdstat: (op, base) => opening(op, base, optionsOf(op), (slot) => [command.fdstat(slot)], {}),
  allocate: (op, base) =>
    opening(op, base, optionsOf(op), (slot) => [command.allocate(slot, wide(op['offset']), wide(op['size']))], {
      write: true,
    }),
}

/**
 * What each operation does with an open handle itself.
 * @type {Record<string, (op: GuestOp, slot: number, slots: Slots) => Commands>}
 */
const onHandle = {
  read: (op, slot) => ({
    frames: [
      op['offset'] === undefined
        ? command.readAll(slot)
        : command.readAt(slot, wide(op['offset']), Number(op['size'] ?? 65_536)),
    ],
  }),
  write: (op, slot) => ({
    frames: [
      op['offset'] === undefined
        ? command.write(slot, contentOf(asContent(op)))
        : command.writeAt(slot, wide(op['offset']), contentOf(asContent(op))),
    ],
  }),
  stat: (_, slot) => ({ frames: [command.statHandle(slot)] }),
  'set-size': (op, slot) => ({ frames: [command.setSize(slot, wide(op['size']))] }),
  'set-times': (op, slot) => ({ frames: [command.setTimesHandle(slot, timesOf(op))] }),
  readdir: (op, slot) => ({ frames: [command.readdir(slot, paging(op))] }),
  seek: (op, slot) => ({ frames: [command.seek(slot, wide(op['offset']), whenceOf(op))] }),
  fdstat: (_, slot) => ({ frames: [command.fdstat(slot)] }),
  'set-flags': (op, slot) => ({
    frames: [
      command.setFlags(
        slot,
        (op.flags ?? []).reduce((bits, flag) => bits | (fdFlagBits[flag] ?? 0), 0),
      ),
    ],
  }),
  sync: (_, slot) => ({ frames: [command.sync(slot)] }),
  datasync: (_, slot) => ({ frames: [command.datasync(slot)] }),
  advise: (op, slot) => ({ frames: [command.advise(slot, wide(op['offset']), wide(op['size']))] }),
  allocate: (op, slot) => ({ frames: [command.allocate(slot, wide(op['offset']), wide(op['size']))] }),
  renumber: (op, slot, slots) => ({ frames: [command.renumber(slot, slots.of(String(op.to)))] }),
  close: (_, slot) => ({ frames: [command.close(slot)] }),
}

/** Other words for the same operations. @type {Record<string, string>} */
const spellings = {
  list: 'readdir',
  'read-directory': 'readdir',
  'readdir-paging': 'readdir',
  'read-dir': 'readdir',
  'create-directory': 'mkdir',
  'remove-directory': 'rmdir',
  remove: 'unlink',
  delete: 'unlink',
  'unlink-file': 'unlink',
  hardlink: 'link',
  'hard-link': 'link',
  truncate: 'set-size',
  ftruncate: 'set-size',
  utimes: 'set-times',
  touch: 'set-times',
  chtimes: 'set-times',
  exists: 'stat',
  access: 'stat',
  metadata: 'stat',
  'metadata-hash': 'stat',
  'sync-data': 'datasync',
  fsync: 'sync',
  fdatasync: 'datasync',
  'get-flags': 'fdstat',
  'fd-flags': 'fdstat',
  'set-fd-flags': 'set-flags',
  'drop-handle': 'close',
  drop: 'close',
}

/** @param {GuestOp} op */
function pathOf(op) {
  return String(op.path ?? op.from ?? '')
}

/** @param {GuestOp} op @returns {import('./setup.mjs').SetupStep} */
function asContent({ target: _, ...op }) {
  return op
}

/** @param {GuestOp} op */
function paging(op) {
  return { pageBytes: Number(op['page'] ?? op['pageBytes'] ?? (op.op.includes('paging') ? 64 : 0)) }
}

/** @param {GuestOp} op @returns {'set' | 'current' | 'end'} */
function whenceOf(op) {
  const whence = op['whence'] ?? 'set'
  return whence === 'end' ? 'end' : whence === 'cur' || whence === 'current' ? 'current' : 'set'
}

/** @param {GuestOp} op @param {number} base @param {Slots} slots */
function toBase(op, base, slots) {
  const name = op['toHandle'] ?? op['newHandle']
  return name === undefined ? base : slots.of(String(name))
}

/**
 * @param {GuestOp} op @param {number} base
 * @param {import('../../support/file-operator.mjs').OpenOptions} flags what the case asks for
 * @param {(slot: number) => Buffer[]} body
 * @param {import('../../support/file-operator.mjs').OpenOptions} needed what the operation needs to be itself
 * @returns {Commands}
 */
function opening(op, base, flags, body, needed) {
  const opened = command.open(pathOf(op), passing, { ...flags, ...needed, base })
  return { frames: [opened, ...body(passing), command.close(passing)] }
}

/**
 * @param {GuestOp} op with `$T` replaced
 * @param {Slots} slots
 * @returns {Commands}
 */
export function translate(op, slots) {
  const word = op.op.replace(/-(handle|at)$/, '')
  const name = spellings[op.op] ?? spellings[word] ?? word
  const holdsPath = op.path !== undefined || op.from !== undefined || op.target !== undefined
  if (op.handle !== undefined && !holdsPath) {
    const run = onHandle[name]
    if (run !== undefined) return run(op, slots.of(op.handle), slots)
  } else {
    const run = onPath[name]
    if (run !== undefined) return run(op, op.handle === undefined ? fromRoot : slots.of(op.handle), slots)
  }
  throw new UnsupportedCase(`guest operation \`${op.op}\` is not known`)
}
