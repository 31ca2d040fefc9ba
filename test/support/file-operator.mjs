// Encodes commands for the guest in test/guests/file-operator and decodes its answers; the two change together.
import { fileURLToPath } from 'node:url'
import { errnoName } from './errno.mjs'

export const fileOperatorFile = fileURLToPath(new URL('../guests/build/file-operator.wasm', import.meta.url))

/** Slot -1: the path is taken from the preopened directories. */
export const fromRoot = -1

/**
 * @typedef {string | Uint8Array} Bytes A path or content; a string is sent as UTF-8, NUL and all.
 * @typedef {{ errno: string, fields: string[] }} Answer
 * @typedef {{ base?: number, read?: boolean, write?: boolean, readdir?: boolean, create?: boolean, directory?: boolean,
 *   exclusive?: boolean, truncate?: boolean, append?: boolean, dsync?: boolean, nonblock?: boolean, rsync?: boolean,
 *   sync?: boolean, follow?: boolean }} OpenOptions Without `read` and `write`, reading is asked for, as libc does.
 */

/**
 * @param {number} operation
 * @param {{ flags?: number, slot?: number, a?: bigint | number, b?: bigint | number, one?: Bytes, two?: Bytes }} [fields]
 */
function frame(operation, { flags = 0, slot = fromRoot, a = 0, b = 0, one = '', two = '' } = {}) {
  const first = Buffer.from(one)
  const second = Buffer.from(two)
  const head = Buffer.alloc(33)
  head.writeUInt32LE(33 - 4 + first.length + 4 + second.length, 0)
  head.writeUInt8(operation, 4)
  head.writeUInt32LE(flags >>> 0, 5)
  head.writeInt32LE(slot, 9)
  head.writeBigUInt64LE(BigInt.asUintN(64, BigInt(a)), 13)
  head.writeBigUInt64LE(BigInt.asUintN(64, BigInt(b)), 21)
  head.writeUInt32LE(first.length, 29)
  const middle = Buffer.alloc(4)
  middle.writeUInt32LE(second.length, 0)
  return Buffer.concat([head, first, middle, second])
}

/** @param {OpenOptions} options */
function openFlags(options) {
  const { read, write, readdir } = options
  const bits = [
    [options.create, 1],
    [options.directory, 2],
    [options.exclusive, 4],
    [options.truncate, 8],
    [options.append, 1 << 8],
    [options.dsync, 2 << 8],
    [options.nonblock, 4 << 8],
    [options.rsync, 8 << 8],
    [options.sync, 16 << 8],
    [options.follow !== false, 1 << 16],
    [read || !write, 1 << 17],
    [write, 1 << 18],
    [readdir, 1 << 19],
  ]
  return bits.reduce((all, [set, bit]) => (set ? all | Number(bit) : all), 0)
}

/** @param {boolean} follow */
const followBit = (follow) => (follow ? 1 : 0)

const timeFlags = { accessed: 1, accessedNow: 2, modified: 4, modifiedNow: 8 }

/**
 * @typedef {{ accessed?: bigint | 'now', modified?: bigint | 'now' }} Times Nanoseconds since the epoch.
 * @param {Times} times
 */
function timeFields({ accessed, modified }) {
  let set = 0
  if (accessed !== undefined) set |= accessed === 'now' ? timeFlags.accessedNow : timeFlags.accessed
  if (modified !== undefined) set |= modified === 'now' ? timeFlags.modifiedNow : timeFlags.modified
  return { set, a: typeof accessed === 'bigint' ? accessed : 0n, b: typeof modified === 'bigint' ? modified : 0n }
}

/** One encoder a command; each gives the frame that the guest reads and answers with one line. */
export const command = {
  /** @param {Bytes} path @param {number} slot where the descriptor is kept @param {OpenOptions} [options] */
  open: (path, slot, options = {}) =>
    frame(1, { one: path, a: slot, slot: options.base ?? fromRoot, flags: openFlags(options) }),
  /** @param {number} slot @param {number} [bytesMax] */
  readAll: (slot, bytesMax = 0) => frame(2, { slot, a: bytesMax }),
  /** @param {number} slot @param {Bytes} content */
  write: (slot, content) => frame(3, { slot, one: content }),
  /** @param {number} slot */
  close: (slot) => frame(4, { slot }),
  /** @param {Bytes} path @param {{ base?: number, follow?: boolean }} [options] */
  stat: (path, { base = fromRoot, follow = true } = {}) =>
    frame(5, { one: path, slot: base, flags: followBit(follow) }),
  /** @param {number} slot */
  statHandle: (slot) => frame(6, { slot }),
  /** @param {Bytes} path @param {number} [base] */
  readlink: (path, base = fromRoot) => frame(7, { one: path, slot: base }),
  /** @param {Bytes} path @param {number} [base] */
  unlink: (path, base = fromRoot) => frame(8, { one: path, slot: base }),
  /** @param {Bytes} path @param {number} [base] */
  mkdir: (path, base = fromRoot) => frame(9, { one: path, slot: base }),
  /** @param {Bytes} path @param {number} [base] */
  rmdir: (path, base = fromRoot) => frame(10, { one: path, slot: base }),
  /** @param {Bytes} from @param {Bytes} to @param {{ base?: number, toBase?: number }} [options] */
  rename: (from, to, { base = fromRoot, toBase = base } = {}) =>
    frame(11, { one: from, two: to, slot: base, a: toBase }),
  /** @param {Bytes} target @param {Bytes} path @param {number} [base] */
  symlink: (target, path, base = fromRoot) => frame(12, { one: target, two: path, slot: base }),
  /** @param {Bytes} from @param {Bytes} to @param {{ base?: number, toBase?: number, follow?: boolean }} [options] */
  link: (from, to, { base = fromRoot, toBase = base, follow = false } = {}) =>
    frame(13, { one: from, two: to, slot: base, a: toBase, flags: followBit(follow) }),
  /** @param {number} slot @param {bigint | number} size */
  setSize: (slot, size) => frame(14, { slot, a: size }),
  /** @param {Bytes} path @param {Times} times @param {{ base?: number, follow?: boolean }} [options] */
  setTimes: (path, times, { base = fromRoot, follow = true } = {}) => {
    const { set, a, b } = timeFields(times)
    return frame(15, { one: path, slot: base, a, b, flags: followBit(follow) | (set << 8) })
  },
  /** @param {number} slot @param {Times} times */
  setTimesHandle: (slot, times) => {
    const { set, a, b } = timeFields(times)
    return frame(16, { slot, a, b, flags: set << 8 })
  },
  /** @param {number} slot @param {{ pageBytes?: number, pagesMax?: number }} [options] */
  readdir: (slot, { pageBytes = 0, pagesMax = 0 } = {}) => frame(17, { slot, a: pageBytes, b: pagesMax }),
  /** @param {number} slot @param {bigint | number} offset @param {'set' | 'current' | 'end'} [whence] */
  seek: (slot, offset, whence = 'set') => frame(18, { slot, a: offset, b: ['set', 'current', 'end'].indexOf(whence) }),
  /** @param {number} slot */
  fdstat: (slot) => frame(19, { slot }),
  /** @param {number} slot @param {number} flags preview1 fdflags: append 1, dsync 2, nonblock 4, rsync 8, sync 16 */
  setFlags: (slot, flags) => frame(20, { slot, flags }),
  /** @param {number} slot @param {bigint | number} offset @param {bigint | number} length @param {number} [advice] */
  advise: (slot, offset, length, advice = 0) => frame(21, { slot, a: offset, b: length, flags: advice }),
  /** @param {number} slot @param {bigint | number} offset @param {bigint | number} length */
  allocate: (slot, offset, length) => frame(22, { slot, a: offset, b: length }),
  /** @param {number} slot */
  sync: (slot) => frame(23, { slot }),
  /** @param {number} slot */
  datasync: (slot) => frame(24, { slot }),
  /** @param {number} slot @param {number} toSlot */
  renumber: (slot, toSlot) => frame(25, { slot, a: toSlot }),
  /** @param {number} slot @param {bigint | number} offset @param {number} bytesMax */
  readAt: (slot, offset, bytesMax) => frame(26, { slot, a: bytesMax, b: offset }),
  /** @param {number} slot @param {bigint | number} offset @param {Bytes} content */
  writeAt: (slot, offset, content) => frame(27, { slot, b: offset, one: content }),
  /** @param {Bytes} path @param {number} count @param {OpenOptions} [options] */
  openMany: (path, count, options = {}) =>
    frame(28, { one: path, a: count, slot: options.base ?? fromRoot, flags: openFlags(options) }),
  /** @param {Bytes} path @param {number} milliseconds */
  waitForPath: (path, milliseconds) => frame(29, { one: path, a: BigInt(milliseconds) * 1_000_000n }),
  /** @param {Buffer[]} body @param {{ rounds: number, milliseconds: number, needle?: Bytes }} options */
  loop: (body, { rounds, milliseconds, needle = '' }) =>
    Buffer.concat([
      frame(30, { flags: body.length, a: rounds, b: BigInt(milliseconds) * 1_000_000n, one: needle }),
      ...body,
    ]),
  /** @param {number} slot @param {number} descriptor a raw number, whether the guest was given it or not */
  adopt: (slot, descriptor) => frame(31, { slot, a: descriptor }),
  /** @param {number} code */
  exit: (code) => frame(32, { a: code }),
  /** @param {number} milliseconds */
  sleep: (milliseconds) => frame(33, { a: BigInt(milliseconds) * 1_000_000n }),
  /** @param {number} count */
  random: (count) => frame(34, { a: count }),
  preopens: () => frame(35),
}

/**
 * One answer a line; a loop gives one for all its rounds.
 * @param {string} stdout
 * @returns {Answer[]}
 */
export function decodeAnswers(stdout) {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [errno, ...fields] = line.split(' ')
      return { errno: errnoName(Number(errno)), fields }
    })
}

/** @param {Answer | undefined} answer The bytes that a read, readlink or random call gave, as text. */
export function textOf(answer) {
  return Buffer.from(answer?.fields[0] ?? '', 'hex').toString('utf8')
}

/** @param {Answer | undefined} answer */
export function namesOf(answer) {
  return (answer?.fields[0] ?? '')
    .split(',')
    .filter((name) => name !== '')
    .map((name) => Buffer.from(name, 'hex').toString('utf8'))
    .filter((name) => name !== '.' && name !== '..')
    .sort()
}

/** @param {Answer | undefined} answer @returns {{ rounds: number, succeeded: number, leaked: number, errno: string }} */
export function loopOf(answer) {
  const [rounds = 0, succeeded = 0, leaked = 0, errno = 0] = (answer?.fields ?? []).map(Number)
  return { rounds, succeeded, leaked, errno: errnoName(errno) }
}
