import { BulkheadError } from '@bulkhead/vocabulary'

const full: ReadonlySet<string> = new Set(['EDQUOT', 'EFBIG', 'EIO', 'ENOSPC'])
const closed: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS'])

/** `state-unwritable` where the disk refuses to be written; every other error as it is. */
export function explainRefusal(error: unknown, path: string): unknown {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!full.has(reason) && !closed.has(reason)) return error
  return new BulkheadError('state-unwritable', `\`${path}\` cannot be written: ${reason}`, {
    details: { path, reason },
    hint: full.has(reason)
      ? `free space on the disk that holds ${path}`
      : `make ${path} writable for the user who runs this`,
    cause: error,
  })
}
