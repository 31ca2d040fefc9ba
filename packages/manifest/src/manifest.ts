import type { Grant } from '@bulkhead/capability'
import type { Position } from '@bulkhead/document'
import type { ComponentId, Digest } from '@bulkhead/vocabulary'
import type { Quotas } from './quotas.js'

/** What a component is, where its exports do not say. */
export const componentKinds = ['actor', 'command', 'service', 'library'] as const
export type ComponentKind = (typeof componentKinds)[number]

/** Who a component says that it is. Words of its author: never trusted, escaped wherever they are shown. */
export type ComponentHeader = {
  readonly id: ComponentId
  /** Semantic version 2.0.0. */
  readonly version: string
  readonly description?: string
  readonly kind?: ComponentKind
}

/** A checked, deep-frozen Component.toml: what its author asks for. Asking grants nothing. */
export type Manifest = {
  /** The document's name, as origins and findings repeat it. */
  readonly file: string
  /** SHA-256 of the document's exact bytes: what an approval and a signature are bound to (SPEC 6). */
  readonly digest: Digest
  readonly component: ComponentHeader
  /** In the order of the document; each origin is the place of the pattern in it. */
  readonly capabilities: readonly Grant[]
  /** Where `[capabilities]` stands, or would: the place to which hints send the author. */
  readonly capabilitiesAt: Position
  readonly quotas: Quotas
}
