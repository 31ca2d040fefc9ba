import type { Entry } from './page-state.js'

/** How often each child was refused something, of what the page still knows; look-ups of what does not exist apart. */
export function deniedByChild(entries: readonly Entry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const entry of entries) {
    if (entry.kind !== 'denial') continue
    const { child, count } = entry.denial
    counts.set(child, (counts.get(child) ?? 0) + count)
  }
  return counts
}
