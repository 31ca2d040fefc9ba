import { askedBits, checkedBitOf } from './action-bits.js'
import { environmentCovers, type ParsedEnvironmentPattern, parseEnvironmentPattern } from './environment-pattern.js'
import type { Grant } from './grant.js'
import { hostPatternCovers, hostRuleCovers } from './host-pattern.js'
import {
  type NamespaceOwner,
  namespaceCovers,
  type ParsedNamespacePattern,
  parseNamespacePattern,
} from './namespace-pattern.js'
import { type ParsedHostPattern, parseHostPattern } from './parsed-host-pattern.js'
import { type ParsedPathPattern, parsePathPattern, pathCovers } from './path-pattern.js'
import { type ParsedTopicPattern, parseTopicPattern, topicCovers } from './topic-pattern.js'

/** A grant with its pattern parsed, so that it can be compared with others. */
export type ParsedGrant = { readonly grant: Grant; readonly bit: number; readonly pattern: ParsedPattern }

type ParsedPattern =
  | { readonly grammar: 'path'; readonly parsed: ParsedPathPattern }
  | { readonly grammar: 'host'; readonly parsed: ParsedHostPattern }
  | { readonly grammar: 'namespace'; readonly parsed: ParsedNamespacePattern }
  | { readonly grammar: 'topic'; readonly parsed: ParsedTopicPattern }
  | { readonly grammar: 'variable'; readonly parsed: ParsedEnvironmentPattern }

/**
 * @throws {PatternError} when the pattern does not follow the grammar of its kind.
 * @throws {BulkheadError} `usage` when the action is not one of the kind.
 */
export function parseGrant(grant: Grant, owner: NamespaceOwner): ParsedGrant {
  return { grant, bit: checkedBitOf(grant.kind, grant.action), pattern: parsePattern(grant, owner) }
}

/** Whether every request that `narrow` allows is allowed by `wide`. Sound; may say false although it holds. */
export function grantCovers(wide: ParsedGrant, narrow: ParsedGrant): boolean {
  if (wide.grant.kind !== narrow.grant.kind) return false
  const answers = askedBits(narrow.grant.kind, narrow.grant.action)?.allowed ?? 0
  if ((answers & wide.bit) === 0) return false
  return patternCovers(wide.pattern, narrow.pattern, narrow.grant.action === 'resolve')
}

function parsePattern({ kind, pattern }: Grant, owner: NamespaceOwner): ParsedPattern {
  switch (kind) {
    case 'filesystem':
    case 'process':
      return { grammar: 'path', parsed: parsePathPattern(pattern) }
    case 'network':
      return { grammar: 'host', parsed: parseHostPattern(pattern) }
    case 'storage':
      return { grammar: 'namespace', parsed: parseNamespacePattern(pattern, owner) }
    case 'messaging':
      return { grammar: 'topic', parsed: parseTopicPattern(pattern) }
    case 'environment':
      return { grammar: 'variable', parsed: parseEnvironmentPattern(pattern) }
    default:
      throw new TypeError(`\`${kind}\` is not a kind`)
  }
}

function patternCovers(wide: ParsedPattern, narrow: ParsedPattern, hostOnly: boolean): boolean {
  if (wide.grammar === 'path' && narrow.grammar === 'path')
    return pathCovers(wide.parsed.segments, narrow.parsed.segments)
  if (wide.grammar === 'host' && narrow.grammar === 'host') {
    return hostOnly
      ? hostRuleCovers(wide.parsed.host, narrow.parsed.host)
      : hostPatternCovers(wide.parsed, narrow.parsed)
  }
  if (wide.grammar === 'namespace' && narrow.grammar === 'namespace') return namespaceCovers(wide.parsed, narrow.parsed)
  if (wide.grammar === 'topic' && narrow.grammar === 'topic') return topicCovers(wide.parsed, narrow.parsed)
  if (wide.grammar === 'variable' && narrow.grammar === 'variable') return environmentCovers(wide.parsed, narrow.parsed)
  return false
}
