// `max_file_size` of a rule: the largest size that a file may be given through a grant (SPEC 5).
import { type Decision, formatBytes } from '@bulkhead/vocabulary'
import { fail } from '../wasi-failure.js'
import type { FileAction, FileAuthority, Place } from './file-authority.js'

/** In bytes; `Infinity` where the rule that granted has no such limit. */
export function sizeLimitOf(decision: Decision | undefined): number {
  return (decision?.verdict === 'granted' ? decision.limits?.maxFileSizeBytes : undefined) ?? Number.POSITIVE_INFINITY
}

/** Records that the limit was met and refuses with the interface's own error. */
export function refuseSize(files: FileAuthority, place: Place, action: FileAction, decision?: Decision): never {
  const reason = `the file would be larger than ${formatBytes(sizeLimitOf(decision))}, the most that is allowed here`
  files.recordRefusal(place, action, 'quota', reason, decision?.verdict === 'granted' ? decision.rule : undefined)
  return fail('file-too-large')
}

/** How a file would be bounded under another name, beside how it is now. */
export function sizeUnder(files: FileAuthority, from: Place, to: Place): 'same' | 'wider' | 'narrower' {
  let found: 'same' | 'narrower' = 'same'
  for (const action of ['write', 'create'] as const) {
    const target = files.decide(to, action)
    if (target.verdict === 'denied') continue
    const now = sizeLimitOf(files.decide(from, action))
    if (sizeLimitOf(target) > now) return 'wider'
    if (sizeLimitOf(target) < now) found = 'narrower'
  }
  return found
}
