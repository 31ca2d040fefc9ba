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

/** Whether a file would be bounded less under the new name than under the old one. */
export function widensSize(files: FileAuthority, from: Place, to: Place): boolean {
  return (['write', 'create'] as const).some((action) => {
    const target = files.decide(to, action)
    return target.verdict === 'granted' && sizeLimitOf(target) > sizeLimitOf(files.decide(from, action))
  })
}
