import { findCovering } from '@bulkhead/capability'
import { defaultQuotas, type Quotas } from '@bulkhead/manifest'
import type { Rate } from '@bulkhead/vocabulary'
import { type ContextParts, layersOf, type OperatorGrant } from './join.js'

/** What is taken from a child because of what it did (DESIGN §4). Divisors are whole numbers of at least 1. */
export type ContextReduction = {
  /** `required`: only what the manifest declares and the component cannot do without. */
  readonly capabilities: 'all' | 'required'
  readonly rateDivisor: number
  readonly memoryDivisor: number
}

/**
 * The parts with a reduction. The layer `reduction` is asked after all others and holds what the manifest requires, so that
 * a denial by it names it. An operator's grants stand beside the layers and would pass it by: of those only what serves a
 * required pattern is kept, cut to that pattern.
 *
 * INVARIANT (narrows): whatever the reduction, the reduced parts allow nothing that the parts do not.
 */
export function reduceParts(parts: ContextParts, { capabilities, memoryDivisor }: ContextReduction): ContextParts {
  const memoryBytesMax = Math.floor(parts.limits.memoryBytesMax / memoryDivisor)
  const limits = { ...parts.limits, memoryBytesMax }
  if (capabilities === 'all') return { ...parts, limits }
  const declared = layersOf(parts).find(({ layer }) => layer === 'manifest')?.grants ?? []
  const required = declared.filter(({ optional }) => optional !== true)
  return {
    ...parts,
    limits,
    layers: [...parts.layers, { layer: 'reduction', grants: required.map(({ limits: _, ...grant }) => grant) }],
    operator: required.flatMap((grant) => servingIn(parts, grant)),
  }
}

/**
 * Quotas with a reduction: memory, and every rate, also those that no document writes. A rate keeps its amount and takes
 * longer, so that none becomes zero by rounding.
 */
export function reduceQuotas(quotas: Quotas, { rateDivisor, memoryDivisor }: ContextReduction): Quotas {
  const slower = (rate: Rate): Rate => ({ amount: rate.amount, perMs: rate.perMs * rateDivisor })
  const { memoryBytes = defaultQuotas.memoryBytes, messages, network, logs, requests } = quotas
  return {
    ...quotas,
    memoryBytes: Math.floor(memoryBytes / memoryDivisor),
    messages: slower(messages ?? defaultQuotas.messages),
    network: slower(network ?? defaultQuotas.network),
    logs: slower(logs ?? defaultQuotas.logs),
    ...(requests === undefined ? {} : { requests: slower(requests) }),
  }
}

/** What operators granted that covers the required pattern, cut to it. */
function servingIn({ operator, componentId, kinds }: ContextParts, wanted: OperatorGrant): readonly OperatorGrant[] {
  const { kind, action, pattern } = wanted
  const sameKind = operator.filter((grant) => grant.kind === kind)
  const found = findCovering(sameKind, { kind, action, pattern, origin: wanted.origin }, { componentId, kinds })
  const serving = operator.find((grant) => grant === found)
  return serving === undefined ? [] : [{ ...serving, kind, action, pattern }]
}
