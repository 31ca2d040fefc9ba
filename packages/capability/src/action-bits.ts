import { type Action, actionsByKind, BulkheadError, type Kind } from '@bulkhead/vocabulary'
import { actionsOf, describeKinds, type KindCatalogue } from './kind-catalogue.js'

/** Which rules can answer a request, as bits of the rules' actions within their kind. */
export type AskedBits = {
  /** For rules that allow. */
  readonly allowed: number
  /** For rules that refuse: deny rules, the forbidden list, the denials of roles. */
  readonly refused: number
}

/** The bit of an action within its kind, or `undefined` when the kind does not have it. */
export function bitOf(kind: Kind, action: Action, catalogue: KindCatalogue): number | undefined {
  const index = actionsOf(kind, catalogue).indexOf(action)
  return index === -1 ? undefined : 1 << index
}

/** @throws {BulkheadError} `usage` when the kind does not have the action. */
export function checkedBitOf(kind: Kind, action: Action, catalogue: KindCatalogue): number {
  const bit = bitOf(kind, action, catalogue)
  if (bit !== undefined) return bit
  throw new BulkheadError('usage', `there is no action \`${kind}.${action}\``, {
    hint: `the kinds and their actions: ${describeKinds(catalogue)}`,
  })
}

/**
 * INVARIANT (implied-actions): the two implications between actions are known here and nowhere else.
 *
 * `filesystem.write` covers creating (SPEC 2.1, 4), in rules that allow and in rules that refuse. `network.resolve` is
 * allowed for every name that some connect rule covers (SPEC 3.2); a refused connect does not refuse resolving, because
 * it may name one port only. Between the actions of a custom kind there are none.
 *
 * @throws {BulkheadError} `usage` when the kind does not have the action.
 */
export function askedBits(kind: Kind, action: Action, catalogue: KindCatalogue): AskedBits {
  const bit = checkedBitOf(kind, action, catalogue)
  if (kind === 'filesystem' && action === 'create') {
    const bits = bit | writeBit
    return { allowed: bits, refused: bits }
  }
  if (kind === 'network' && action === 'resolve') return { allowed: bit | connectBit, refused: bit }
  return { allowed: bit, refused: bit }
}

const writeBit = 1 << actionsByKind.filesystem.indexOf('write')
const connectBit = 1 << actionsByKind.network.indexOf('connect')
