// Perimeter: what the operating system says of another process.
import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second in `/proc/<pid>/stat`: the same on every Linux. */
const ticksPerSecond = 100

/** Which process: numbers are used again, a number and its start time are not. */
export type ProcessIdentity = { readonly pid: number; readonly startTicks: number }

export type ProcessFacts = {
  readonly startTicks: number
  /** `Z`: it has ended, and its parent was not told yet. */
  readonly state: string
  readonly cpuMs: number
}

/** `undefined` when there is no such process. */
export function processFacts(pid: number): ProcessFacts | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  // The name in parentheses may hold anything, parentheses too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const at = (number: number): number => Number(fields[number - 3])
  return { state: fields[0] ?? '', startTicks: at(22), cpuMs: ((at(14) + at(15)) * 1_000) / ticksPerSecond }
}

/**
 * What a process holds, in bytes, 0 when there is no such process: resident, swapped out, and the kernel's tables of its
 * pages, which grow with mappings of nothing.
 */
export function heldBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const kibibytes = [...status.matchAll(/^Vm(?:RSS|Swap|PTE):\s*(\d+) kB$/gm)].map(([, digits]) => Number(digits))
    return kibibytes.reduce((sum, each) => sum + each, 0) * 1024
  } catch {
    return 0
  }
}

/** What this process may set as a limit of its children, at most as much as is asked for. */
export function limitUpTo(asked: number, name: 'open files' | 'stack size'): number {
  const limits = readFileSync('/proc/self/limits', 'latin1')
  const hard = new RegExp(`^Max ${name}\\s+\\S+\\s+(\\d+)`, 'm').exec(limits)?.[1]
  return hard === undefined ? asked : Math.min(asked, Number(hard))
}

/** Whether this very process is gone: not there, another one with its number, or ended and not collected yet. */
export function isGone({ pid, startTicks }: ProcessIdentity): boolean {
  const facts = processFacts(pid)
  return facts === undefined || facts.startTicks !== startTicks || facts.state === 'Z' || facts.state === 'X'
}

/** The processes that a process has started and that are not collected yet, as far as the kernel tells. */
export function childrenOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    return children.split(' ').flatMap((child) => (child === '' ? [] : [Number(child)]))
  } catch {
    return []
  }
}

/** Whether one of a process's threads has or waits for a processor; `false` when there is no such process. */
export function hasRunnableThread(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).some((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1')
      return stat.charAt(stat.lastIndexOf(')') + 2) === 'R'
    })
  } catch {
    // It, or the thread that was just read, has ended.
    return false
  }
}
