import { describe, expect, it } from 'vitest'
import { syscallFilter } from './syscall-filter.js'

const allow = 0x7fff0000
const kill = 0x80000000
const refused = 0x00050001
const unknown = 0x00050026
const x64 = 0xc000003e
const arm64 = 0xc00000b7

type Call = { number: number; architecture?: number; argument?: number; at?: number }

/** Runs the program as the kernel would. */
function judge(
  filter: Uint8Array | undefined,
  { number, architecture = x64, argument = 0, at: index = 0 }: Call,
): number {
  const view = new DataView(filter?.buffer ?? new ArrayBuffer(0))
  const data = new Map([
    [0, number >>> 0],
    [4, architecture],
    [16 + 8 * index, argument >>> 0],
  ])
  let accumulator = 0
  for (let at = 0; at < view.byteLength; at += 8) {
    const value = view.getUint32(at + 4, true)
    const jump = (holds: boolean) => {
      at += 8 * view.getUint8(at + (holds ? 2 : 3))
    }
    switch (view.getUint16(at, true)) {
      case 0x20:
        accumulator = data.get(value) ?? 0
        break
      case 0x15:
        jump(accumulator === value)
        break
      case 0x35:
        jump(accumulator >= value)
        break
      case 0x45:
        jump((accumulator & value) !== 0)
        break
      case 0x06:
        return value
      default:
        throw new Error('an instruction that is not known')
    }
  }
  throw new Error('the program ends without an answer')
}

describe('the filter of x64', () => {
  const filter = syscallFilter('x64')
  it.each([
    ['read', { number: 0 }, allow],
    ['openat', { number: 257 }, allow],
    ['futex', { number: 202 }, allow],
    ['execve', { number: 59 }, allow],
    ['memory of its own', { number: 9, argument: 0x22, at: 3 }, allow],
    ['a stack of a thread', { number: 9, argument: 0x20022, at: 3 }, allow],
    ['a file that is shared', { number: 9, argument: 0x01, at: 3 }, allow],
    ['memory to share', { number: 9, argument: 0x21, at: 3 }, refused],
    ['memory that grows downwards', { number: 9, argument: 0x122, at: 3 }, refused],
    ["System V's memory", { number: 29 }, refused],
    ["System V's messages", { number: 68 }, refused],
    ['a queue', { number: 240 }, refused],
    ["the kernel's log", { number: 103 }, refused],
    ['sendmsg on what is open', { number: 46 }, allow],
    ['to open a file for all', { number: 257, argument: 0o666, at: 3 }, allow],
    ['to make a file that runs as its owner', { number: 257, argument: 0o4755, at: 3 }, refused],
    ['the same by open', { number: 2, argument: 0o2755, at: 2 }, refused],
    ['the same by creat', { number: 85, argument: 0o4755, at: 1 }, refused],
    ['the same by openat2', { number: 437 }, unknown],
    ['chmod', { number: 90 }, refused],
    ['mknod', { number: 133 }, refused],
    ['a thread', { number: 56, argument: 0x3d0f00 }, allow],
    ['a process by clone', { number: 56, argument: 0x01200011 }, refused],
    ['a process that shares memory', { number: 56, argument: 0x4111 }, refused],
    ['fork', { number: 57 }, refused],
    ['vfork', { number: 58 }, refused],
    ['clone3', { number: 435 }, unknown],
    ['io_uring_setup', { number: 425 }, unknown],
    ['socket', { number: 41 }, refused],
    ['socketpair', { number: 53 }, refused],
    ['connect', { number: 42 }, refused],
    ['memfd_create', { number: 319 }, refused],
    ['ptrace', { number: 101 }, refused],
    ['unshare', { number: 272 }, refused],
    ['mount', { number: 165 }, refused],
    ['the 32-bit calls of the same number space', { number: 0x40000000 + 41 }, kill],
    ['a number that is none', { number: -1 }, kill],
    ['another architecture', { number: 0, architecture: 0x40000003 }, kill],
  ])('%s', (_name, call, answer) => {
    expect(judge(filter, call)).toBe(answer)
  })
})

describe('the filter of arm64', () => {
  const filter = syscallFilter('arm64')
  const on = (number: number, argument = 0) => judge(filter, { number, architecture: arm64, argument })
  it('knows its own numbers', () => {
    expect([on(63), on(56), on(220, 0x3d0f00)]).toEqual([allow, allow, allow])
    expect([on(198), on(203), on(220, 17), on(279)]).toEqual([refused, refused, refused, refused])
    expect(judge(filter, { number: 56, architecture: arm64, argument: 0o4755, at: 3 })).toBe(refused)
    expect(judge(filter, { number: 222, architecture: arm64, argument: 0x21, at: 3 })).toBe(refused)
    expect(judge(filter, { number: 222, architecture: arm64, argument: 0x22, at: 3 })).toBe(allow)
    expect([on(194), on(116)]).toEqual([refused, refused])
    expect(on(435)).toBe(unknown)
    expect(judge(filter, { number: 63 })).toBe(kill)
  })
})

it('there is none for a processor that is not known', () => {
  expect(syscallFilter('riscv64')).toBeUndefined()
  expect(syscallFilter()).toEqual(syscallFilter(process.arch))
})
