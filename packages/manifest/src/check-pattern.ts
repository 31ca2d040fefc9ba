import {
  compileEnvironmentPattern,
  compileNamespacePattern,
  compilePathPattern,
  compileTopicPattern,
  PatternError,
  parseHostPattern,
} from '@bulkhead/capability'
import type { Action, Kind } from '@bulkhead/vocabulary'

/** What a pattern is for. `componentId` is whom `self:` means. */
export type PatternUse = { readonly kind: Kind; readonly action: Action; readonly componentId: string }

/**
 * Whether a pattern follows the grammar of its kind (SPEC 3), and, in a manifest, says a port: an author who leaves it out
 * would ask for every port without noticing. `resolve` has no port to say.
 *
 * @throws {PatternError} with the position of what is wrong.
 */
export function checkPattern(pattern: string, use: PatternUse): void {
  switch (use.kind) {
    case 'filesystem':
    case 'process':
      compilePathPattern(pattern)
      return
    case 'network':
      checkHostPattern(pattern, use.action)
      return
    case 'storage':
      compileNamespacePattern(pattern, { componentId: use.componentId })
      return
    case 'messaging':
      compileTopicPattern(pattern)
      return
    case 'environment':
      compileEnvironmentPattern(pattern)
      return
    default:
      throw new TypeError(`\`${use.kind}\` is not a kind`)
  }
}

function checkHostPattern(pattern: string, action: Action): void {
  const { port } = parseHostPattern(pattern)
  if (port.written !== 'absent' || action === 'resolve') return
  throw new PatternError('the pattern says no port', {
    source: pattern,
    position: pattern.length,
    hint: 'add a port (`:443`), a range (`:8000-8100`) or `:*`; only `http://` and `https://` have one of their own',
  })
}
