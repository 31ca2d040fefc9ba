// Pure: the sandbox in bubblewrap's words (DESIGN D13).
//
// bubblewrap is often run as root, and then its process, though without any capability, is still the root user to files.
// Two things follow. The kernel lets root write most of /proc/sys without a capability, `core_pattern` among it, with
// which the next crash runs a program of the writer's outside of every name space: so /proc is mounted read-only. And the
// root directory of the sandbox is memory that no limit of the process counts: it is made read-only, too.

import type { Bind } from './bind-plan.js'
import { isBound } from './bind-plan.js'
import type { FileBind } from './runtime-files.js'
import { sandboxRoot } from './sandbox-paths.js'

/** A path inside a mount that is shown empty, whoever looks. */
export type HiddenPath = { readonly path: string; readonly kind: 'directory' | 'file' }

export type SandboxPlan = {
  readonly binds: readonly Bind[]
  readonly hidden: readonly HiddenPath[]
  readonly runtime: readonly FileBind[]
  /** Descriptors that bubblewrap finds open. */
  readonly statusFd: number
  readonly filterFd: number | undefined
  readonly blockFd: number | undefined
}

/** All options, in the order in which they are carried out: what comes later lies over what came before. */
export function bwrapArguments(plan: SandboxPlan): string[] {
  const hidden = plan.hidden.filter(({ path }) => isBound(plan.binds, path))
  return [
    ...['--unshare-all', '--unshare-user', '--disable-userns', '--die-with-parent', '--new-session', '--as-pid-1'],
    ...['--clearenv', '--cap-drop', 'ALL', '--hostname', 'guest'],
    ...plan.binds.flatMap(({ hostPath, mode }) => [mode === 'write' ? '--bind' : '--ro-bind', hostPath, hostPath]),
    ...hidden.flatMap(hide),
    ...plan.runtime.flatMap(({ from, to }) => ['--ro-bind', from, to]),
    ...['--proc', '/proc', '--remount-ro', '/proc'],
    ...['--dir', '/dev', '--dev-bind', '/dev/null', '/dev/null'],
    ...['--remount-ro', '/', '--chdir', sandboxRoot],
    ...['--json-status-fd', String(plan.statusFd)],
    ...(plan.filterFd === undefined ? [] : ['--seccomp', String(plan.filterFd)]),
    ...(plan.blockFd === undefined ? [] : ['--block-fd', String(plan.blockFd)]),
  ]
}

function hide({ path, kind }: HiddenPath): string[] {
  return kind === 'directory' ? ['--tmpfs', path, '--remount-ro', path] : ['--ro-bind', '/dev/null', path]
}
