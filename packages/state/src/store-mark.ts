// Perimeter: beside each database, a file that says whether we closed it ourselves, and as what.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

// A database may be opened here without a look only when it is the file that we closed. LMDB maps it into memory: of a
// file that was cut short, or put together by something else than LMDB, a read can kill the process that reads.

export const markName = 'mark'

export type StoreMark =
  /** Nobody has finished making this store: nothing in it was acknowledged. */
  | { readonly kind: 'new' }
  /** Somebody opened it and did not close it. */
  | { readonly kind: 'open' }
  /** Closed, when its file looked like this. */
  | { readonly kind: 'closed'; readonly looks: string }

const openText = 'open\n'

export function readMark(directory: string): StoreMark {
  let text: string
  try {
    text = readFileSync(join(directory, markName), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'new' }
    throw error
  }
  const closed = /^closed (.+)\n$/.exec(text)?.[1]
  return closed === undefined ? { kind: 'open' } : { kind: 'closed', looks: closed }
}

export function openMark(): Uint8Array {
  return new TextEncoder().encode(openText)
}

export function closedMark(directory: string): Uint8Array {
  return new TextEncoder().encode(`closed ${looksOf(directory) ?? 'missing'}\n`)
}

/** Size, time of change and inode of the database file; `undefined` where there is none, or an empty one. */
export function looksOf(directory: string): string | undefined {
  const stats = statSync(join(directory, 'data.mdb'), { bigint: true, throwIfNoEntry: false })
  if (stats === undefined || stats.size === 0n) return undefined
  return `${stats.size} ${stats.mtimeNs} ${stats.ino}`
}
