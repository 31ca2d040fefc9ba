// Which walls this machine can put around a process. bubblewrap is not asked for its version, but run: whether it works
// depends on the kernel, on the container around us and on who we are.

import { setTimeout as wait } from 'node:timers/promises'
import { ambientCgroups, findCgroupPlace } from './cgroup.js'
import { type Launched, launch } from './launch.js'
import { diagnosticsBytesMax, ownDescriptorsMax, processOverheadBytes, wallsDeadlineMs } from './limits.js'
import { ProcessEnd } from './process-end.js'
import { dataLimit } from './process-memory.js'
import { findProgram } from './runtime-files.js'
import { SandboxStatus } from './sandbox-status.js'
import { syscallFilter } from './syscall-filter.js'

/**
 * `bubblewrap`: name spaces around the process; without it there is no level `process`. The others stand beside it:
 * `syscall-filter` keeps it from sockets and processes of its own, `data-limit` and `cgroup` bound its memory (where there
 * is neither, a watch on what it holds does).
 */
export type Wall = 'bubblewrap' | 'syscall-filter' | 'data-limit' | 'cgroup'

export type Walls = {
  readonly up: ReadonlySet<Wall>
  /** Why each of the others is not. */
  readonly missing: ReadonlyMap<Wall, string>
}

/**
 * Looks once which walls are up; takes as long as Node takes to start. Nothing that is asked here changes while a host runs.
 *
 * @example
 * ```ts
 * const { up, missing } = await detectWalls()
 * if (!up.has('bubblewrap')) console.log(`no level \`process\`: ${missing.get('bubblewrap')}`)
 * ```
 */
export async function detectWalls(): Promise<Walls> {
  const reasons: Readonly<Record<Wall, string | undefined>> = {
    bubblewrap: await bubblewrapFails(),
    'syscall-filter': syscallFilter() === undefined ? `there is none for ${process.arch}` : undefined,
    'data-limit': findProgram('prlimit') === undefined ? 'there is no program `prlimit`' : undefined,
    cgroup:
      findCgroupPlace(ambientCgroups()) === undefined ? 'no control group is delegated to this process' : undefined,
  }
  const all = Object.entries(reasons) as [Wall, string | undefined][]
  return {
    up: new Set(all.flatMap(([wall, reason]) => (reason === undefined ? [wall] : []))),
    missing: new Map(all.flatMap(([wall, reason]) => (reason === undefined ? [] : [[wall, reason] as const]))),
  }
}

/** Why a process cannot be walled in, in bubblewrap's words; nothing when it can. */
async function bubblewrapFails(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'bubblewrap needs Linux'
  let launched: Launched
  try {
    const sandbox = { binds: [], hidden: [] }
    const limits = { dataBytesMax: dataLimit(processOverheadBytes), openFilesMax: ownDescriptorsMax }
    launched = launch({ sandbox, command: ['-e', '0'], ...limits, held: false })
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
  return await endOf(launched)
}

async function endOf(launched: Launched): Promise<string | undefined> {
  const { outer, status, diagnostics, control, audit, stdin, stdout, stderr } = launched
  const told = new SandboxStatus()
  let said = ''
  status?.on('data', (text: Buffer) => told.push(text.toString('latin1')))
  diagnostics.on('data', (text: Buffer) => {
    said = (said + text.toString('utf8')).slice(0, diagnosticsBytesMax)
  })
  const sockets = [control, audit, stdin, stdout, stderr, diagnostics, ...(status === undefined ? [] : [status])]
  for (const socket of sockets) {
    socket.on('error', () => {})
    socket.resume()
  }
  const { seen } = new ProcessEnd(outer, sockets)
  const deadline = new AbortController()
  const late = wait(wallsDeadlineMs, 'late' as const, { signal: deadline.signal, ref: false }).catch(
    () => 'ended' as const,
  )
  const how = await Promise.race([seen.then(() => 'ended' as const), late])
  deadline.abort()
  outer.kill('SIGKILL')
  if (how === 'late') return `a process in it did not end within ${wallsDeadlineMs / 1_000} s`
  if (told.exitCode === 0) return undefined
  // V8 frames what it has to say with number signs.
  return (
    said
      .split('\n')
      .find((line) => /\w/.test(line))
      ?.trim() ?? 'a process in it did not run'
  )
}
