// The guest of the benchmarks, in AssemblyScript: a preview1 command. Arguments: NAME OPERATION PATH COUNT; PATH is
// relative to the first preopen.
//
//   open-close, read, clock   repeat that COUNT times and print the nanoseconds that it took by the guest's own clock
//   alternate                 open-close, of the two files PATH and PATH with its last character replaced by `2`
//   pages                     read PATH COUNT times in pieces of 4 KiB
//   names                     read the directory PATH COUNT times
//   sleep                     block in a poll for COUNT seconds
//   crash                     print the clock and trap

@external('wasi_snapshot_preview1', 'args_sizes_get')
declare function args_sizes_get(count: usize, bytes: usize): i32
@external('wasi_snapshot_preview1', 'args_get')
declare function args_get(argv: usize, buffer: usize): i32
@external('wasi_snapshot_preview1', 'clock_time_get')
declare function clock_time_get(id: i32, precision: i64, time: usize): i32
@external('wasi_snapshot_preview1', 'fd_write')
declare function fd_write(fd: i32, iovs: usize, count: i32, written: usize): i32
@external('wasi_snapshot_preview1', 'fd_read')
declare function fd_read(fd: i32, iovs: usize, count: i32, read: usize): i32
@external('wasi_snapshot_preview1', 'fd_close')
declare function fd_close(fd: i32): i32
@external('wasi_snapshot_preview1', 'path_open')
declare function path_open(
  fd: i32, dirflags: i32, path: usize, length: i32, oflags: i32, rights: i64, inheriting: i64, fdflags: i32, opened: usize,
): i32
@external('wasi_snapshot_preview1', 'fd_readdir')
declare function fd_readdir(fd: i32, buffer: usize, length: usize, cookie: i64, used: usize): i32
@external('wasi_snapshot_preview1', 'poll_oneoff')
declare function poll_oneoff(subscriptions: usize, events: usize, count: i32, occurred: usize): i32
@external('wasi_snapshot_preview1', 'proc_exit')
declare function proc_exit(code: i32): void

const preopen: i32 = 3
const mayRead: i64 = 2 | 4 | 32 // fd_read, fd_seek, fd_tell
const scratch: usize = memory.data(64)
const argv: usize = memory.data(64)
const argvText: usize = memory.data(4096)
const buffer: usize = memory.data(65536)
const subscription: usize = memory.data(48, 8)
const event: usize = memory.data(32, 8)

export function _start(): void {
  if (args_sizes_get(scratch, scratch + 4) != 0 || load<u32>(scratch) != 4 || load<u32>(scratch + 4) > 4096) fail(2)
  args_get(argv, argvText)
  const operation = load<u8>(argument(1))
  const path = argument(2)
  const count = parse(argument(3))
  const begin = now()
  if (operation == 111 /* o */) openAndClose(path, count)
  else if (operation == 97 /* a */) alternate(path, count)
  else if (operation == 114 /* r */) readAll(path, count, 65536)
  else if (operation == 112 /* p */) readAll(path, count, 4096)
  else if (operation == 110 /* n */) readNames(path, count)
  else if (operation == 115 /* s */) sleep(count)
  else if (load<u8>(argument(1) + 1) == 108 /* cl */) callClock(count)
  else crash(begin)
  print(now() - begin)
}

function openAndClose(path: usize, count: i32): void {
  for (let i = 0; i < count; i++) fd_close(open(path))
}

function alternate(path: usize, count: i32): void {
  const last = path + lengthOf(path) - 1
  const first = load<u8>(last)
  for (let i = 0; i < count; i++) {
    store<u8>(last, i & 1 ? 50 : first)
    fd_close(open(path))
  }
}

function sleep(seconds: i32): void {
  memory.fill(subscription, 0, 48)
  store<u32>(subscription + 16, 1) // monotonic
  store<i64>(subscription + 24, (seconds as i64) * 1_000_000_000)
  if (poll_oneoff(subscription, event, 1, scratch + 24) != 0) fail(5)
}

function crash(instant: i64): void {
  print(instant)
  unreachable()
}

function readAll(path: usize, count: i32, pieceBytes: u32): void {
  store<u32>(scratch + 16, buffer as u32)
  store<u32>(scratch + 20, pieceBytes)
  for (let i = 0; i < count; i++) {
    const fd = open(path)
    do {
      if (fd_read(fd, scratch + 16, 1, scratch + 24) != 0) fail(4)
    } while (load<u32>(scratch + 24) != 0)
    fd_close(fd)
  }
}

function readNames(path: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const fd = openDirectory(path)
    let cookie: i64 = 0
    for (;;) {
      if (fd_readdir(fd, buffer, 65536, cookie, scratch + 24) != 0) fail(6)
      const used = load<u32>(scratch + 24)
      // An entry: where the next one begins (8 bytes), inode (8), length of the name (4), type (4), the name.
      let at: u32 = 0
      while (at + 24 <= used && at + 24 + load<u32>(buffer + at + 16) <= used) {
        cookie = load<i64>(buffer + at)
        at += 24 + load<u32>(buffer + at + 16)
      }
      if (used < 65536) break
    }
    fd_close(fd)
  }
}

function callClock(count: i32): void {
  for (let i = 0; i < count; i++) clock_time_get(1, 0, scratch + 32)
}

function open(path: usize): i32 {
  if (path_open(preopen, 0, path, lengthOf(path), 0, mayRead, mayRead, 0, scratch + 28) != 0) fail(3)
  return load<i32>(scratch + 28)
}

function openDirectory(path: usize): i32 {
  const rights: i64 = 16384 // fd_readdir
  if (path_open(preopen, 0, path, lengthOf(path), 2, rights, rights, 0, scratch + 28) != 0) fail(3)
  return load<i32>(scratch + 28)
}

function now(): i64 {
  clock_time_get(1, 0, scratch + 32)
  return load<i64>(scratch + 32)
}

function argument(index: i32): usize {
  return load<u32>(argv + index * 4) as usize
}

function lengthOf(text: usize): i32 {
  let length: i32 = 0
  while (load<u8>(text + length) != 0) length++
  return length
}

function parse(text: usize): i32 {
  let value: i32 = 0
  for (let at = text; load<u8>(at) != 0; at++) value = value * 10 + (load<u8>(at) - 48)
  return value
}

function print(value: i64): void {
  let at = buffer + 64
  do {
    at--
    store<u8>(at, (48 + (value % 10)) as u8)
    value /= 10
  } while (value != 0)
  store<u32>(scratch + 16, at as u32)
  store<u32>(scratch + 20, (buffer + 64 - at) as u32)
  fd_write(1, scratch + 16, 1, scratch + 24)
}

function fail(code: i32): void {
  proc_exit(code)
}
