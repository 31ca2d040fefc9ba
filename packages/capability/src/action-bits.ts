import { type Action, actionsByKind, BulkheadError, builtinActionsOf, type Kind, kinds } from '@bulkhead/vocabulary'

/** Which rules can answer a request, as bits of the rules' actions within their kind. */
export type AskedBits = {
  /** For rules that allow. */
  readonly allowed: number
  /** For deny rules and the forbidden list. */
  readonly refused: number
}

/** The bit of an action within its kind, or `undefined` when the kind does not have it. */
export function bitOf(kind: Kind, action: Action): number | undefined {
  const actions: readonly Action[] = builtinActionsOf(kind)
  const index = actions.indexOf(action)
  return index === -1 ? undefined : 1 << index
}

/** @throws {BulkheadError} `usage` when the kind does not have the action. */
export function checkedBitOf(kind: Kind, action: Action): number {
  const bit = bitOf(kind, action)
  if (bit !== undefined) return bit
  throw new BulkheadError('usage', `there is no action \`${kind}.${action}\``, {
    hint: `the kinds and their actions: ${Object.entries(actionsByKind)
      .map(([name, actions]) => `${name} (${actions.join(', ')})`)
      .join('; ')}`,
  })
}

/**
 * INVARIANT (implied-actions): the two implications between actions are known here and nowhere else.
 *
 * `filesystem.write` covers creating (SPEC 2.1, 4), in rules that allow and in rules that refuse. `network.resolve` is
 * allowed for every name that some connect rule covers (SPEC 3.2); a refused connect does not refuse resolving, because
 * it may name one port only.
 */
export function askedBits(kind: Kind, action: Action): AskedBits | undefined {
  return askedTable.get(kind)?.get(action)
}

function computeAsked(kind: Kind, action: Action): AskedBits {
  const bit = checkedBitOf(kind, action)
  if (kind === 'filesystem' && action === 'create') {
    const bits = bit | checkedBitOf('filesystem', 'write')
    return { allowed: bits, refused: bits }
  }
  if (kind === 'network' && action === 'resolve') {
    return { allowed: bit | checkedBitOf('network', 'connect'), refused: bit }
  }
  return { allowed: bit, refused: bit }
}

const askedTable: ReadonlyMap<string, ReadonlyMap<string, AskedBits>> = new Map(
  kinds.map((kind) => [
    kind,
    new Map(actionsByKind[kind].map((action) => [action as string, computeAsked(kind, action)])),
  ]),
)
