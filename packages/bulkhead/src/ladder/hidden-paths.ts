import type { Protection } from '../protection.js'

/**
 * Host paths that are not there for a process of its own, whatever is mounted: the runtime's own directories, and what
 * nobody may read. A rule with a pattern in it is left to the guard; a path with one of its characters is one of those.
 */
export function hiddenPaths({ directories, rules }: Protection): readonly string[] {
  const unreadable = rules.flatMap(({ kind, action, pattern }) => {
    if (kind !== 'filesystem' || action !== 'read') return []
    const path = pattern.replace(/\/\*\*$/, '')
    return /[[\]*?]/.test(path) ? [] : [path]
  })
  return [...new Set([...directories.map(({ path }) => path), ...unreadable])]
}
