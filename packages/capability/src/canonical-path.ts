import { isLoneSurrogate } from './characters.js'

const slash = 0x2f
const dot = 0x2e

/**
 * Whether a path is absolute and canonical: no `.`, `..` or empty segment, no trailing `/`, no NUL, no lone surrogate (the
 * file system would see another name). What is not is never normalised, because whoever hands it on would not have the
 * path that was decided.
 */
export function isCanonicalPath(path: string): boolean {
  if (path.charCodeAt(0) !== slash) return false
  const length = path.length
  if (length === 1) return true
  let start = 1
  for (let at = 1; at < length; at++) {
    const unit = path.charCodeAt(at)
    if (unit === slash) {
      if (isDots(path, start, at)) return false
      start = at + 1
    } else if (unit === 0) {
      return false
    } else if (unit >= 0xd800 && unit <= 0xdfff) {
      if (isLoneSurrogate(path.codePointAt(at) ?? 0)) return false
      at++
    }
  }
  return !isDots(path, start, length)
}

/** The segments of a canonical path (`/` has none), or `undefined` when it is not canonical. */
export function splitCanonical(path: string): string[] | undefined {
  if (!isCanonicalPath(path)) return undefined
  return path.length === 1 ? [] : path.slice(1).split('/')
}

/** Empty, `.` or `..`. */
function isDots(path: string, start: number, end: number): boolean {
  const length = end - start
  if (length > 2) return false
  for (let at = start; at < end; at++) if (path.charCodeAt(at) !== dot) return false
  return true
}
