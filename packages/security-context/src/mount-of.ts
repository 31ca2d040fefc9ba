import { isWithin } from './is-within.js'
import type { ContextMount } from './worker-context.js'

/** The mount that a guest path lies in: the one with the longest guest path above it. */
export function mountOf(guestPath: string, mounts: readonly ContextMount[]): ContextMount | undefined {
  let best: ContextMount | undefined
  for (const mount of mounts) {
    if (isWithin(guestPath, mount.guestPath) && (best === undefined || mount.guestPath.length > best.guestPath.length))
      best = mount
  }
  return best
}
