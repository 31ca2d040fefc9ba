import type { Layer, Rule } from '@bulkhead/vocabulary'
import { checkedBitOf } from './action-bits.js'
import { type ParsedEnvironmentPattern, parseEnvironmentPattern } from './environment-pattern.js'
import type { ForbiddenRule, Grant } from './grant.js'
import { type ParsedNamespacePattern, parseNamespacePattern } from './namespace-pattern.js'
import { type ParsedHostPattern, parseHostPattern } from './parsed-host-pattern.js'
import { parsePathPattern } from './path-pattern.js'
import type { PathTrie } from './path-trie.js'
import { PathTrieBuilder } from './path-trie-builder.js'
import { type ParsedTopicPattern, parseTopicPattern } from './topic-pattern.js'

/** Everything that decides for one component, as it is written. */
export type TableSpec = {
  /** The policy version, +1 at each change (DESIGN D2). */
  readonly version: number
  /** Whose name space `self:` means. */
  readonly componentId: string
  readonly forbidden: readonly ForbiddenRule[]
  readonly deny: readonly Grant[]
  /** All of them must allow, in the order in which they are asked. None at all means that nothing is granted. */
  readonly layers: readonly { readonly layer: Layer; readonly grants: readonly Grant[] }[]
  /** Allow by themselves, beside the layers; deny rules and the forbidden list stand above them. */
  readonly operator: readonly Grant[]
}

/** One rule of a kind that is not a path: its list, action bits and index in `CapabilityTable.rules`. */
export type TableRule<Pattern> = {
  readonly list: number
  readonly bits: number
  readonly rule: number
  readonly pattern: Pattern
}

/**
 * The compiled form of a `TableSpec`: plain data (objects, arrays, maps, strings, numbers) that `structuredClone` and
 * `postMessage` copy, without functions, classes or regular expressions. Never changed after it was made.
 *
 * Effective = ((all layers allow) or the operator allows) and not denied and not forbidden.
 */
export type CapabilityTable = {
  readonly version: number
  readonly componentId: string
  /** The layers by name; `layers[n]` is list `firstLayerList + n`. */
  readonly layers: readonly Layer[]
  readonly rules: readonly Rule[]
  /** `filesystem`: deny rules, layers and operator grants by guest path. */
  readonly files: PathTrie
  /** `filesystem`: the forbidden list by host path. */
  readonly forbiddenFiles: PathTrie
  /** `process`: all lists, by the path of the executable. */
  readonly executables: PathTrie
  readonly hosts: readonly TableRule<ParsedHostPattern>[]
  readonly namespaces: readonly TableRule<ParsedNamespacePattern>[]
  readonly topics: readonly TableRule<ParsedTopicPattern>[]
  readonly variables: readonly TableRule<ParsedEnvironmentPattern>[]
}

export const forbiddenList = 0
export const denyList = 1
export const operatorList = 2
/** The list of the table's first layer; the others follow in order. */
export const firstLayerList = 3

/**
 * Compiles a specification into the table that decides.
 *
 * @throws {PatternError} when a pattern does not follow its grammar.
 * @throws {BulkheadError} `usage` when an action is not one of its kind.
 * @example
 * ```ts
 * const origin = { document: 'Component.toml', line: 7 }
 * const table = compileTable({
 *   version: 1, componentId: 'ingest', forbidden: [], deny: [], operator: [],
 *   layers: [{ layer: 'manifest', grants: [{ kind: 'filesystem', action: 'read', pattern: '/data/**', origin }] }],
 * })
 * new Decider(table).decide({ kind: 'filesystem', action: 'read', resource: '/data/a.csv' }).verdict // 'granted'
 * ```
 */
export function compileTable(spec: TableSpec): CapabilityTable {
  const compiler = new TableCompiler(spec.layers.length + firstLayerList, spec.componentId)
  for (const rule of spec.forbidden) compiler.add(forbiddenList, rule)
  for (const rule of spec.deny) compiler.add(denyList, rule)
  for (const rule of spec.operator) compiler.add(operatorList, rule)
  for (const [index, { grants }] of spec.layers.entries()) {
    for (const rule of grants) compiler.add(firstLayerList + index, rule)
  }
  return compiler.finish(
    spec.version,
    spec.layers.map(({ layer }) => layer),
  )
}

class TableCompiler {
  readonly #componentId: string
  readonly #rules: Rule[] = []
  readonly #files: PathTrieBuilder
  readonly #forbiddenFiles: PathTrieBuilder
  readonly #executables: PathTrieBuilder
  readonly #hosts: TableRule<ParsedHostPattern>[] = []
  readonly #namespaces: TableRule<ParsedNamespacePattern>[] = []
  readonly #topics: TableRule<ParsedTopicPattern>[] = []
  readonly #variables: TableRule<ParsedEnvironmentPattern>[] = []

  constructor(lists: number, componentId: string) {
    this.#componentId = componentId
    this.#files = new PathTrieBuilder(lists)
    this.#forbiddenFiles = new PathTrieBuilder(lists)
    this.#executables = new PathTrieBuilder(lists)
  }

  add(list: number, { kind, action, pattern, origin }: ForbiddenRule): void {
    const ref = { list, bits: checkedBitOf(kind, action), rule: this.#rules.length }
    switch (kind) {
      case 'filesystem': {
        const trie = list === forbiddenList ? this.#forbiddenFiles : this.#files
        trie.add(parsePathPattern(pattern).segments, ref)
        break
      }
      case 'process':
        this.#executables.add(parsePathPattern(pattern).segments, ref)
        break
      case 'network':
        this.#hosts.push({ ...ref, pattern: parseHostPattern(pattern) })
        break
      case 'storage':
        this.#namespaces.push({ ...ref, pattern: parseNamespacePattern(pattern, { componentId: this.#componentId }) })
        break
      case 'messaging':
        this.#topics.push({ ...ref, pattern: parseTopicPattern(pattern) })
        break
      case 'environment':
        this.#variables.push({ ...ref, pattern: parseEnvironmentPattern(pattern) })
        break
    }
    this.#rules.push({ pattern, origin })
  }

  finish(version: number, layers: readonly Layer[]): CapabilityTable {
    return {
      version,
      componentId: this.#componentId,
      layers,
      rules: this.#rules,
      files: this.#files.build(),
      forbiddenFiles: this.#forbiddenFiles.build(),
      executables: this.#executables.build(),
      hosts: this.#hosts,
      namespaces: this.#namespaces,
      topics: this.#topics,
      variables: this.#variables,
    }
  }
}
