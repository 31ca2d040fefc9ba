import type { GrantLimits, Request } from '@bulkhead/vocabulary'
import type { AskedBits } from './action-bits.js'
import { isCanonicalPath } from './canonical-path.js'
import {
  type CapabilityTable,
  firstLayerList,
  lastRefusingList,
  operatorList,
  type TableRule,
} from './capability-table.js'
import { isVariableName } from './environment-pattern.js'
import { narrower } from './grant-limits.js'
import { parseHostCandidate } from './host-candidate.js'
import { hostPatternMatches, hostRuleMatches } from './host-pattern.js'
import { type KindShape, shapesOf } from './kind-shape.js'
import { resourceUnitsMax } from './limits.js'
import { isPlainName, nameMatches } from './name-pattern.js'
import { canonicalNamespace, namespaceMatches } from './namespace-pattern.js'
import type { PathTrieNode } from './path-trie.js'
import { PathWalk } from './path-walk.js'
import { isTopic, topicMatches } from './topic-pattern.js'

/**
 * Finds, for one request, the first rule of each list of a table that matches it. It only finds: what follows from the
 * findings is decided by `Decider` and `CapabilitySet`. Keeps working memory between calls; one thread, one finder.
 */
export class RuleFinder {
  readonly table: CapabilityTable
  /** For each list, the index of its first matching rule, or -1. Valid until the next `find`. */
  readonly found: Int32Array
  readonly #shapes: ReadonlyMap<string, KindShape>
  readonly #files: PathWalk
  readonly #forbiddenFiles: PathWalk
  readonly #paths: ReadonlyMap<string, PathWalk>

  constructor(table: CapabilityTable) {
    this.table = table
    this.found = new Int32Array(firstLayerList + table.layers.length)
    this.#shapes = shapesOf(table.kinds)
    this.#files = new PathWalk(table.files)
    this.#forbiddenFiles = new PathWalk(table.forbiddenFiles)
    this.#paths = new Map([...table.paths].map(([kind, trie]) => [kind, new PathWalk(trie)]))
  }

  /** Fills `found`; returns why the request matches nothing whatever the rules say, or `undefined` when it is well formed. */
  find(request: Request): string | undefined {
    this.found.fill(-1)
    const { kind, resource } = request
    const shape = this.#shapes.get(kind)
    if (shape === undefined) return 'there is no such kind'
    const asked = shape.asked.get(request.action)
    if (asked === undefined) return 'there is no such action'
    if (resource.length > resourceUnitsMax) return `the resource is longer than ${resourceUnitsMax} characters`
    switch (shape.grammar) {
      case 'path':
        return kind === 'filesystem' ? this.#findFile(request, asked) : this.#findPath(request, asked)
      case 'host':
        return this.#findHost(request, asked)
      case 'namespace':
        return this.#findNamespace(resource, asked)
      case 'topic':
        if (!isTopic(resource)) return 'the topic does not follow the grammar, or belongs to the host'
        return this.#findIn(this.table.topics.get(kind), asked, (pattern) => topicMatches(pattern, resource))
      case 'variable':
        if (!isVariableName(resource)) return 'this is not a variable name'
        return this.#findIn(this.table.names.get(kind), asked, (pattern) => nameMatches(pattern, resource))
      case 'name':
        if (!isPlainName(resource)) return 'the name is empty or holds control characters'
        return this.#findIn(this.table.names.get(kind), asked, (pattern) => nameMatches(pattern, resource))
      case 'exact':
        if (!isPlainName(resource)) return 'the resource is empty or holds control characters'
        return this.#findIn(this.table.exact.get(kind), asked, (pattern) => pattern === resource)
    }
  }

  /**
   * Within which limits what was found is allowed: those of the operator's rule, where one matched, else the narrowest over
   * the layers, in each of which the first match is the most generous. Looking up a name makes no connection, so that no
   * limit counts it.
   */
  limitsFound({ kind, action }: Request): GrantLimits | undefined {
    const { limits } = this.table
    if (limits.size === 0 || action === 'resolve') return undefined
    const operator = this.found[operatorList] ?? -1
    if (operator !== -1) return limits.get(operator)
    let narrow: GrantLimits | undefined
    for (let list = firstLayerList; list < this.found.length; list++) {
      narrow = narrower(kind, limits.get(this.found[list] ?? -1), narrow)
    }
    return narrow
  }

  #findFile(request: Request, asked: AskedBits): string | undefined {
    if (!isCanonicalPath(request.resource)) return 'the path is not canonical'
    this.#walk(this.#files, request.resource, asked)
    if (request.hostPath === undefined) return undefined
    if (!isCanonicalPath(request.hostPath)) return 'the host path is not canonical'
    this.#walk(this.#forbiddenFiles, request.hostPath, asked)
    return undefined
  }

  #findPath({ kind, resource }: Request, asked: AskedBits): string | undefined {
    if (!isCanonicalPath(resource)) return 'this is not a canonical absolute path'
    const walk = this.#paths.get(kind)
    if (walk !== undefined) this.#walk(walk, resource, asked)
    return undefined
  }

  #walk(walk: PathWalk, path: string, asked: AskedBits): void {
    walk.walk(path)
    for (let index = 0; index < walk.activeCount; index++) this.#take(walk.active(index), asked)
    for (let index = 0; index < walk.settledCount; index++) this.#take(walk.settled(index), asked)
  }

  #take(node: PathTrieNode, asked: AskedBits): void {
    const rules = node.rules
    for (let index = 0; index < rules.length; index++) {
      const ref = rules[index]
      if (ref !== undefined && (ref.bits & bitsFor(ref.list, asked)) !== 0) this.#note(ref.list, ref.rule)
    }
  }

  #findHost(request: Request, asked: AskedBits): string | undefined {
    const candidate = parseHostCandidate(request.resource)
    if (candidate === undefined) return 'the host is not a name, address or port that a rule could mean'
    const resolving = request.action === 'resolve'
    return this.#findIn(this.table.hosts, asked, (pattern) =>
      resolving ? hostRuleMatches(pattern.host, candidate.host) : hostPatternMatches(pattern, candidate),
    )
  }

  #findNamespace(resource: string, asked: AskedBits): string | undefined {
    const name = canonicalNamespace(resource, this.table)
    if (name === undefined) return 'the name is empty or holds control characters'
    return this.#findIn(this.table.namespaces, asked, (pattern) => namespaceMatches(pattern, name))
  }

  /** Always `undefined`: the request was well formed. */
  #findIn<Pattern>(
    rules: readonly TableRule<Pattern>[] = [],
    asked: AskedBits,
    matches: (pattern: Pattern) => boolean,
  ): undefined {
    for (let index = 0; index < rules.length; index++) {
      const rule = rules[index]
      if (rule === undefined || (rule.bits & bitsFor(rule.list, asked)) === 0) continue
      if (this.found[rule.list] === -1 && matches(rule.pattern)) this.#note(rule.list, rule.rule)
    }
  }

  #note(list: number, rule: number): void {
    const before = this.found[list] ?? -1
    if (before === -1 || rule < before) this.found[list] = rule
  }
}

function bitsFor(list: number, asked: AskedBits): number {
  return list <= lastRefusingList ? asked.refused : asked.allowed
}
