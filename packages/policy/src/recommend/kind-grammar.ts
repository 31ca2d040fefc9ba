import type { KindCatalogue, KindGrammar } from '@bulkhead/capability'
import { type BuiltinKind, type Kind, kinds } from '@bulkhead/vocabulary'

/** How the patterns of a kind are written: custom kinds have four of these to choose from. */
export type PatternGrammar = KindGrammar | 'host' | 'namespace' | 'variable'

const grammars: Record<BuiltinKind, PatternGrammar> = {
  filesystem: 'path',
  process: 'path',
  network: 'host',
  storage: 'namespace',
  messaging: 'topic',
  environment: 'variable',
}
const builtin: ReadonlyMap<string, PatternGrammar> = new Map(kinds.map((kind) => [kind, grammars[kind]]))

/** The grammar of a kind; `undefined` when there is no such kind. */
export function grammarOf(kind: Kind, catalogue: KindCatalogue): PatternGrammar | undefined {
  return builtin.get(kind) ?? catalogue.get(kind)?.grammar
}
