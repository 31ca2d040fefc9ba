import { isTopic, parseTopicPattern, topicCovers } from '@bulkhead/capability'
import {
  authorityAllows,
  type CompiledAuthority,
  compileAuthority,
  meets,
  patternsOf,
  type TopicAuthority,
} from './topic-authority.js'

/** What may pass one lane (DESIGN D7): compiled by the host, given to the reader alone. Plain data. */
export type LaneFilter = {
  /** +1 whenever the filter of this lane changes. */
  readonly version: number
  /** Any of them: what the sender may publish, and what it may ask. */
  readonly publish: readonly CompiledAuthority[]
  readonly subscribe: CompiledAuthority
}

/**
 * Compiles what a sender may send and a receiver may subscribe.
 *
 * @param spec.publish one authority, or several of which any will do.
 * @throws {PatternError} when a pattern is none.
 */
export function compileLaneFilter(spec: {
  readonly version: number
  readonly publish: TopicAuthority | readonly TopicAuthority[]
  readonly subscribe: TopicAuthority
}): LaneFilter {
  const publish = 'layers' in spec.publish ? [spec.publish] : spec.publish
  return {
    version: spec.version,
    publish: publish.map(compileAuthority),
    subscribe: compileAuthority(spec.subscribe),
  }
}

/** Whether a topic may pass. What is no topic may not. */
export function filterAllows(filter: LaneFilter, topic: string): boolean {
  return (
    isTopic(topic) &&
    authorityAllows(filter.subscribe, topic) &&
    filter.publish.some((authority) => authorityAllows(authority, topic))
  )
}

/**
 * Whether there may be a topic that both may use; `false` is certain: then no lane is made between them.
 *
 * @throws {PatternError} when a pattern is none.
 */
export function mayShareTopic(publish: TopicAuthority, subscribe: TopicAuthority): boolean {
  const both = meets(patternsOf(publish), patternsOf(subscribe))
  if (both === undefined) return true
  const denied = [...publish.deny, ...subscribe.deny].map(parseTopicPattern)
  return both.some((pattern) => !denied.some((deny) => topicCovers(deny, pattern)))
}
