// What a move means for other children that see the same host directories under names of their own (SPEC 2.2).

import { allowedActions, type FileAction, leadsToGrant, sameBelow } from '@bulkhead/capability'
import type { Neighbour } from '@bulkhead/security-context'

type GuestPlace = { readonly path: string; readonly hostPath: string; readonly mode: 'read' | 'write' }

/**
 * Whether a move between two host paths leaves every neighbour with no more than it had: for a file, no action that was
 * not allowed before; for a directory, the same answers below it, and no root of a mount carried away inside it.
 */
export function neighboursAllowMove(
  neighbours: readonly Neighbour[],
  from: string,
  to: string,
  moved: 'file' | 'directory',
): boolean {
  return neighbours.every((neighbour) => {
    const before = placesOf(neighbour, from)
    const after = placesOf(neighbour, to)
    if (!allowsNoMore(neighbour, before, after)) return false
    return moved === 'file' || (carriesNoRoot(neighbour, from) && sameAnswersBelow(neighbour, before, after))
  })
}

/** A host path as the neighbour names it: once for each of its mounts that it lies in. */
function placesOf({ mounts }: Neighbour, hostPath: string): readonly GuestPlace[] {
  return mounts.flatMap((mount) => {
    const rest = restWithin(hostPath, mount.hostPath)
    if (rest === undefined) return []
    const path = `${mount.guestPath === '/' ? '' : mount.guestPath}${rest}`
    return [{ path: path === '' ? '/' : path, hostPath, mode: mount.mode }]
  })
}

function allowsNoMore({ table }: Neighbour, before: readonly GuestPlace[], after: readonly GuestPlace[]): boolean {
  const had = new Set<FileAction>(before.flatMap((place) => actionsAt(table, place)))
  return after.every((place) => actionsAt(table, place).every((action) => had.has(action)))
}

/** What the neighbour may do there: its rules', and at most what its mount allows. */
function actionsAt(table: Neighbour['table'], place: GuestPlace): readonly FileAction[] {
  const byRule = [...allowedActions(table, place)]
  return place.mode === 'write' ? byRule : byRule.filter((action) => action === 'read')
}

function sameAnswersBelow({ table }: Neighbour, before: readonly GuestPlace[], after: readonly GuestPlace[]): boolean {
  // Where it leaves or enters the neighbour's sight, nothing may have been, or become, visible to it.
  if (before.length === 0) return after.every(({ path }) => !leadsToGrant(table, path))
  if (after.length === 0) return before.every(({ path }) => !leadsToGrant(table, path))
  return before.every((from) => after.every((to) => from.mode === to.mode && sameBelow(table, from, to)))
}

function carriesNoRoot({ mounts }: Neighbour, from: string): boolean {
  return mounts.every((mount) => restWithin(mount.hostPath, from) === undefined)
}

/** `/b/c` for `/a/b/c` within `/a`; empty for the directory itself; undefined outside. */
function restWithin(path: string, directory: string): string | undefined {
  if (path === directory) return ''
  const base = directory === '/' ? '' : directory
  return path.startsWith(`${base}/`) ? path.slice(base.length) : undefined
}
