import {
  compileEnvironmentPattern,
  compileNamespacePattern,
  compilePathPattern,
  compileTopicPattern,
  PatternError,
  parseHostPattern,
} from '@bulkhead/capability'
import type { Action, Kind } from '@bulkhead/vocabulary'

export function checkPattern(
  pattern: string,
  { kind, action }: { readonly kind: Kind; readonly action: Action },
): void {
  switch (kind) {
    case 'filesystem':
    case 'process':
      compilePathPattern(pattern)
      return
    case 'network':
      if (parseHostPattern(pattern).port.written !== 'absent' || action === 'resolve') return
      throw new PatternError('the pattern says no port', {
        source: pattern,
        position: pattern.length,
        hint: 'add a port (`:443`), a range (`:8000-8100`) or `:*`',
      })
    case 'storage':
      compileNamespacePattern(pattern, { componentId: '' })
      return
    case 'messaging':
      compileTopicPattern(pattern)
      return
    case 'environment':
      compileEnvironmentPattern(pattern)
  }
}
