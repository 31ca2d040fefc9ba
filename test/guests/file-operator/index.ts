// A command module that does to files whatever it is told to, by raw preview1 calls, and goes on after every error.
//
// stdin is a sequence of frames; all numbers are little-endian:
//   u32 length of the rest · u8 operation · u32 flags · i32 slot · u64 a · u64 b · u32 n · n bytes · u32 m · m bytes
// For each frame one line goes to stdout: the errno (0 is success), then data in hexadecimal or decimal.
// A slot holds a descriptor; slot -1 means "from the preopened directories". Paths are byte strings and may hold anything.
// The encoder is test/support/file-operator.mjs; the two change together.

import * as answer from './answer'
import { frames, framesBytesMax, result, resultBytesMax, scratch } from './memory-map'
import { baseFd, clearSlots, locate, restLength, restPointer, setSlot, slotFd } from './paths'
import * as p1 from './preview1'

// The rights (sockets apart) that libc asks for: everything about the descriptor itself, and what reading or writing adds.
const rightRead: u64 = 1 << 1
const rightReaddir: u64 = 1 << 14
/** datasync, write, allocate, set-size. */
const rightsWrite: u64 = (1 << 0) | (1 << 6) | (1 << 8) | (1 << 22)
const rightsAlways: u64 = 0x0fffffff & ~(rightRead | rightReaddir | rightsWrite)

let operation: u8 = 0
let flags: u32 = 0
let slot: i32 = 0
let a: u64 = 0
let b: u64 = 0
let one: usize = 0
let oneLength: i32 = 0
let two: usize = 0
let twoLength: i32 = 0

/** The errno of the last command and the bytes it left in `result`: what a loop counts. */
let lastErrno: i32 = 0
let lastLength: i32 = 0

export function _start(): void {
  clearSlots()
  while (true) {
    const length = readFrame(frames)
    if (length < 0) return
    parse(frames)
    if (operation == 30) loop()
    else run()
  }
}

/** The preview1 adapter asks for its one page here instead of guessing where the memory ends. */
export function cabi_realloc(_old: usize, _oldSize: i32, _align: i32, size: i32): usize {
  return (<usize>memory.grow((size + 0xffff) >>> 16)) << 16
}

function readFrame(into: usize): i32 {
  if (!readExactly(into, 4)) return -1
  const length = load<i32>(into)
  if (length < 29 || length > framesBytesMax - 4) unreachable()
  if (!readExactly(into + 4, length)) return -1
  return length
}

function readExactly(into: usize, count: i32): bool {
  while (count > 0) {
    store<u32>(scratch, <u32>into)
    store<u32>(scratch + 4, <u32>count)
    if (p1.fd_read(0, scratch, 1, scratch + 8) != 0) return false
    const got = load<i32>(scratch + 8)
    if (got == 0) return false
    into += got
    count -= got
  }
  return true
}

function parse(frame: usize): void {
  operation = load<u8>(frame + 4)
  flags = load<u32>(frame + 5)
  slot = load<i32>(frame + 9)
  a = load<u64>(frame + 13)
  b = load<u64>(frame + 21)
  oneLength = load<i32>(frame + 29)
  one = frame + 33
  two = one + oneLength + 4
  twoLength = load<i32>(two - 4)
}

function run(): void {
  lastLength = 0
  lastErrno = 0
  switch (operation) {
    case 1:
      open()
      break
    case 2:
      readAll()
      break
    case 3:
      plain(answer.writeAll(slotFd(slot), one, oneLength))
      break
    case 4:
      plain(p1.fd_close(slotFd(slot)))
      break
    case 5:
      statPath()
      break
    case 6:
      statHandle()
      break
    case 7:
      readLink()
      break
    case 8:
      plain(p1.path_unlink_file(at(), restPointer, restLength))
      break
    case 9:
      plain(p1.path_create_directory(at(), restPointer, restLength))
      break
    case 10:
      plain(p1.path_remove_directory(at(), restPointer, restLength))
      break
    case 11:
      rename()
      break
    case 12:
      symlink()
      break
    case 13:
      link()
      break
    case 14:
      plain(p1.fd_filestat_set_size(slotFd(slot), a))
      break
    case 15:
      plain(p1.path_filestat_set_times(at(), flags & 1, restPointer, restLength, a, b, (flags >> 8) & 15))
      break
    case 16:
      plain(p1.fd_filestat_set_times(slotFd(slot), a, b, (flags >> 8) & 15))
      break
    case 17:
      readDirectory()
      break
    case 18:
      seek()
      break
    case 19:
      fdstat()
      break
    case 20:
      plain(p1.fd_fdstat_set_flags(slotFd(slot), flags & 31))
      break
    case 21:
      plain(p1.fd_advise(slotFd(slot), a, b, flags))
      break
    case 22:
      plain(p1.fd_allocate(slotFd(slot), a, b))
      break
    case 23:
      plain(p1.fd_sync(slotFd(slot)))
      break
    case 24:
      plain(p1.fd_datasync(slotFd(slot)))
      break
    case 25:
      plain(p1.fd_renumber(slotFd(slot), slotFd(<i32>a)))
      break
    case 26:
      readAtOffset()
      break
    case 27:
      writeAtOffset()
      break
    case 28:
      openMany()
      break
    case 29:
      plain(waitForPath())
      break
    case 31:
      adopt()
      break
    case 32:
      p1.proc_exit(<i32>a)
      break
    case 33:
      sleep(a)
      break
    case 34:
      randomBytes()
      break
    case 35:
      preopens()
      break
    default:
      plain(52)
      break
  }
}

function plain(errno: i32): void {
  lastErrno = errno
  answer.begin(errno)
  answer.end()
}

function data(errno: i32, length: i32): void {
  lastErrno = errno
  lastLength = errno == 0 ? length : 0
  answer.begin(errno)
  if (errno == 0) {
    answer.space()
    answer.hex(result, length)
  }
  answer.end()
}

function at(): i32 {
  locate(slot, one, oneLength)
  return baseFd
}

/** Flags: oflags, fdflags << 8, follow << 16, read << 17, write << 18, readdir << 19. The descriptor goes to slot `a`. */
function open(): void {
  const errno = openHere()
  const fd = errno == 0 ? load<i32>(scratch) : -1
  setSlot(<i32>a, fd)
  lastErrno = errno
  answer.begin(errno)
  if (errno == 0) {
    answer.space()
    answer.number(fd)
  }
  answer.end()
}

function openHere(): i32 {
  let rights: u64 = rightsAlways
  if (flags & (1 << 17)) rights |= rightRead
  if (flags & (1 << 18)) rights |= rightsWrite
  if (flags & (1 << 19)) rights |= rightReaddir
  const fd = at()
  return p1.path_open(
    fd,
    (flags >> 16) & 1,
    restPointer,
    restLength,
    flags & 15,
    rights,
    rights,
    (flags >> 8) & 31,
    scratch,
  )
}

/** Opens without closing until something refuses or `a` are open, answers how many opened, and closes them all. */
function openMany(): void {
  let opened = 0
  let errno = 0
  let first = -1
  let last = -1
  while (opened < <i32>a) {
    errno = openHere()
    if (errno != 0) break
    last = load<i32>(scratch)
    if (first < 0) first = last
    opened++
  }
  if (opened > 0) for (let fd = first; fd <= last; fd++) p1.fd_close(fd)
  lastErrno = errno
  answer.begin(errno)
  answer.space()
  answer.number(opened)
  answer.end()
}

/** At most `a` bytes, or one mebibyte. */
function readAll(): void {
  const limit: i32 = a > 0 && a < <u64>resultBytesMax ? <i32>a : resultBytesMax
  let length = 0
  let errno = 0
  while (length < limit) {
    store<u32>(scratch, <u32>(result + length))
    store<u32>(scratch + 4, <u32>min(limit - length, 0x10000))
    errno = p1.fd_read(slotFd(slot), scratch, 1, scratch + 8)
    if (errno != 0) break
    const got = load<i32>(scratch + 8)
    if (got == 0) break
    length += got
  }
  data(errno, length)
}

function readAtOffset(): void {
  store<u32>(scratch, <u32>result)
  store<u32>(scratch + 4, <u32>min(<i32>a, resultBytesMax))
  const errno = p1.fd_pread(slotFd(slot), scratch, 1, b, scratch + 8)
  data(errno, load<i32>(scratch + 8))
}

function writeAtOffset(): void {
  store<u32>(scratch, <u32>one)
  store<u32>(scratch + 4, <u32>oneLength)
  plain(p1.fd_pwrite(slotFd(slot), scratch, 1, b, scratch + 8))
}

/** type, size, links, mtime in nanoseconds, inode. */
function stated(errno: i32): void {
  lastErrno = errno
  answer.begin(errno)
  if (errno == 0) {
    answer.space()
    answer.number(load<u8>(scratch + 16))
    answer.space()
    answer.unsigned(load<u64>(scratch + 32))
    answer.space()
    answer.unsigned(load<u64>(scratch + 24))
    answer.space()
    answer.unsigned(load<u64>(scratch + 48))
    answer.space()
    answer.unsigned(load<u64>(scratch + 8))
  }
  answer.end()
}

function statPath(): void {
  const fd = at()
  stated(p1.path_filestat_get(fd, flags & 1, restPointer, restLength, scratch))
}

function statHandle(): void {
  stated(p1.fd_filestat_get(slotFd(slot), scratch))
}

function readLink(): void {
  const fd = at()
  const errno = p1.path_readlink(fd, restPointer, restLength, result, 0x10000, scratch)
  data(errno, load<i32>(scratch))
}

function rename(): void {
  const fd = at()
  const from = restPointer
  const fromLength = restLength
  locate(<i32>a, two, twoLength)
  plain(p1.path_rename(fd, from, fromLength, baseFd, restPointer, restLength))
}

function symlink(): void {
  locate(slot, two, twoLength)
  plain(p1.path_symlink(one, oneLength, baseFd, restPointer, restLength))
}

function link(): void {
  const fd = at()
  const from = restPointer
  const fromLength = restLength
  locate(<i32>a, two, twoLength)
  plain(p1.path_link(fd, flags & 1, from, fromLength, baseFd, restPointer, restLength))
}

/** Lists in pages of `a` bytes (4,096 when 0), at most `b` pages (all when 0). Names go out as hexadecimal, comma-separated. */
function readDirectory(): void {
  const page: i32 = a == 0 ? 4096 : <i32>a
  let cookie: u64 = 0
  let pages: u64 = 0
  let errno = 0
  let first = true
  answer.begin(0)
  answer.space()
  while (true) {
    errno = p1.fd_readdir(slotFd(slot), result, page, cookie, scratch)
    if (errno != 0) break
    const used = load<i32>(scratch)
    let offset = 0
    let whole = 0
    while (offset + 24 <= used) {
      const nameLength = load<i32>(result + offset + 16)
      if (offset + 24 + nameLength > used) break
      cookie = load<u64>(result + offset)
      if (!first) answer.comma()
      first = false
      answer.hex(result + offset + 24, nameLength)
      offset += 24 + nameLength
      whole++
    }
    pages++
    if (used < page || pages == b) break
    if (whole == 0) {
      errno = 28 // A page too small for one entry: `inval`.
      break
    }
  }
  lastErrno = errno
  if (errno != 0) answer.begin(errno)
  answer.end()
}

function seek(): void {
  const errno = p1.fd_seek(slotFd(slot), <i64>a, <i32>b, scratch)
  lastErrno = errno
  answer.begin(errno)
  if (errno == 0) {
    answer.space()
    answer.unsigned(load<u64>(scratch))
  }
  answer.end()
}

/** type, flags, rights. */
function fdstat(): void {
  const errno = p1.fd_fdstat_get(slotFd(slot), scratch)
  lastErrno = errno
  answer.begin(errno)
  if (errno == 0) {
    answer.space()
    answer.number(load<u8>(scratch))
    answer.space()
    answer.number(load<u16>(scratch + 2))
    answer.space()
    answer.unsigned(load<u64>(scratch + 8))
  }
  answer.end()
}

/** Puts the raw number `a` into the slot: a descriptor that this instance may never have been given. */
function adopt(): void {
  setSlot(slot, <i32>a)
  plain(0)
}

function now(): u64 {
  p1.clock_time_get(1, 1, scratch)
  return load<u64>(scratch)
}

function sleep(nanoseconds: u64): void {
  plain(pause(nanoseconds))
}

function pause(nanoseconds: u64): i32 {
  memory.fill(scratch, 0, 48)
  store<u32>(scratch + 16, 1)
  store<u64>(scratch + 24, nanoseconds)
  return p1.poll_oneoff(scratch, scratch + 64, 1, scratch + 128)
}

/** Waits until the path is there, for at most `a` nanoseconds: how the outside tells the guest to go on. */
function waitForPath(): i32 {
  const until = now() + a
  while (true) {
    const fd = at()
    const errno = p1.path_filestat_get(fd, 1, restPointer, restLength, scratch)
    if (errno == 0 || now() > until) return errno
    pause(1_000_000)
  }
}

function randomBytes(): void {
  const length: i32 = a < <u64>resultBytesMax ? <i32>a : resultBytesMax
  data(p1.random_get(result, length), length)
}

/** The guest paths of the preopened directories, hexadecimal, comma-separated. */
function preopens(): void {
  answer.begin(0)
  answer.space()
  for (let fd = 3; p1.fd_prestat_get(fd, scratch) == 0; fd++) {
    if (fd > 3) answer.comma()
    const length = load<i32>(scratch + 4)
    if (p1.fd_prestat_dir_name(fd, result, length) == 0) answer.hex(result, length)
  }
  answer.end()
}

/**
 * The next `flags` frames are the body; they run until `a` rounds or `b` nanoseconds are over. The answer: rounds, rounds in
 * which every command succeeded, rounds in which some result held the needle, the last errno that was not 0.
 */
function loop(): void {
  const body = <i32>flags
  const rounds = a
  const until = now() + b
  const needle = frames
  const needleLength = oneLength
  memory.copy(needle, one, needleLength)
  const first = frames + <usize>((needleLength + 7) & ~7)
  let last = first
  for (let i = 0; i < body; i++) {
    const length = readFrame(last)
    if (length < 0) return
    last += 4 + length
  }
  let done: u64 = 0
  let succeeded: u64 = 0
  let leaked: u64 = 0
  let errno = 0
  answer.setQuiet(true)
  while (done < rounds && now() < until) {
    let frame = first
    let clean = true
    let leak = false
    while (frame < last) {
      parse(frame)
      run()
      if (lastErrno != 0) {
        errno = lastErrno
        clean = false
      }
      if (needleLength > 0 && contains(result, lastLength, needle, needleLength)) leak = true
      frame += 4 + load<i32>(frame)
    }
    done++
    if (clean) succeeded++
    if (leak) leaked++
  }
  answer.setQuiet(false)
  answer.begin(0)
  answer.space()
  answer.unsigned(done)
  answer.space()
  answer.unsigned(succeeded)
  answer.space()
  answer.unsigned(leaked)
  answer.space()
  answer.number(errno)
  answer.end()
}

function contains(haystack: usize, length: i32, needle: usize, needleLength: i32): bool {
  for (let i = 0; i + needleLength <= length; i++) {
    if (memory.compare(haystack + i, needle, needleLength) == 0) return true
  }
  return false
}
