// Pure: which directories of the host an actor in a process of its own gets to see.
//
// The wall stands at mounts, not at patterns: code that has broken out of its guest reads all of a directory of which one
// file was granted, and writes all of it where anything in it may be written. What the table says within a mount holds as
// long as our guard runs, as everywhere.

import { type CapabilityTable, leadsToGrant } from '@bulkhead/capability'
import type { ContextMount, WorkerContext } from '@bulkhead/security-context'
import { BulkheadError } from '@bulkhead/vocabulary'
import { sandboxRoot } from './sandbox-paths.js'

export type Bind = { readonly hostPath: string; readonly mode: 'read' | 'write' }

export type BindPlan = {
  /** By host path, outer directories before what lies in them. */
  readonly binds: readonly Bind[]
  /** The mounts that the guest finds there: those in which something is granted. */
  readonly mounts: readonly ContextMount[]
}

/** Places that the process needs for itself. */
const ownPlaces = ['/proc', '/dev', '/sys', sandboxRoot]

/**
 * A mount in which nothing is granted is left out; one in which nothing may be changed is bound read-only, whatever its
 * mode. One host directory that is mounted twice is bound once, with the wider mode.
 *
 * @throws {BulkheadError} `platform-unsupported` for a mount that would cover, or lie in, what the process needs itself.
 */
export function planBinds(context: Pick<WorkerContext, 'mounts' | 'table'>): BindPlan {
  const mounts = context.mounts.filter((mount) => leadsToGrant(context.table, mount.guestPath))
  const modes = new Map<string, Bind['mode']>()
  for (const mount of mounts) {
    refuseOwnPlaces(mount)
    const mode = modeOf(context.table, mount)
    if (modes.get(mount.hostPath) !== 'write') modes.set(mount.hostPath, mode)
  }
  const binds = [...modes].map(([hostPath, mode]) => ({ hostPath, mode }))
  binds.sort((a, b) => a.hostPath.split('/').length - b.hostPath.split('/').length)
  return { binds, mounts }
}

function modeOf(table: CapabilityTable, mount: ContextMount): Bind['mode'] {
  return mount.mode === 'write' && leadsToGrant(table, mount.guestPath, ['write', 'create', 'delete'])
    ? 'write'
    : 'read'
}

function refuseOwnPlaces({ guestPath, hostPath }: ContextMount): void {
  const place = ownPlaces.find((own) => hostPath === '/' || hostPath === own || hostPath.startsWith(`${own}/`))
  if (place === undefined) return
  throw new BulkheadError('platform-unsupported', `\`${hostPath}\` cannot be mounted in a process of its own`, {
    details: { guestPath, hostPath },
    hint: `mount the directories that the component needs, not ${hostPath === '/' ? 'the root' : `what lies in ${place}`}`,
  })
}

/** Whether a path is a directory of the list, or lies in one. */
export function isBound(binds: readonly Bind[], path: string): boolean {
  return binds.some(({ hostPath }) => path === hostPath || path.startsWith(`${hostPath}/`))
}
