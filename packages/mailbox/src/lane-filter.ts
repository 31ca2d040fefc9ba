import { isTopic, type ParsedTopicPattern, parseTopicPattern, topicCovers } from '@bulkhead/capability'
import { meetsTriedMax } from './limits.js'
import { meetOf } from './topic-meet.js'
import { buildTopicTrie, matchesTopic, type TopicTrie } from './topic-trie.js'

/**
 * The topics that one side may use: those which every layer has a pattern for, or the operator has granted, less those
 * which are denied. No layer at all lets nothing through.
 */
export type TopicAuthority = {
  readonly layers: readonly (readonly string[])[]
  readonly operator: readonly string[]
  readonly deny: readonly string[]
}

type CompiledAuthority = {
  readonly layers: readonly TopicTrie<true>[]
  readonly operator: TopicTrie<true>
  readonly deny: TopicTrie<true>
}

/** What may pass one lane (DESIGN D7): compiled by the host, given to the reader alone. Plain data. */
export type LaneFilter = {
  /** +1 whenever the filter of this lane changes. */
  readonly version: number
  readonly publish: CompiledAuthority
  readonly subscribe: CompiledAuthority
}

/**
 * Compiles what a sender may publish and a receiver may subscribe.
 *
 * @throws {PatternError} when a pattern is none.
 */
export function compileLaneFilter(spec: {
  readonly version: number
  readonly publish: TopicAuthority
  readonly subscribe: TopicAuthority
}): LaneFilter {
  return { version: spec.version, publish: compile(spec.publish), subscribe: compile(spec.subscribe) }
}

/** Whether a topic may pass. What is no topic may not. */
export function filterAllows(filter: LaneFilter, topic: string): boolean {
  return isTopic(topic) && allows(filter.publish, topic) && allows(filter.subscribe, topic)
}

/**
 * Whether there may be a topic that both may use; `false` is certain: then no lane is made between them.
 *
 * @throws {PatternError} when a pattern is none.
 */
export function mayShareTopic(publish: TopicAuthority, subscribe: TopicAuthority): boolean {
  const both = meets(usable(publish), usable(subscribe))
  if (both === undefined) return true
  const denied = [...publish.deny, ...subscribe.deny].map(parseTopicPattern)
  return both.some((pattern) => !denied.some((deny) => topicCovers(deny, pattern)))
}

function allows(authority: CompiledAuthority, topic: string): boolean {
  if (matchesTopic(authority.deny, topic)) return false
  const { layers } = authority
  return (
    (layers.length > 0 && layers.every((layer) => matchesTopic(layer, topic))) ||
    matchesTopic(authority.operator, topic)
  )
}

function compile(authority: TopicAuthority): CompiledAuthority {
  return {
    layers: authority.layers.map(trieOf),
    operator: trieOf(authority.operator),
    deny: trieOf(authority.deny),
  }
}

function trieOf(patterns: readonly string[]): TopicTrie<true> {
  return buildTopicTrie(patterns.map((pattern) => [pattern, true]))
}

/** The patterns of all topics that one side may use, or `undefined` when they are too many to be worked out. */
function usable(authority: TopicAuthority): readonly ParsedTopicPattern[] | undefined {
  const [first = [], ...others] = authority.layers.map((layer) => layer.map(parseTopicPattern))
  const inAllLayers = others.reduce<readonly ParsedTopicPattern[] | undefined>(meets, first)
  return inAllLayers && [...inAllLayers, ...authority.operator.map(parseTopicPattern)]
}

function meets(
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
