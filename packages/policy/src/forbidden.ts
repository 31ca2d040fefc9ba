import type { ForbiddenRule } from '@bulkhead/capability'
import { compilePathPattern } from '@bulkhead/capability'
import type { RuleOrigin } from '@bulkhead/vocabulary'

// The list that nothing overrides, whatever the trust, in dev mode too (SPEC 5). File rules match the *host* path, so
// that neither mounts nor bind mounts nor links hide them. Changing a file means writing, creating or deleting it.

const origin: RuleOrigin = { document: 'forbidden list' }

const unreadable = ['/etc/shadow', '/root/.ssh/**', '/home/*/.ssh/id_*', '/proc/**'] as const
const unchangeable = [
  '/etc/passwd',
  '/etc/shadow',
  '/etc/sudoers',
  '/boot/**',
  '/sys/**',
  '/proc/**',
  '/dev/**',
  // Beyond the list of the specification: what may not be read there would otherwise be replaced.
  '/root/.ssh/**',
  '/home/*/.ssh/**',
] as const
// A pattern without a protocol means `tcp`: over `udp` the same places are as forbidden.
const unreachable = ['169.254.169.254:*', 'udp://169.254.169.254:*'] as const
const unbindable = ['*:1-1023', 'udp://*:1-1023'] as const

const changes = ['write', 'create', 'delete'] as const

/** The default forbidden list (SPEC 5). */
export const defaultForbidden: readonly ForbiddenRule[] = Object.freeze([
  ...unreadable.map((pattern): ForbiddenRule => ({ kind: 'filesystem', action: 'read', pattern, origin })),
  ...unchangeable.flatMap((pattern) => changesOf(pattern)),
  ...unreachable.map((pattern): ForbiddenRule => ({ kind: 'network', action: 'connect', pattern, origin })),
  ...unbindable.map((pattern): ForbiddenRule => ({ kind: 'network', action: 'bind', pattern, origin })),
])

/**
 * Rules that keep a component away from directories of the runtime itself: its state directory and its own code.
 *
 * @param directories absolute real host paths
 */
export function forbidOwnDirectories(directories: readonly string[]): readonly ForbiddenRule[] {
  return directories.flatMap((directory) => {
    const pattern = `${escapePath(directory === '/' ? '' : directory)}/**`
    return [{ kind: 'filesystem', action: 'read', pattern, origin } as const, ...changesOf(pattern)]
  })
}

/** Rules that let nobody change what is in these directories; reading is no matter. */
export function forbidChanges(directories: readonly string[]): readonly ForbiddenRule[] {
  return directories.flatMap((directory) => changesOf(`${escapePath(directory)}/**`))
}

/**
 * The forbidden pattern that covers this host directory or file itself, if any: such a place may not be the root of a
 * mount (SPEC 5). A single file that is only not to be changed may be mounted, and read.
 */
export function forbiddenMountRoot(hostPath: string, rules: readonly ForbiddenRule[]): string | undefined {
  for (const rule of rules) {
    if (rule.kind !== 'filesystem') continue
    const isClosed = rule.action === 'read' || rule.pattern.endsWith('/**')
    if (isClosed && compilePathPattern(rule.pattern).matches(hostPath)) return rule.pattern
  }
  return undefined
}

/** A literal path as a pattern: the characters that patterns give a meaning stand in a class of their own. */
export function escapePath(path: string): string {
  return path.replace(/[*?[{}\\]/g, (character) => (character === '\\' ? '[\\]' : `[${character}]`))
}

function changesOf(pattern: string): ForbiddenRule[] {
  return changes.map((action) => ({ kind: 'filesystem', action, pattern, origin }))
}
