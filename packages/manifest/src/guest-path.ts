import { type Entry, quote } from '@bulkhead/document'
import { nameCharactersMax } from './limits.js'

const hint = 'write an absolute path without `.`, `..`, empty segments and control characters, as `/data`'

/** Whether a key of `mounts` is a canonical absolute guest path; it is reported when it is not. */
export function isGuestPath(path: string, entry: Entry): boolean {
  const problem = problemOf(path)
  if (problem === undefined) return true
  entry.inspection.report(entry.path, `the guest path ${quote(path)} ${problem}`, hint, 'key')
  return false
}

function problemOf(path: string): string | undefined {
  if (!path.startsWith('/')) return 'is not absolute'
  if (path.length > nameCharactersMax) return 'is too long'
  if (/\p{Cc}/u.test(path)) return 'holds a control character'
  if (path === '/') return undefined
  if (path.endsWith('/')) return 'ends with `/`'
  const segments = path.slice(1).split('/')
  if (segments.includes('')) return 'holds an empty segment'
  return segments.some((segment) => segment === '.' || segment === '..') ? 'holds `.` or `..`' : undefined
}
