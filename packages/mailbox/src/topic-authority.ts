import { type ParsedTopicPattern, parseTopicPattern } from '@bulkhead/capability'
import { meetsTriedMax } from './limits.js'
import { meetOf } from './topic-meet.js'
import { buildTopicTrie, matchesTopic, type TopicTrie } from './topic-trie.js'

/**
 * The topics that one side may use: those which every layer has a pattern for, or the operator has granted; of these,
 * where roles are asked, only what some role allows; less those which are denied. No layer at all lets nothing through.
 */
export type TopicAuthority = {
  readonly layers: readonly (readonly string[])[]
  readonly operator: readonly string[]
  /** What roles allow, which filters operator grants too. Absent: no roles are asked. Empty: they allow nothing. */
  readonly roles?: readonly string[] | undefined
  /** What anybody denies: documents, roles, the forbidden list. */
  readonly deny: readonly string[]
}

/** A `TopicAuthority` that decides. Plain data. */
export type CompiledAuthority = {
  readonly layers: readonly TopicTrie<true>[]
  readonly operator: TopicTrie<true>
  readonly roles: TopicTrie<true> | undefined
  readonly deny: TopicTrie<true>
}

/** @throws {PatternError} when a pattern is none. */
export function compileAuthority({ layers, operator, roles, deny }: TopicAuthority): CompiledAuthority {
  return {
    layers: layers.map(trieOf),
    operator: trieOf(operator),
    roles: roles && trieOf(roles),
    deny: trieOf(deny),
  }
}

/** Whether a topic is one of them; it has passed `isTopic`. */
export function authorityAllows({ layers, operator, roles, deny }: CompiledAuthority, topic: string): boolean {
  if (matchesTopic(deny, topic)) return false
  if (roles !== undefined && !matchesTopic(roles, topic)) return false
  return (layers.length > 0 && layers.every((layer) => matchesTopic(layer, topic))) || matchesTopic(operator, topic)
}

/**
 * The patterns of all topics that are in it before anything is denied, or `undefined` when they are too many to be worked
 * out.
 *
 * @throws {PatternError} when a pattern is none.
 */
export function patternsOf({ layers, operator, roles }: TopicAuthority): readonly ParsedTopicPattern[] | undefined {
  const [first = [], ...others] = layers.map((layer) => layer.map(parseTopicPattern))
  const inAllLayers = others.reduce<readonly ParsedTopicPattern[] | undefined>(meets, first)
  const granted = inAllLayers && [...inAllLayers, ...operator.map(parseTopicPattern)]
  return roles === undefined ? granted : meets(granted, roles.map(parseTopicPattern))
}

/** The patterns of all topics that both match. */
export function meets(
  some: readonly ParsedTopicPattern[] | undefined,
  others: readonly ParsedTopicPattern[] | undefined,
): readonly ParsedTopicPattern[] | undefined {
  if (some === undefined || others === undefined || some.length * others.length > meetsTriedMax) return undefined
  const found = new Map<string, ParsedTopicPattern>()
  for (const one of some) {
    for (const other of others) {
      const meet = meetOf(one, other)
      if (meet !== undefined) found.set(meet.source, meet)
    }
  }
  return [...found.values()]
}

function trieOf(patterns: readonly string[]): TopicTrie<true> {
  return buildTopicTrie(patterns.map((pattern) => [pattern, true]))
}
