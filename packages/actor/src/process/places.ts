// Perimeter: what really lies at the paths of the host that a process gets, or must not get, to see.
import { realpathSync, statSync } from 'node:fs'
import type { ContextMount } from '@bulkhead/security-context'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { HiddenPath } from './bwrap-arguments.js'

/** As they really are: a path that goes through a link would be looked for inside the sandbox. */
export function hiddenPlaces(paths: readonly string[]): HiddenPath[] {
  return paths.flatMap((path): HiddenPath[] => {
    try {
      const real = realpathSync(path)
      return [{ path: real, kind: statSync(real).isDirectory() ? 'directory' : 'file' }]
    } catch {
      return []
    }
  })
}

/**
 * Why the process must not begin: a directory that was exchanged between its approval and the moment at which it was bound.
 * Whoever may write above it could have put a link there, and the walls would stand around what the link leads to. What the
 * kernel does not let us look at is left to the guard, which looks for itself before the guest begins.
 */
export function exchangedMount(pid: number, mounts: readonly ContextMount[]): BulkheadError | undefined {
  const mount = mounts.find((each) => isExchanged(`/proc/${pid}/root${each.hostPath}`, each))
  if (mount === undefined) return undefined
  const { guestPath, hostPath } = mount
  return new BulkheadError('mount-exchanged', `the mount \`${guestPath}\`: its root is not what was approved`, {
    details: { path: guestPath, hostPath },
    hint: 'put the directory back, or start the tree again, so that its mounts are looked up anew',
  })
}

function isExchanged(path: string, { device, inode }: ContextMount): boolean {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return dev !== device || ino !== inode
  } catch {
    return false
  }
}
