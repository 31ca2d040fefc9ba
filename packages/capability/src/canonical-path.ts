import { isLoneSurrogate } from './characters.js'

const slash = 0x2f
const dot = 0x2e

/**
 * The segments of a canonical absolute path (`/` has none), or `undefined` when the path is not canonical: relative, with
 * a `.`, `..` or empty segment, a trailing `/`, NUL, or a lone surrogate (the file system would see another name). Such a
 * path is never normalised, because whoever hands it on would not have the path that was decided.
 */
export function splitCanonical(path: string): string[] | undefined {
  if (path.charCodeAt(0) !== slash) return undefined
  const segments: string[] = []
  const length = path.length
  if (length === 1) return segments
  let start = 1
  for (let at = 1; at <= length; at++) {
    const unit = at === length ? slash : path.charCodeAt(at)
    if (unit === slash) {
      if (isDots(path, start, at)) return undefined
      segments.push(path.slice(start, at))
      start = at + 1
    } else if (unit === 0) {
      return undefined
    } else if (unit >= 0xd800 && unit <= 0xdfff) {
      if (isLoneSurrogate(path.codePointAt(at) ?? 0)) return undefined
      at++
    }
  }
  return segments
}

/** Empty, `.` or `..`. */
function isDots(path: string, start: number, end: number): boolean {
  const length = end - start
  if (length > 2) return false
  for (let at = start; at < end; at++) if (path.charCodeAt(at) !== dot) return false
  return true
}
