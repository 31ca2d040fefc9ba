import { splitCanonical } from './canonical-path.js'
import { parseCharacterClass } from './character-class.js'
import { checkPatternText, unitsOf } from './characters.js'
import type { CompiledPattern } from './compiled-pattern.js'
import { pathPatternBytesMax } from './limits.js'
import { PatternError } from './pattern-error.js'
import { anyOne, anyRun, firstClass, type SegmentGlob, segmentCovers, segmentMatches } from './segment-glob.js'
import { wildcardMatch } from './two-pointer.js'

/** One segment of a path pattern. `deep` is `**`: zero or more segments. */
export type PathSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'glob'; readonly glob: SegmentGlob }
  | { readonly kind: 'deep' }

/** A path pattern as plain data. Runs of `**` are kept as one. */
export type ParsedPathPattern = { readonly source: string; readonly segments: readonly PathSegment[] }

/**
 * A path pattern (SPEC 3.1): absolute, `*` `?` `[a-z]` `[!a-z]` inside one segment, a whole segment `**` for zero or more
 * segments, everything else literal, compared by code point. A candidate must be canonical: one that is relative or holds
 * `.`, `..`, an empty segment or NUL never matches.
 *
 * @throws {PatternError} with the `position` of the character that is wrong.
 * @example
 * ```ts
 * const pattern = compilePathPattern('/data/**' + '/*.csv')
 * pattern.matches('/data/2024/sales.csv') // true
 * pattern.matches('/data/../etc/x.csv') // false
 * ```
 */
export function compilePathPattern(source: string): CompiledPattern {
  const { segments } = parsePathPattern(source)
  return {
    source,
    matches: (candidate) => {
      const path = splitCanonical(candidate)
      return path !== undefined && pathMatches(segments, path)
    },
  }
}

/** @throws {PatternError} see `compilePathPattern`. */
export function parsePathPattern(source: string): ParsedPathPattern {
  checkPatternText(source, pathPatternBytesMax)
  if (source[0] !== '/') {
    throw new PatternError(`\`${source}\` is not absolute`, {
      source,
      position: 0,
      hint: 'a path pattern starts with `/`; `~`, `$` and a leading `!` mean nothing',
    })
  }
  const segments: PathSegment[] = []
  if (source === '/') return { source, segments }
  for (let start = 1; start <= source.length; ) {
    const slash = source.indexOf('/', start)
    const end = slash === -1 ? source.length : slash
    const segment = parseSegment(source, start, end)
    if (segment.kind !== 'deep' || segments.at(-1)?.kind !== 'deep') segments.push(segment)
    start = end + 1
  }
  return { source, segments }
}

/** Whether the pattern matches a path that `splitCanonical` has split. Two-pointer over segments, where `**` is the wildcard. */
export function pathMatches(pattern: readonly PathSegment[], path: readonly string[]): boolean {
  let at = 0
  let input = 0
  let wildcard = -1
  let retry = 0
  while (input < path.length) {
    const segment = pattern[at]
    if (segment?.kind === 'deep') {
      if (at === pattern.length - 1) return true
      wildcard = at++
      retry = input
    } else if (segment !== undefined && acceptsSegment(segment, path[input] ?? '')) {
      at++
      input++
    } else if (wildcard !== -1) {
      at = wildcard + 1
      input = ++retry
    } else {
      return false
    }
  }
  while (pattern[at]?.kind === 'deep') at++
  return at === pattern.length
}

/** Whether every path that `narrow` matches is matched by `wide`. Sound; may say false although it holds. */
export function pathCovers(wide: readonly PathSegment[], narrow: readonly PathSegment[]): boolean {
  return wildcardMatch(
    wide.length,
    narrow.length,
    (index) => wide[index]?.kind === 'deep',
    (index, narrowIndex) => coversSegment(wide[index], narrow[narrowIndex]),
  )
}

function acceptsSegment(segment: PathSegment, text: string): boolean {
  if (segment.kind === 'literal') return segment.text === text
  return segment.kind === 'glob' && segmentMatches(segment.glob, text)
}

function coversSegment(wide: PathSegment | undefined, narrow: PathSegment | undefined): boolean {
  if (wide === undefined || narrow === undefined || narrow.kind === 'deep') return false
  if (narrow.kind === 'literal') return acceptsSegment(wide, narrow.text)
  return wide.kind === 'glob' && segmentCovers(wide.glob, narrow.glob)
}

function parseSegment(source: string, start: number, end: number): PathSegment {
  checkPlainSegment(source, start, end)
  if (source.slice(start, end) === '**') return { kind: 'deep' }
  const codes: number[] = []
  const classes: (readonly number[])[] = []
  let literal = ''
  for (let at = start; at < end; ) {
    const codePoint = source.codePointAt(at) ?? 0
    const character = String.fromCodePoint(codePoint)
    if (character === '[') {
      const parsed = parseCharacterClass(source, at, end)
      const only = onlyMember(parsed.ranges)
      if (only === undefined) codes.push(firstClass - classes.length)
      else codes.push(only)
      if (only === undefined) classes.push(parsed.ranges)
      else literal += String.fromCodePoint(only)
      at = parsed.end
      continue
    }
    if (character === '*') codes.push(checkedRun(source, at, end))
    else if (character === '?') codes.push(anyOne)
    else {
      refuseBraces(source, at, character)
      codes.push(codePoint)
      literal += character
    }
    at += unitsOf(codePoint)
  }
  return codes.every((code) => code >= 0)
    ? { kind: 'literal', text: literal }
    : { kind: 'glob', glob: { codes, classes } }
}

function checkPlainSegment(source: string, start: number, end: number): void {
  const text = source.slice(start, end)
  if (text === '') {
    const last = start === source.length
    throw new PatternError(last ? 'the pattern ends with `/`' : 'the pattern holds an empty segment', {
      source,
      position: last ? start - 1 : start,
      hint: 'write one `/` between segments and none at the end',
    })
  }
  if (text === '.' || text === '..') {
    throw new PatternError(`the pattern holds the segment \`${text}\``, {
      source,
      position: start,
      hint: 'write the path that is meant, without `.` and `..`',
    })
  }
}

function onlyMember(ranges: readonly number[]): number | undefined {
  const [low, high] = ranges
  return ranges.length === 2 && low === high ? low : undefined
}

function checkedRun(source: string, at: number, end: number): typeof anyRun {
  if (at + 1 < end && source[at + 1] === '*') {
    throw new PatternError('`**` is glued to other characters', {
      source,
      position: at,
      hint: '`**` is a whole segment: write `/**/`, or one `*`',
    })
  }
  return anyRun
}

function refuseBraces(source: string, at: number, character: string): void {
  if (character !== '{' && character !== '}' && character !== '\\') return
  throw new PatternError(`\`${character}\` is not allowed outside a class`, {
    source,
    position: at,
    hint: `there are no alternatives and no escapes: write \`[${character}]\` for the character`,
  })
}
