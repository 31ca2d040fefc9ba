import type { GrantLimits, Kind, Layer, Rule } from '@bulkhead/vocabulary'
import { checkedBitOf } from './action-bits.js'
import { getOrMake } from './get-or-make.js'
import type { ForbiddenRule, Grant, PlainRule } from './grant.js'
import { byGenerosity, checkedLimits } from './grant-limits.js'
import { type KindCatalogue, noCustomKinds } from './kind-catalogue.js'
import type { ParsedNamePattern } from './name-pattern.js'
import type { ParsedNamespacePattern } from './namespace-pattern.js'
import type { ParsedHostPattern } from './parsed-host-pattern.js'
import { parsePattern } from './parsed-pattern.js'
import type { PathTrie } from './path-trie.js'
import { PathTrieBuilder } from './path-trie-builder.js'
import type { ParsedTopicPattern } from './topic-pattern.js'

/** Everything that decides for one component, as it is written. */
export type TableSpec = {
  /** The policy version, +1 at each change (DESIGN D2). */
  readonly version: number
  /** Whose name space `self:` means. */
  readonly componentId: string
  readonly forbidden: readonly ForbiddenRule[]
  readonly deny: readonly PlainRule[]
  /** All of them must allow, in the order in which they are asked. None at all means that nothing is granted. */
  readonly layers: readonly { readonly layer: Layer; readonly grants: readonly Grant[] }[]
  /** Allow by themselves, beside the layers, and lift their limits; deny rules and the forbidden list stand above them. */
  readonly operator: readonly Grant[]
  /**
   * Asked after all others, also for what the operator granted: what no role allows, or some role denies, is refused.
   * Absent: no roles are asked. Present and empty: nothing is allowed.
   */
  readonly roles?: { readonly allow: readonly PlainRule[]; readonly deny: readonly PlainRule[] } | undefined
  /** The custom kinds that rules and requests may speak of; default: none. */
  readonly kinds?: KindCatalogue | undefined
}

/** One rule of a kind that is not a path: its list, action bits and index in `CapabilityTable.rules`. */
export type TableRule<Pattern> = {
  readonly list: number
  readonly bits: number
  readonly rule: number
  readonly pattern: Pattern
}

/** The rules of one grammar, by kind. A kind without rules is not in it. */
type RulesByKind<Pattern> = ReadonlyMap<string, readonly TableRule<Pattern>[]>

/**
 * The compiled form of a `TableSpec`: plain data (objects, arrays, maps, strings, numbers) that `structuredClone` and
 * `postMessage` copy, without functions, classes or regular expressions. Never changed after it was made.
 *
 * Effective = ((all layers allow) or the operator allows) and the roles allow and not denied and not forbidden.
 */
export type CapabilityTable = {
  readonly version: number
  readonly componentId: string
  /** The layers by name; `layers[n]` is list `firstLayerList + n`. */
  readonly layers: readonly Layer[]
  /** Whether the two lists of the roles are asked. */
  readonly roles: 'asked' | 'absent'
  readonly kinds: KindCatalogue
  readonly rules: readonly Rule[]
  /** By index of the rule; only of rules that have limits. */
  readonly limits: ReadonlyMap<number, GrantLimits>
  /** `filesystem`: all lists but the forbidden one, by guest path. */
  readonly files: PathTrie
  /** `filesystem`: the forbidden list by host path. */
  readonly forbiddenFiles: PathTrie
  /** `process` and custom kinds of the grammar `path`: all lists. */
  readonly paths: ReadonlyMap<string, PathTrie>
  readonly hosts: readonly TableRule<ParsedHostPattern>[]
  readonly namespaces: readonly TableRule<ParsedNamespacePattern>[]
  readonly topics: RulesByKind<ParsedTopicPattern>
  readonly names: RulesByKind<ParsedNamePattern>
  readonly exact: RulesByKind<string>
}

export const forbiddenList = 0
export const denyList = 1
export const roleDenyList = 2
/** The lists up to here refuse; all others allow. */
export const lastRefusingList = roleDenyList
export const operatorList = 3
export const roleAllowList = 4
/** The list of the table's first layer; the others follow in order. */
export const firstLayerList = 5

/**
 * Compiles a specification into the table that decides.
 *
 * @throws {PatternError} when a pattern does not follow its grammar.
 * @throws {BulkheadError} `usage` when an action is not one of its kind, or a limit stands where nothing would obey it.
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
  const compiler = new TableCompiler(spec)
  for (const rule of spec.forbidden) compiler.add(forbiddenList, rule)
  for (const rule of spec.deny) compiler.add(denyList, rule)
  for (const rule of spec.roles?.deny ?? []) compiler.add(roleDenyList, rule)
  for (const rule of byGenerosity(spec.operator)) compiler.add(operatorList, rule, checkedLimits(rule))
  for (const rule of spec.roles?.allow ?? []) compiler.add(roleAllowList, rule)
  for (const [index, { grants }] of spec.layers.entries()) {
    for (const rule of byGenerosity(grants)) compiler.add(firstLayerList + index, rule, checkedLimits(rule))
  }
  return compiler.finish()
}

class TableCompiler {
  readonly #spec: TableSpec
  readonly #kinds: KindCatalogue
  readonly #lists: number
  readonly #rules: Rule[] = []
  readonly #limits = new Map<number, GrantLimits>()
  readonly #files: PathTrieBuilder
  readonly #forbiddenFiles: PathTrieBuilder
  readonly #paths = new Map<string, PathTrieBuilder>()
  readonly #hosts: TableRule<ParsedHostPattern>[] = []
  readonly #namespaces: TableRule<ParsedNamespacePattern>[] = []
  readonly #topics = new Map<string, TableRule<ParsedTopicPattern>[]>()
  readonly #names = new Map<string, TableRule<ParsedNamePattern>[]>()
  readonly #exact = new Map<string, TableRule<string>[]>()

  constructor(spec: TableSpec) {
    this.#spec = spec
    this.#kinds = spec.kinds ?? noCustomKinds
    this.#lists = spec.layers.length + firstLayerList
    this.#files = new PathTrieBuilder(this.#lists)
    this.#forbiddenFiles = new PathTrieBuilder(this.#lists)
  }

  add(list: number, { kind, action, pattern, origin }: PlainRule, limits?: GrantLimits): void {
    const checked = parsePattern(kind, pattern, { componentId: this.#spec.componentId, kinds: this.#kinds })
    const rule = this.#rules.length
    const ref = { list, bits: checkedBitOf(kind, action, this.#kinds), rule }
    switch (checked.grammar) {
      case 'path':
        this.#trieOf(kind, list).add(checked.parsed.segments, ref)
        break
      case 'host':
        this.#hosts.push({ ...ref, pattern: checked.parsed })
        break
      case 'namespace':
        this.#namespaces.push({ ...ref, pattern: checked.parsed })
        break
      case 'topic':
        getOrMake(this.#topics, kind, () => []).push({ ...ref, pattern: checked.parsed })
        break
      case 'name':
        getOrMake(this.#names, kind, () => []).push({ ...ref, pattern: checked.parsed })
        break
      case 'exact':
        getOrMake(this.#exact, kind, () => []).push({ ...ref, pattern: checked.parsed })
        break
    }
    this.#rules.push({ pattern, origin })
    if (limits !== undefined) this.#limits.set(rule, limits)
  }

  finish(): CapabilityTable {
    return {
      version: this.#spec.version,
      componentId: this.#spec.componentId,
      layers: this.#spec.layers.map(({ layer }) => layer),
      roles: this.#spec.roles === undefined ? 'absent' : 'asked',
      kinds: this.#kinds,
      rules: this.#rules,
      limits: this.#limits,
      files: this.#files.build(this.#limits),
      forbiddenFiles: this.#forbiddenFiles.build(this.#limits),
      paths: new Map([...this.#paths].map(([kind, trie]) => [kind, trie.build(this.#limits)])),
      hosts: this.#hosts,
      namespaces: this.#namespaces,
      topics: this.#topics,
      names: this.#names,
      exact: this.#exact,
    }
  }

  #trieOf(kind: Kind, list: number): PathTrieBuilder {
    if (kind === 'filesystem') return list === forbiddenList ? this.#forbiddenFiles : this.#files
    return getOrMake(this.#paths, kind, () => new PathTrieBuilder(this.#lists))
  }
}
