// Perimeter: who may reach what lies on the disk. A state directory that others may write is not a state directory.
import { chmodSync, type Stats } from 'node:fs'
import { BulkheadError } from '@bulkhead/vocabulary'

const WRITABLE_BY_OTHERS = 0o022
const REACHABLE_BY_OTHERS = 0o077

/** @throws {BulkheadError} `state-insecure` when a directory belongs to another user or others may write in it. */
export function checkDirectoryIsOurs(path: string, stats: Stats): void {
  checkOwner(path, stats)
  if ((stats.mode & WRITABLE_BY_OTHERS) === 0) return
  throw insecure(path, `others may write in \`${path}\` (mode ${octal(stats)})`, `chmod 700 ${path}`)
}

/** Takes the permission to look inside away from others. Of a directory that is ours. */
export function closeToOthers(path: string, stats: Stats): void {
  if ((stats.mode & REACHABLE_BY_OTHERS) !== 0) chmodSync(path, 0o700)
}

/** @throws {BulkheadError} `state-insecure` when a key belongs to another user, or others may read or write it. */
export function checkKeyIsOurs(path: string, stats: Stats): void {
  checkOwner(path, stats)
  if ((stats.mode & REACHABLE_BY_OTHERS) === 0) return
  const hint = `whoever could read it may have: remove it and a new one is made, or chmod 600 ${path}`
  throw insecure(path, `others may reach the key \`${path}\` (mode ${octal(stats)})`, hint)
}

function checkOwner(path: string, stats: Stats): void {
  const own = process.getuid?.()
  if (own === undefined || stats.uid === own) return
  throw insecure(path, `\`${path}\` belongs to user ${stats.uid}, not to user ${own}`, 'use a directory of your own')
}

function insecure(path: string, message: string, hint: string): BulkheadError {
  return new BulkheadError('state-insecure', message, { details: { path }, hint })
}

function octal(stats: Stats): string {
  return (stats.mode & 0o7777).toString(8).padStart(4, '0')
}
