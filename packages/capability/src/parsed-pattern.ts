import type { Kind } from '@bulkhead/vocabulary'
import { checkPatternText } from './characters.js'
import { parseEnvironmentPattern } from './environment-pattern.js'
import { hostPatternCovers, hostRuleCovers } from './host-pattern.js'
import type { KindCatalogue } from './kind-catalogue.js'
import { checkedGrammarOf } from './kind-shape.js'
import { exactPatternBytesMax } from './limits.js'
import { nameCovers, type ParsedNamePattern, parseNamePattern } from './name-pattern.js'
import {
  type NamespaceOwner,
  namespaceCovers,
  type ParsedNamespacePattern,
  parseNamespacePattern,
} from './namespace-pattern.js'
import { type ParsedHostPattern, parseHostPattern } from './parsed-host-pattern.js'
import { type ParsedPathPattern, parsePathPattern, pathCovers } from './path-pattern.js'
import { type ParsedTopicPattern, parseTopicPattern, topicCovers } from './topic-pattern.js'

/** A pattern that was checked, with the grammar that it was written in. */
export type ParsedPattern =
  | { readonly grammar: 'path'; readonly parsed: ParsedPathPattern }
  | { readonly grammar: 'host'; readonly parsed: ParsedHostPattern }
  | { readonly grammar: 'namespace'; readonly parsed: ParsedNamespacePattern }
  | { readonly grammar: 'topic'; readonly parsed: ParsedTopicPattern }
  | { readonly grammar: 'name'; readonly parsed: ParsedNamePattern }
  | { readonly grammar: 'exact'; readonly parsed: string }

/** What a pattern means depends on its kind, and for storage on whose it is. */
export type PatternContext = NamespaceOwner & { readonly kinds: KindCatalogue }

/**
 * @throws {PatternError} when the pattern does not follow the grammar of its kind.
 * @throws {BulkheadError} `usage` when there is no such kind.
 */
export function parsePattern(kind: Kind, pattern: string, context: PatternContext): ParsedPattern {
  switch (checkedGrammarOf(kind, context.kinds)) {
    case 'path':
      return { grammar: 'path', parsed: parsePathPattern(pattern) }
    case 'host':
      return { grammar: 'host', parsed: parseHostPattern(pattern) }
    case 'namespace':
      return { grammar: 'namespace', parsed: parseNamespacePattern(pattern, context) }
    case 'topic':
      return { grammar: 'topic', parsed: parseTopicPattern(pattern) }
    case 'variable':
      return { grammar: 'name', parsed: parseEnvironmentPattern(pattern) }
    case 'name':
      return { grammar: 'name', parsed: parseNamePattern(pattern) }
    case 'exact':
      checkPatternText(pattern, exactPatternBytesMax)
      return { grammar: 'exact', parsed: pattern }
  }
}

/**
 * Whether everything that `narrow` matches is matched by `wide`, two patterns of one kind. Sound; may say false although
 * it holds. With `hostOnly` protocol and port do not count, as for resolving a name.
 */
export function patternCovers(wide: ParsedPattern, narrow: ParsedPattern, hostOnly: boolean): boolean {
  if (wide.grammar === 'path' && narrow.grammar === 'path')
    return pathCovers(wide.parsed.segments, narrow.parsed.segments)
  if (wide.grammar === 'host' && narrow.grammar === 'host') {
    return hostOnly
      ? hostRuleCovers(wide.parsed.host, narrow.parsed.host)
      : hostPatternCovers(wide.parsed, narrow.parsed)
  }
  if (wide.grammar === 'namespace' && narrow.grammar === 'namespace') return namespaceCovers(wide.parsed, narrow.parsed)
  if (wide.grammar === 'topic' && narrow.grammar === 'topic') return topicCovers(wide.parsed, narrow.parsed)
  if (wide.grammar === 'name' && narrow.grammar === 'name') return nameCovers(wide.parsed, narrow.parsed)
  return wide.grammar === 'exact' && narrow.grammar === 'exact' && wide.parsed === narrow.parsed
}
