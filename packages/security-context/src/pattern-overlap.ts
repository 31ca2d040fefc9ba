import {
  compilePathPattern,
  type HostRule,
  hostRuleMatches,
  inBlock,
  type KindCatalogue,
  type ParsedHostPattern,
  parseHostPattern,
} from '@bulkhead/capability'
import { isBuiltinKind, type Kind } from '@bulkhead/vocabulary'
import { rest, sequencesOverlap, type Token } from './sequence-overlap.js'

/** Whose `self:` is meant, and the custom kinds that there are. */
export type PatternOwner = { readonly componentId: string; readonly kinds?: KindCatalogue | undefined }

/**
 * Whether something may be meant by both patterns of a kind. Never false when something is. It may be true wrongly for two
 * character classes in one place, which are not compared. It only describes: no request is decided by it.
 */
export function patternsOverlap(kind: Kind, left: string, right: string, owner: PatternOwner): boolean {
  switch (isBuiltinKind(kind) ? kind : owner.kinds?.get(kind)?.grammar) {
    case 'filesystem':
    case 'process':
    case 'path':
      return sequencesOverlap(pathTokens(left), pathTokens(right), segmentsOverlap)
    case 'network':
      return hostsOverlap(parseHostPattern(left), parseHostPattern(right))
    case 'storage':
      return sequencesOverlap(storageTokens(left, owner), storageTokens(right, owner), wordsMeet)
    case 'messaging':
    case 'topic':
      return sequencesOverlap(wordTokens(left.split('.'), '>'), wordTokens(right.split('.'), '>'), wordsMeet)
    case 'environment':
    case 'name':
      return sequencesOverlap(nameTokens(left), nameTokens(right), (a, b) => a === b)
    default:
      return left === right
  }
}

function pathTokens(pattern: string): Token<string>[] {
  if (pattern === '/') return []
  return pattern
    .slice(1)
    .split('/')
    .map((segment) => (segment === '**' ? rest : segment))
}

function segmentsOverlap(left: string, right: string): boolean {
  return left === right || sequencesOverlap(segmentTokens(left), segmentTokens(right), charactersMeet)
}

/** The places of one segment: a character, `?`, or a class with its brackets. */
function segmentTokens(segment: string): Token<string>[] {
  const places = segment.match(/\[!?\][^\]]*\]|\[!?[^\]]+\]|[^[]/gu) ?? []
  return places.map((place) => (place === '*' ? rest : place))
}

function charactersMeet(left: string, right: string): boolean {
  if (left === right || left === '?' || right === '?') return true
  if (left.length > 2 && right.length > 2) return true
  return left.length > 2 ? classHolds(left, right) : right.length > 2 && classHolds(right, left)
}

/** The grammar itself answers: no second reading of classes. */
function classHolds(text: string, character: string): boolean {
  return compilePathPattern(`/${text}`).matches(`/${character}`)
}

function storageTokens(pattern: string, { componentId }: PatternOwner): Token<string>[] {
  const segments = pattern.split(':')
  return wordTokens(segments[0] === 'self' ? ['component', componentId, ...segments.slice(1)] : segments, '*')
}

/** Segments of a storage pattern or tokens of a topic; `more` at the end is one or more of them. */
function wordTokens(words: readonly string[], more: string): Token<string>[] {
  return words.at(-1) === more ? [...words.slice(0, -1), '*', rest] : [...words]
}

function wordsMeet(left: string, right: string): boolean {
  return left === right || left === '*' || right === '*'
}

/** Characters of a variable's or other name; `*` can only stand at the end. */
function nameTokens(pattern: string): Token<string>[] {
  return [...pattern].map((character) => (character === '*' ? rest : character))
}

function hostsOverlap(left: ParsedHostPattern, right: ParsedHostPattern): boolean {
  return (
    left.port.from <= right.port.to &&
    right.port.from <= left.port.to &&
    protocolsMeet(left.protocol, right.protocol) &&
    (hostHolds(left.host, right.host) || hostHolds(right.host, left.host))
  )
}

/** `tcp` carries `http` and `https`. */
function protocolsMeet(left: string, right: string): boolean {
  return left === right || (left === 'tcp' && right !== 'udp') || (right === 'tcp' && left !== 'udp')
}

/** Two host rules never overlap without one of them holding the other. */
function hostHolds(wide: HostRule, narrow: HostRule): boolean {
  if (wide.kind === 'any') return true
  switch (narrow.kind) {
    case 'any':
      return false
    case 'name':
      return hostRuleMatches(wide, narrow)
    case 'suffix':
      return wide.kind === 'suffix' && narrow.suffix.endsWith(wide.suffix)
    case 'block':
      return wide.kind === 'block' && wide.prefix <= narrow.prefix && inBlock(wide.base, wide.prefix, narrow.base)
  }
}
