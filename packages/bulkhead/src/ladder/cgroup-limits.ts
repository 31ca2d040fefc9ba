// Perimeter: what the control group of this process may use (cgroup v2).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Absent: no limit is set, or none can be read. */
export type CgroupLimits = { readonly memoryBytes?: number; readonly cpuPercent?: number }

/** What all children together may use by their caps. */
export type SumOfCaps = { readonly memoryBytes: number; readonly cpuPercent: number }

const root = '/sys/fs/cgroup'

/** The narrowest limits from the process's own group up to the root of what it sees. */
export function cgroupLimits(read: (path: string) => string = (path) => readFileSync(path, 'utf8')): CgroupLimits {
  const groups = groupsOf(read)
  const memoryBytes = least(groups.map((group) => memoryIn(read, group)))
  const cpuPercent = least(groups.map((group) => cpuIn(read, group)))
  return {
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(cpuPercent === undefined ? {} : { cpuPercent }),
  }
}

/** What the caps of the children come to beyond the limits of the group, in words; `undefined` where they fit. */
export function overbooked(sum: SumOfCaps, limits: CgroupLimits): string | undefined {
  const { memoryBytes = Number.POSITIVE_INFINITY, cpuPercent = Number.POSITIVE_INFINITY } = limits
  const told = [
    ...(sum.memoryBytes > memoryBytes
      ? [`${inMebibytes(sum.memoryBytes)} of memory, and it has ${inMebibytes(memoryBytes)}`]
      : []),
    ...(sum.cpuPercent > cpuPercent ? [`${sum.cpuPercent} % of a core, and it has ${cpuPercent} %`] : []),
  ]
  return told.length === 0
    ? undefined
    : `warning: more than the control group has: all children may use ${told.join('; ')}`
}

function groupsOf(read: (path: string) => string): readonly string[] {
  const line = attempt(() => read('/proc/self/cgroup'))
    ?.split('\n')
    .find((one) => one.startsWith('0::/'))
  const names = (line ?? '0::/')
    .slice('0::/'.length)
    .split('/')
    .filter((name) => name !== '' && name !== '..')
  return [root, ...names.map((_, index) => join(root, ...names.slice(0, index + 1)))]
}

function memoryIn(read: (path: string) => string, group: string): number | undefined {
  return amount(attempt(() => read(join(group, 'memory.max')))?.trim())
}

/** `QUOTA PERIOD`, both in microseconds. */
function cpuIn(read: (path: string) => string, group: string): number | undefined {
  const [quota, period] = (attempt(() => read(join(group, 'cpu.max'))) ?? '').trim().split(' ').map(amount)
  return quota === undefined || period === undefined ? undefined : Math.floor((quota / period) * 100)
}

function amount(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,17}$/.test(text) ? Number(text) : undefined
}

function least(amounts: readonly (number | undefined)[]): number | undefined {
  const set = amounts.filter((one) => one !== undefined)
  return set.length === 0 ? undefined : Math.min(...set)
}

function inMebibytes(bytes: number): string {
  return `${Math.floor(bytes / (1024 * 1024))} MiB`
}

/** Other systems have no such files, and a group above may be out of sight. */
function attempt(look: () => string): string | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
