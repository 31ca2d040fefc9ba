// Pure: what to say of a process that ended without a word of its own.

import type { SandboxStatus } from './sandbox-status.js'

export type Remains = {
  /** What the child process that was started came to: bubblewrap, or the process itself. */
  readonly outer: { readonly exitCode: number | null; readonly signalCode: string | null }
  readonly status: Pick<SandboxStatus, 'exitCode'>
  readonly diagnostics: string
  /** Whether the bridge was never heard of. */
  readonly early: boolean
}

/** The code that Node has for a worker whose heap is exhausted: the same for a process. */
const outOfMemory = 'ERR_WORKER_OUT_OF_MEMORY'

export function deathOf({ outer, status, diagnostics, early }: Remains): Error & { readonly code?: string } {
  const said =
    diagnostics
      .trim()
      .split('\n')
      .find((line) => /\w/.test(line)) ?? 'nothing was said'
  if (early) return new Error(`the process could not be started: ${said}`)
  if (/out of memory/i.test(diagnostics)) return Object.assign(new Error(said), { code: outOfMemory })
  const how = outer.signalCode ?? `exit code ${status.exitCode ?? outer.exitCode ?? 'unknown'}`
  return new Error(`the process ended with ${how}: ${said}`)
}
