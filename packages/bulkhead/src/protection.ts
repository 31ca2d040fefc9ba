import type { ForbiddenRule } from '@bulkhead/capability'
import { defaultForbidden, forbidChanges, forbidOwnDirectories } from '@bulkhead/policy/forbidden'
import { type OwnDirectory, surveyOwnDirectories } from '@bulkhead/security-context'

/** What no component may touch, whatever it was granted. */
export type Protection = {
  /** The runtime's own directories, by device and inode besides their paths. */
  readonly directories: readonly OwnDirectory[]
  /** No mount may begin in a place that these cover. */
  readonly roots: readonly ForbiddenRule[]
  /** Everything that is forbidden: those, and changing what the runtime's dependencies are loaded from. */
  readonly rules: readonly ForbiddenRule[]
}

/**
 * @param own the runtime's own directories: state, caches, code
 * @param dependencies the directories that its dependencies are loaded from
 */
export function protect(own: readonly string[], dependencies: readonly string[]): Protection {
  const directories = surveyOwnDirectories(own)
  const roots = [...defaultForbidden, ...forbidOwnDirectories(directories.map(({ path }) => path))]
  return { directories, roots, rules: [...roots, ...forbidChanges(dependencies)] }
}
