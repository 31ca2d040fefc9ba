import { type BuiltinKind, BulkheadError, isBuiltinKind, type Kind } from '@bulkhead/vocabulary'
import { type AskedBits, askedBits } from './action-bits.js'
import { actionsOf, describeKinds, type KindCatalogue, kindsOf, noCustomKinds } from './kind-catalogue.js'

/** How patterns of a kind are written: custom kinds have four of these to choose from. */
export type Grammar = 'path' | 'host' | 'namespace' | 'topic' | 'variable' | 'name' | 'exact'

/** What a check must know of a kind: its grammar, and which rules answer which of its actions. */
export type KindShape = { readonly grammar: Grammar; readonly asked: ReadonlyMap<string, AskedBits> }

/** @throws {BulkheadError} `usage` when there is no such kind. */
export function checkedGrammarOf(kind: Kind, catalogue: KindCatalogue): Grammar {
  const grammar = isBuiltinKind(kind) ? builtinGrammars[kind] : catalogue.get(kind)?.grammar
  if (grammar !== undefined) return grammar
  throw new BulkheadError('usage', `\`${kind}\` is not a kind`, {
    hint: `the kinds and their actions: ${describeKinds(catalogue)}`,
  })
}

/** The shapes of all kinds by name. Those of the built-in kinds are made once. */
export function shapesOf(catalogue: KindCatalogue): ReadonlyMap<string, KindShape> {
  return catalogue.size === 0 ? builtinShapes : makeShapes(catalogue)
}

function makeShapes(catalogue: KindCatalogue): ReadonlyMap<string, KindShape> {
  return new Map<string, KindShape>(
    kindsOf(catalogue).map((kind) => {
      const asked = actionsOf(kind, catalogue).map((action) => [action, askedBits(kind, action, catalogue)] as const)
      return [kind, { grammar: checkedGrammarOf(kind, catalogue), asked: new Map<string, AskedBits>(asked) }]
    }),
  )
}

const builtinGrammars: Record<BuiltinKind, Grammar> = {
  filesystem: 'path',
  process: 'path',
  network: 'host',
  storage: 'namespace',
  messaging: 'topic',
  environment: 'variable',
}
const builtinShapes = makeShapes(noCustomKinds)
