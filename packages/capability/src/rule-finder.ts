import type { Request } from '@bulkhead/vocabulary'
import { type AskedBits, askedBits } from './action-bits.js'
import { isCanonicalPath } from './canonical-path.js'
import { type CapabilityTable, denyList, firstLayerList, type TableRule } from './capability-table.js'
import { environmentMatches, isVariableName } from './environment-pattern.js'
import { parseHostCandidate } from './host-candidate.js'
import { hostPatternMatches, hostRuleMatches } from './host-pattern.js'
import { resourceUnitsMax } from './limits.js'
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
  readonly #files: PathWalk
  readonly #forbiddenFiles: PathWalk
  readonly #executables: PathWalk

  constructor(table: CapabilityTable) {
    this.table = table
    this.found = new Int32Array(firstLayerList + table.layers.length)
    this.#files = new PathWalk(table.files)
    this.#forbiddenFiles = new PathWalk(table.forbiddenFiles)
    this.#executables = new PathWalk(table.executables)
  }

  /** Fills `found`; returns why the request matches nothing whatever the rules say, or `undefined` when it is well formed. */
  find(request: Request): string | undefined {
    this.found.fill(-1)
    const asked = askedBits(request.kind, request.action)
    if (asked === undefined) return 'there is no such action'
    if (request.resource.length > resourceUnitsMax) return `the resource is longer than ${resourceUnitsMax} characters`
    switch (request.kind) {
      case 'filesystem':
        return this.#findFile(request, asked)
      case 'process':
        return this.#walk(this.#executables, request.resource, asked)
          ? undefined
          : 'the executable is not a canonical absolute path'
      case 'network':
        return this.#findHost(request, asked)
      case 'storage':
        return this.#findNamespace(request.resource, asked)
      case 'messaging':
        return this.#findTopic(request.resource, asked)
      case 'environment':
        return this.#findVariable(request.resource, asked)
      default:
        return 'there is no such kind'
    }
  }

  #findFile(request: Request, asked: AskedBits): string | undefined {
    if (!this.#walk(this.#files, request.resource, asked)) return 'the path is not canonical'
    if (request.hostPath === undefined) return undefined
    return this.#walk(this.#forbiddenFiles, request.hostPath, asked) ? undefined : 'the host path is not canonical'
  }

  #walk(walk: PathWalk, path: string, asked: AskedBits): boolean {
    if (!isCanonicalPath(path)) return false
    walk.walk(path)
    for (let index = 0; index < walk.activeCount; index++) this.#take(walk.active(index), asked)
    for (let index = 0; index < walk.settledCount; index++) this.#take(walk.settled(index), asked)
    return true
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
    this.#findIn(this.table.hosts, asked, (pattern) =>
      resolving ? hostRuleMatches(pattern.host, candidate.host) : hostPatternMatches(pattern, candidate),
    )
    return undefined
  }

  #findNamespace(resource: string, asked: AskedBits): string | undefined {
    const name = canonicalNamespace(resource, this.table)
    if (name === undefined) return 'the name is empty or holds control characters'
    this.#findIn(this.table.namespaces, asked, (pattern) => namespaceMatches(pattern, name))
    return undefined
  }

  #findTopic(resource: string, asked: AskedBits): string | undefined {
    if (!isTopic(resource)) return 'the topic does not follow the grammar, or belongs to the host'
    this.#findIn(this.table.topics, asked, (pattern) => topicMatches(pattern, resource))
    return undefined
  }

  #findVariable(resource: string, asked: AskedBits): string | undefined {
    if (!isVariableName(resource)) return 'this is not a variable name'
    this.#findIn(this.table.variables, asked, (pattern) => environmentMatches(pattern, resource))
    return undefined
  }

  #findIn<Pattern>(
    rules: readonly TableRule<Pattern>[],
    asked: AskedBits,
    matches: (pattern: Pattern) => boolean,
  ): void {
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
  return list <= denyList ? asked.refused : asked.allowed
}
