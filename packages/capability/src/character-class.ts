import { unitsOf } from './characters.js'
import { PatternError } from './pattern-error.js'

const lastCodePoint = 0x10ffff

/** A parsed `[…]`: ascending inclusive ranges, and where the text after `]` begins. */
export type ParsedClass = { readonly ranges: readonly number[]; readonly end: number }

/**
 * Parses the class whose `[` stands at `start`; it must close before `limit`, the end of the segment.
 *
 * @throws {PatternError} never closed, empty, `[^`, or a range that runs backwards.
 */
export function parseCharacterClass(source: string, start: number, limit: number): ParsedClass {
  let at = start + 1
  if (source[at] === '^') {
    throw new PatternError('a class is negated with `!`, not with `^`', {
      source,
      position: at,
      hint: 'write `[!…]`, or put `^` later in the class to mean the character',
    })
  }
  const negated = source[at] === '!'
  if (negated) at++
  const ranges: [number, number][] = []
  // A `]` that stands first is a member, so that the first round never ends the class.
  for (let first = true; first || source[at] !== ']'; first = false) {
    if (at >= limit) throw unclosed(source, start)
    const low = source.codePointAt(at) ?? 0
    const dash = at + unitsOf(low)
    if (source[dash] === '-' && dash + 1 < limit && source[dash + 1] !== ']') {
      const high = source.codePointAt(dash + 1) ?? 0
      if (high < low) throw reversed(source, at, dash + 1 + unitsOf(high))
      ranges.push([low, high])
      at = dash + 1 + unitsOf(high)
    } else {
      ranges.push([low, low])
      at = dash
    }
    if (at >= limit) throw unclosed(source, start)
  }
  const merged = merge(ranges)
  return { ranges: negated ? complement(merged) : merged, end: at + 1 }
}

function merge(ranges: [number, number][]): number[] {
  ranges.sort(([left], [right]) => left - right)
  const merged: number[] = []
  for (const [low, high] of ranges) {
    const last = merged.at(-1)
    if (last !== undefined && low <= last + 1) merged[merged.length - 1] = Math.max(last, high)
    else merged.push(low, high)
  }
  return merged
}

function complement(ranges: readonly number[]): number[] {
  const result: number[] = []
  let next = 0
  for (let at = 0; at + 1 < ranges.length; at += 2) {
    const low = ranges[at] ?? 0
    if (low > next) result.push(next, low - 1)
    next = (ranges[at + 1] ?? 0) + 1
  }
  if (next <= lastCodePoint) result.push(next, lastCodePoint)
  return result
}

function unclosed(source: string, position: number): PatternError {
  return new PatternError('`[` is never closed in its segment', {
    source,
    position,
    hint: 'close it with `]` before the next `/`; a `]` right after `[` is a member; write `[[]` for the character',
  })
}

function reversed(source: string, position: number, end: number): PatternError {
  return new PatternError(`the range \`${source.slice(position, end)}\` runs backwards`, {
    source,
    position,
    hint: 'write the smaller character first, by code point',
  })
}
