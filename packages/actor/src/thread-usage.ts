// Perimeter: what the operating system says of one thread of this process. Linux only; elsewhere the answers are absent.
import { openSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/** The operating system's id of the calling thread, 0 where it cannot be told. Call it in the thread itself. */
export function ownThreadId(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1)) || 0
  } catch {
    return 0
  }
}

/** Processor time of a thread of this process in milliseconds, 0 where it cannot be told or the thread is gone. */
export function threadCpuMs(threadId: number): number {
  if (threadId === 0) return 0
  try {
    const onCpuNs = readFileSync(`/proc/self/task/${threadId}/schedstat`, 'latin1').split(' ')[0]
    return Number(onCpuNs) / 1e6 || 0
  } catch {
    return 0
  }
}

/** Whether a thread of this process runs or waits for a processor; `false` where it cannot be told or the thread is gone. */
export function isThreadRunnable(threadId: number): boolean {
  if (threadId === 0) return false
  try {
    const stat = readFileSync(`/proc/self/task/${threadId}/stat`, 'latin1')
    // The name in parentheses may hold anything, parentheses too.
    return stat.charAt(stat.lastIndexOf(')') + 2) === 'R'
  } catch {
    return false
  }
}

/**
 * A reading of a thread's processor time in nanoseconds, over a descriptor that is opened once: the thread whose time it is
 * can then be busy with a guest that may open nothing. `undefined` where it cannot be told.
 */
export function openThreadCpuMeter(threadId: number): (() => bigint) | undefined {
  if (threadId === 0) return undefined
  const text = Buffer.alloc(64)
  try {
    const descriptor = openSync(`/proc/self/task/${threadId}/schedstat`, 'r')
    return () => {
      const length = readSync(descriptor, text, 0, text.length, 0)
      return BigInt(text.toString('latin1', 0, length).split(' ', 1)[0] ?? 0)
    }
  } catch {
    return undefined
  }
}

/** Lets guests yield to the host's own threads: without it the host's timers are late when guests spin. */
export function lowerPriority(threadId: number): void {
  if (threadId === 0) return
  try {
    setPriority(threadId, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // Not permitted here: the host is served worse under load, nothing else changes.
  }
}
