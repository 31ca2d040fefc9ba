import { preopenName, scratch, slots, slotsMax } from './memory-map'
import { fd_prestat_dir_name, fd_prestat_get } from './preview1'

/** A descriptor that no instance ever holds: what an empty slot stands for, so that the call is still made. */
const noDescriptor: i32 = 0x3fffffff

export let baseFd: i32 = 0
export let restPointer: usize = 0
export let restLength: i32 = 0

const dot: usize = memory.data<u8>([0x2e])

export function clearSlots(): void {
  for (let slot = 0; slot < slotsMax; slot++) store<i32>(slots + ((<usize>slot) << 2), -1)
}

export function setSlot(slot: i32, fd: i32): void {
  if (slot >= 0 && slot < slotsMax) store<i32>(slots + ((<usize>slot) << 2), fd)
}

export function slotFd(slot: i32): i32 {
  if (slot < 0 || slot >= slotsMax) return noDescriptor
  const fd = load<i32>(slots + ((<usize>slot) << 2))
  return fd < 0 ? noDescriptor : fd
}

/**
 * Leaves the descriptor and the bytes to pass in `baseFd`, `restPointer` and `restLength`. Below a slot the bytes go
 * unchanged; otherwise an absolute path is taken from the longest preopened directory that leads to it, as libc does.
 */
export function locate(slot: i32, pointer: usize, length: i32): void {
  restPointer = pointer
  restLength = length
  if (slot >= 0) {
    baseFd = slotFd(slot)
    return
  }
  baseFd = 3
  if (length == 0 || load<u8>(pointer) != 0x2f) return
  let longest = -1
  for (let fd = 3; fd_prestat_get(fd, scratch) == 0; fd++) {
    const nameLength = load<i32>(scratch + 4)
    if (nameLength > 0x2000 || fd_prestat_dir_name(fd, preopenName, nameLength) != 0) continue
    if (nameLength > longest && leadsTo(nameLength, pointer, length)) {
      longest = nameLength
      baseFd = fd
    }
  }
  if (longest < 0) return
  let skip = longest
  while (skip < length && load<u8>(pointer + skip) == 0x2f) skip++
  restPointer = pointer + skip
  restLength = length - skip
  if (restLength == 0) {
    restPointer = dot
    restLength = 1
  }
}

function leadsTo(nameLength: i32, pointer: usize, length: i32): bool {
  if (nameLength > length || memory.compare(preopenName, pointer, nameLength) != 0) return false
  if (nameLength == length || load<u8>(preopenName + nameLength - 1) == 0x2f) return true
  return load<u8>(pointer + nameLength) == 0x2f
}
