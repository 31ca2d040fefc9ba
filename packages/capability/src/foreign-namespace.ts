import type { Layer } from '@bulkhead/vocabulary'
import { canonicalNamespace } from './namespace-pattern.js'

type Whose = { readonly componentId: string; readonly layers: readonly Layer[] }

/**
 * Why the layers may not grant a name space, whatever their rules say (SPEC 3.3): another component's is never granted by a
 * manifest alone, `shared:` only by an approval. `undefined` when they may. The operator may always.
 */
export function foreignNamespaceReason(whose: Whose, resource: string): string | undefined {
  const name = canonicalNamespace(resource, whose) ?? ''
  const own = `component:${whose.componentId}`
  if (name === own || name.startsWith(`${own}:`)) return undefined
  const shared = name === 'shared' || name.startsWith('shared:')
  const vouched = whose.layers.some((layer) => layer === 'approval' || (layer === 'policy' && !shared))
  if (vouched) return undefined
  return `${shared ? 'a shared name space' : "a name space that is not the component's own"} needs an explicit approval`
}
