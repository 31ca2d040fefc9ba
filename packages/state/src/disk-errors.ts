import { getSystemErrorName } from 'node:util'
import { BulkheadError } from '@bulkhead/vocabulary'

/**
 * What a disk says when it cannot take what we write: full, read-only, not ours, over a limit. LMDB reports a short write,
 * which is how a full disk looks, as EIO. All of them leave what was there before.
 */
const refusals: ReadonlySet<string> = new Set(['EACCES', 'EDQUOT', 'EFBIG', 'EIO', 'ENOSPC', 'EPERM', 'EROFS'])

/** LMDB's map is full and could not be made larger. */
const MDB_MAP_FULL = -30792

/** The system's name for what went wrong, where this is the disk's refusal to be written. */
function refusalOf(error: unknown): string | undefined {
  const code = codeOf(error)
  if (code === MDB_MAP_FULL) return 'MDB_MAP_FULL'
  const name = typeof code === 'number' && code > 0 ? getSystemErrorName(-code) : code
  return typeof name === 'string' && refusals.has(name) ? name : undefined
}

/** `state-unwritable` for a refusal of the disk; every other error as it is. */
export function explainRefusal(error: unknown, path: string): unknown {
  const reason = refusalOf(error)
  if (reason === undefined) return error
  const isFull = ['EDQUOT', 'EFBIG', 'EIO', 'ENOSPC', 'MDB_MAP_FULL'].includes(reason)
  return new BulkheadError('state-unwritable', `\`${path}\` cannot be written: ${reason}`, {
    details: { path, reason },
    hint: isFull ? `free space on the disk that holds ${path}` : `make ${path} writable for the user who runs this`,
    cause: error,
  })
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
