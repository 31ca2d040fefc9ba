import type { Action, Kind } from '@bulkhead/vocabulary'
import { checkedBitOf } from './action-bits.js'
import { type KindCatalogue, noCustomKinds } from './kind-catalogue.js'
import { parsePattern } from './parsed-pattern.js'
import { PatternError } from './pattern-error.js'

/** What a pattern is for. */
export type PatternUse = {
  readonly kind: Kind
  readonly action: Action
  /** Whom `self:` means; without one, `self` is an ordinary segment. */
  readonly componentId?: string | undefined
  /** The custom kinds that there are beside the built-in ones; default: none. */
  readonly kinds?: KindCatalogue | undefined
  /**
   * Whether a network pattern has to say its port. In a manifest it is `required`: an author who leaves it out would ask
   * for every port without noticing. `resolve` has no port to say.
   */
  readonly port: 'required' | 'optional'
}

/**
 * Whether a pattern follows the grammar of its kind (SPEC 3).
 *
 * @throws {PatternError} with the position of what is wrong.
 * @throws {BulkheadError} `usage` when there is no such kind or action.
 * @example
 * ```ts
 * checkPattern('api.example.com', { kind: 'network', action: 'connect', port: 'required' }) // throws: it says no port
 * ```
 */
export function checkPattern(pattern: string, use: PatternUse): void {
  const { kind, action, kinds = noCustomKinds } = use
  const parsed = parsePattern(kind, pattern, { componentId: use.componentId, kinds })
  checkedBitOf(kind, action, kinds)
  if (use.port === 'optional' || parsed.grammar !== 'host' || action === 'resolve') return
  if (parsed.parsed.port.written !== 'absent') return
  throw new PatternError('the pattern says no port', {
    source: pattern,
    position: pattern.length,
    hint: 'add a port (`:443`), a range (`:8000-8100`) or `:*`; only `http://` and `https://` have one of their own',
  })
}
