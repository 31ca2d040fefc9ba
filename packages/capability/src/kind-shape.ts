import type { BuiltinKind, Kind } from '@bulkhead/vocabulary'
import { type AskedBits, askedBits } from './action-bits.js'
import { actionsOf, type KindCatalogue, kindsOf, noCustomKinds } from './kind-catalogue.js'

/** How patterns of a kind are written: custom kinds have four of these to choose from. */
export type Grammar = 'path' | 'host' | 'namespace' | 'topic' | 'variable' | 'name' | 'exact'

/** What a check must know of a kind: its grammar, and which rules answer which of its actions. */
export type KindShape = { readonly grammar: Grammar; readonly asked: ReadonlyMap<string, AskedBits> }

/** The grammar of a kind, or `undefined` when there is no such kind. */
export function grammarOf(kind: Kind, catalogue: KindCatalogue): Grammar | undefined {
  return builtinGrammars.get(kind) ?? catalogue.get(kind)?.grammar
}

/** The shapes of all kinds by name. Those of the built-in kinds are made once. */
export function shapesOf(catalogue: KindCatalogue): ReadonlyMap<string, KindShape> {
  return catalogue.size === 0 ? builtinShapes : makeShapes(catalogue)
}

function makeShapes(catalogue: KindCatalogue): ReadonlyMap<string, KindShape> {
  const shapes = new Map<string, KindShape>()
  for (const kind of kindsOf(catalogue)) {
    const grammar = grammarOf(kind, catalogue)
    const asked = actionsOf(kind, catalogue).map((action) => [action, askedBits(kind, action, catalogue)] as const)
    if (grammar !== undefined) shapes.set(kind, { grammar, asked: new Map<string, AskedBits>(asked) })
  }
  return shapes
}

const grammars: Record<BuiltinKind, Grammar> = {
  filesystem: 'path',
  process: 'path',
  network: 'host',
  storage: 'namespace',
  messaging: 'topic',
  environment: 'variable',
}
const builtinGrammars: ReadonlyMap<string, Grammar> = new Map(Object.entries(grammars))
const builtinShapes = makeShapes(noCustomKinds)
