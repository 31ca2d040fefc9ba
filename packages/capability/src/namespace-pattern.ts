import { checkPatternText, holdsUnprintable } from './characters.js'
import type { CompiledPattern } from './compiled-pattern.js'
import { namespacePatternBytesMax } from './limits.js'
import { PatternError } from './pattern-error.js'

/** Whose `self:` a pattern means; without one, `self` is an ordinary segment. */
export type NamespaceOwner = { readonly componentId?: string | undefined }

/**
 * A storage pattern (SPEC 3.3) as plain data, `self:` already written out. A segment `*` is any one segment; `rest` says
 * that the pattern ended with `*`, which takes one or more characters, colons too.
 */
export type ParsedNamespacePattern = {
  readonly source: string
  readonly segments: readonly string[]
  readonly rest: boolean
}

/**
 * A storage pattern: `segment:segment:…`; a last `*` matches one or more remaining characters, `*` elsewhere exactly one
 * segment. `self:…` and `component:<componentId>:…` mean the same.
 *
 * @throws {PatternError} an empty pattern or segment, a `*` glued to other characters, control characters.
 * @example
 * ```ts
 * compileNamespacePattern('self:*', { componentId: 'ingest' }).matches('component:ingest:cache:v1') // true
 * ```
 */
export function compileNamespacePattern(source: string, owner: { readonly componentId: string }): CompiledPattern {
  const parsed = parseNamespacePattern(source, owner)
  return {
    source,
    matches: (candidate) => {
      const name = canonicalNamespace(candidate, owner)
      return name !== undefined && namespaceMatches(parsed, name)
    },
  }
}

/** @throws {PatternError} see `compileNamespacePattern`. */
export function parseNamespacePattern(source: string, owner: NamespaceOwner): ParsedNamespacePattern {
  checkPatternText(source, namespacePatternBytesMax)
  const segments = source.split(':')
  let at = 0
  for (const segment of segments) {
    if (segment === '') {
      throw new PatternError('the pattern holds an empty segment', {
        source,
        position: Math.min(at, source.length - 1),
        hint: 'segments are separated by one `:`',
      })
    }
    const star = segment.indexOf('*')
    if (star !== -1 && segment !== '*') {
      throw new PatternError('`*` is glued to other characters', {
        source,
        position: at + star,
        hint: '`*` stands for a whole segment',
      })
    }
    at += segment.length + 1
  }
  const rest = segments.at(-1) === '*'
  if (rest) segments.pop()
  return { source, segments: ownSegments(segments, owner), rest }
}

/** A candidate with `self:` written out, or `undefined` when it is empty or holds control characters. */
export function canonicalNamespace(name: string, owner: NamespaceOwner): string | undefined {
  if (name === '' || holdsUnprintable(name)) return undefined
  if (owner.componentId === undefined || !(name === 'self' || name.startsWith('self:'))) return name
  return `component:${owner.componentId}${name.slice('self'.length)}`
}

/** Whether the pattern matches a name that `canonicalNamespace` returned. */
export function namespaceMatches(pattern: ParsedNamespacePattern, name: string): boolean {
  let at = 0
  for (const [index, wanted] of pattern.segments.entries()) {
    const colon = name.indexOf(':', at)
    const end = colon === -1 ? name.length : colon
    const fits = wanted === '*' ? end > at : end - at === wanted.length && name.startsWith(wanted, at)
    if (!fits) return false
    if (colon === -1) return !pattern.rest && index === pattern.segments.length - 1
    at = colon + 1
  }
  return pattern.rest && at < name.length
}

/** Whether every name that `narrow` matches is matched by `wide`. Sound. */
export function namespaceCovers(wide: ParsedNamespacePattern, narrow: ParsedNamespacePattern): boolean {
  const deeper = narrow.segments.length - wide.segments.length
  if (wide.rest ? deeper < 0 || (deeper === 0 && !narrow.rest) : narrow.rest || deeper !== 0) return false
  return wide.segments.every((wanted, index) => {
    const given = narrow.segments[index]
    return wanted === given || wanted === '*'
  })
}

function ownSegments(segments: readonly string[], owner: NamespaceOwner): readonly string[] {
  if (segments[0] !== 'self' || owner.componentId === undefined) return segments
  return ['component', owner.componentId, ...segments.slice(1)]
}
