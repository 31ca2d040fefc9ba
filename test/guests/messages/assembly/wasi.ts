// The little of WASI 0.2.12 that the guests in AssemblyScript use.

@external('wasi:cli/stdout@0.2.12', 'get-stdout')
declare function getStdout(): i32
@external('wasi:io/streams@0.2.12', '[method]output-stream.blocking-write-and-flush')
declare function writeAndFlush(stream: i32, from: usize, length: i32, result: usize): void
@external('wasi:io/streams@0.2.12', '[resource-drop]output-stream')
declare function dropOutput(stream: i32): void
@external('wasi:cli/exit@0.2.12', 'exit')
declare function loweredExit(failed: i32): void
@external('wasi:clocks/monotonic-clock@0.2.12', 'now')
declare function monotonicNow(): i64
@external('wasi:clocks/monotonic-clock@0.2.12', 'subscribe-duration')
declare function subscribeDuration(nanoseconds: i64): i32
@external('wasi:io/poll@0.2.12', '[method]pollable.block')
declare function block(pollable: i32): void
@external('wasi:io/poll@0.2.12', '[resource-drop]pollable')
declare function dropPollable(pollable: i32): void
@external('wasi:cli/environment@0.2.12', 'get-arguments')
declare function getArguments(result: usize): void

/** One write takes 4,096 bytes. */
const writeBytesMax = 4096
const result: usize = memory.data(16, 4)

export function print(line: string): void {
  const bytes = String.UTF8.encode(`${line}\n`)
  const stream = getStdout()
  for (let at = 0; at < bytes.byteLength; at += writeBytesMax) {
    writeAndFlush(stream, changetype<usize>(bytes) + at, min(writeBytesMax, bytes.byteLength - at), result)
  }
  dropOutput(stream)
}

export function exit(failed: bool): void {
  loweredExit(failed ? 1 : 0)
}

/** Nanoseconds of a clock that never goes back. */
export function now(): i64 {
  return monotonicNow()
}

export function sleep(milliseconds: i64): void {
  const pollable = subscribeDuration(milliseconds * 1_000_000)
  block(pollable)
  dropPollable(pollable)
}

/** Without the name of the program. */
export function args(): string[] {
  getArguments(result)
  const list = load<usize>(result)
  const words: string[] = []
  for (let index = 1; index < load<i32>(result + 4); index++) {
    words.push(String.UTF8.decodeUnsafe(load<usize>(list + index * 8), load<i32>(list + index * 8 + 4)))
  }
  return words
}
