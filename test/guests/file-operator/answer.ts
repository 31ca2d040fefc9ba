import { answer, scratch } from './memory-map'
import { fd_write } from './preview1'

let length: i32 = 0
let quiet: bool = false

/** While quiet nothing is written: the rounds of a loop answer once, together. */
export function setQuiet(value: bool): void {
  quiet = value
}

export function begin(errno: i32): void {
  length = 0
  number(errno)
}

export function space(): void {
  byte(0x20)
}

export function comma(): void {
  byte(0x2c)
}

export function number(value: i64): void {
  if (value < 0) {
    byte(0x2d)
    value = -value
  }
  unsigned(<u64>value)
}

export function unsigned(value: u64): void {
  if (value >= 10) unsigned(value / 10)
  byte(0x30 + <u8>(value % 10))
}

export function hex(pointer: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const value = load<u8>(pointer + i)
    digit(value >> 4)
    digit(value & 15)
  }
}

export function end(): void {
  if (quiet) return
  byte(0x0a)
  writeAll(1, answer, length)
}

export function writeAll(fd: i32, pointer: usize, count: i32): i32 {
  while (count > 0) {
    store<u32>(scratch, <u32>pointer)
    store<u32>(scratch + 4, <u32>count)
    const errno = fd_write(fd, scratch, 1, scratch + 8)
    if (errno != 0) return errno
    const written = load<i32>(scratch + 8)
    pointer += written
    count -= written
  }
  return 0
}

function byte(value: u8): void {
  store<u8>(answer + length, value)
  length++
}

function digit(value: u8): void {
  byte(value < 10 ? 0x30 + value : 0x57 + value)
}
