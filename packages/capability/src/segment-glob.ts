import { unitsOf } from './characters.js'
import { wildcardMatch } from './two-pointer.js'

/** In `SegmentGlob.codes`: any run of characters. */
export const anyRun = -1
/** In `SegmentGlob.codes`: any one character. */
export const anyOne = -2
/** In `SegmentGlob.codes`: `firstClass - n` stands for class `n`. */
export const firstClass = -3

/**
 * One path segment with wildcards: plain data. Each code is a code point, or one of the negative marks above.
 * A class is a list of inclusive ranges `low, high, low, high…` in ascending order; negated ones are stored as their complement.
 */
export type SegmentGlob = {
  readonly codes: readonly number[]
  readonly classes: readonly (readonly number[])[]
}

/** Whether a whole segment matches. The segment holds no `/`: the path was split there. */
export function segmentMatches(glob: SegmentGlob, segment: string): boolean {
  const codes = glob.codes
  let at = 0
  let pattern = 0
  let wildcard = -1
  let retry = 0
  while (at < segment.length) {
    const wanted = codes[pattern]
    if (wanted === anyRun) {
      if (pattern === codes.length - 1) return true
      wildcard = pattern++
      retry = at
      continue
    }
    const codePoint = segment.codePointAt(at) ?? 0
    if (wanted !== undefined && acceptsOne(glob, wanted, codePoint)) {
      pattern++
      at += unitsOf(codePoint)
    } else if (wildcard !== -1) {
      pattern = wildcard + 1
      retry += unitsOf(segment.codePointAt(retry) ?? 0)
      at = retry
    } else {
      return false
    }
  }
  while (codes[pattern] === anyRun) pattern++
  return pattern === codes.length
}

/** Whether every segment that `narrow` matches is matched by `wide`. Sound; may say false although it holds. */
export function segmentCovers(wide: SegmentGlob, narrow: SegmentGlob): boolean {
  return wildcardMatch(
    wide.codes.length,
    narrow.codes.length,
    (index) => wide.codes[index] === anyRun,
    (index, narrowIndex) => codeCovers(wide, wide.codes[index], narrow, narrow.codes[narrowIndex]),
  )
}

/** Whether every segment matches; a segment is never empty. */
export function matchesEverySegment({ codes }: SegmentGlob): boolean {
  return (
    codes.includes(anyRun) && codes.filter((code) => code !== anyRun).every((code, at) => code === anyOne && at === 0)
  )
}

/** Whether some segment may match both: false only when they begin or end differently. May say true although none does. */
export function segmentsMayMeet(one: SegmentGlob, other: SegmentGlob): boolean {
  return endsMayMeet(one, other, (codes, at) => codes[at]) && endsMayMeet(one, other, (codes, at) => codes.at(-1 - at))
}

/** Compares code by code from one end, as far as neither has come to a run. */
function endsMayMeet(
  one: SegmentGlob,
  other: SegmentGlob,
  codeAt: (codes: readonly number[], at: number) => number | undefined,
): boolean {
  for (let at = 0; ; at++) {
    const left = codeAt(one.codes, at)
    const right = codeAt(other.codes, at)
    if (left === anyRun || right === anyRun) return true
    if (left === undefined || right === undefined) return left === right
    if (left >= 0 && !acceptsOne(other, right, left)) return false
    if (right >= 0 && !acceptsOne(one, left, right)) return false
  }
}

function acceptsOne(glob: SegmentGlob, wanted: number, codePoint: number): boolean {
  if (wanted >= 0) return wanted === codePoint
  if (wanted === anyOne) return true
  const ranges = glob.classes[firstClass - wanted]
  return ranges !== undefined && inRanges(ranges, codePoint)
}

function inRanges(ranges: readonly number[], codePoint: number): boolean {
  for (let at = 0; at + 1 < ranges.length; at += 2) {
    if (codePoint < (ranges[at] ?? 0)) return false
    if (codePoint <= (ranges[at + 1] ?? -1)) return true
  }
  return false
}

function codeCovers(
  wide: SegmentGlob,
  wideCode: number | undefined,
  narrow: SegmentGlob,
  narrowCode: number | undefined,
): boolean {
  if (wideCode === undefined || narrowCode === undefined || narrowCode === anyRun) return false
  if (wideCode === anyOne) return true
  if (narrowCode === anyOne) return false
  if (narrowCode >= 0) return acceptsOne(wide, wideCode, narrowCode)
  if (wideCode >= 0) return false
  const outer = wide.classes[firstClass - wideCode]
  const inner = narrow.classes[firstClass - narrowCode]
  if (outer === undefined || inner === undefined) return false
  for (let at = 0; at + 1 < inner.length; at += 2) {
    if (!rangeWithin(outer, inner[at] ?? 0, inner[at + 1] ?? 0)) return false
  }
  return true
}

function rangeWithin(outer: readonly number[], low: number, high: number): boolean {
  for (let at = 0; at + 1 < outer.length; at += 2) {
    if (low >= (outer[at] ?? 0) && high <= (outer[at + 1] ?? -1)) return true
  }
  return false
}
