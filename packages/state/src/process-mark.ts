// Perimeter: what the kernel says about processes. A pid alone names nobody: pids are used again, at once after a reboot
// and within minutes on a busy machine. With the start time and the boot it does.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Names one process among all that ever ran. Fields that the platform does not tell are absent. */
export type ProcessMark = {
  readonly pid: number
  readonly hostname: string
  /** When it started, in clock ticks since boot: field 22 of `/proc/<pid>/stat`. */
  readonly startTicks?: string
  readonly bootId?: string
  /** The pid namespace in which `pid` means something. */
  readonly pidNamespace?: string
}

/**
 * Whether a marked process lives. `dying`: it was killed, and one of its threads is still on its way out. `elsewhere`: it runs under this kernel, in another pid namespace, where its pid cannot be
 * looked up. `unknown`: it runs, or ran, on another machine.
 */
export type Life = 'alive' | 'dying' | 'dead' | 'elsewhere' | 'unknown'

export function ownMark(): ProcessMark {
  const startTicks = readStat(process.pid)?.startTicks
  const bootId = readText('/proc/sys/kernel/random/boot_id')
  const pidNamespace = readLink('/proc/self/ns/pid')
  return {
    pid: process.pid,
    hostname: hostname(),
    ...(startTicks === undefined ? {} : { startTicks }),
    ...(bootId === undefined ? {} : { bootId }),
    ...(pidNamespace === undefined ? {} : { pidNamespace }),
  }
}

/** Judges a mark from the position of `own`. In doubt it does not say `dead`. */
export function lifeOf(mark: ProcessMark, own: ProcessMark): Life {
  if (mark.bootId !== own.bootId) {
    // The same machine after a reboot, as far as names tell; another name is another machine on a shared file system.
    return mark.hostname === own.hostname && mark.bootId !== undefined && own.bootId !== undefined ? 'dead' : 'unknown'
  }
  if (mark.bootId === undefined && mark.hostname !== own.hostname) return 'unknown'
  if (mark.pidNamespace !== own.pidNamespace) return 'elsewhere'
  return mark.startTicks === undefined || own.startTicks === undefined ? lifeByPid(mark.pid) : lifeByStat(mark)
}

function lifeByStat(mark: ProcessMark): Life {
  const stat = readStat(mark.pid)
  if (stat === undefined || stat.startTicks !== mark.startTicks) return 'dead'
  if (!stat.isDefunct) return 'alive'
  // Defunct until its parent looks. As long as it has other threads, one may still be inside a write.
  return threadsOf(mark.pid) > 1 ? 'dying' : 'dead'
}

/** Off Linux. A pid that was used again looks alive: the lock is then refused, never doubled. */
function lifeByPid(pid: number): Life {
  try {
    process.kill(pid, 0)
    return 'alive'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'dead' : 'alive'
  }
}

type Stat = { readonly startTicks: string; readonly isDefunct: boolean }

function readStat(pid: number): Stat | undefined {
  const text = readText(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // Field 2 is the program's name in parentheses and may hold anything, also `) `: what counts comes after the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const startTicks = fields[19]
  if (startTicks === undefined) return undefined
  return { startTicks, isDefunct: fields[0] === 'Z' || fields[0] === 'X' }
}

function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length
  } catch {
    return 0
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
