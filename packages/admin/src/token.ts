// Perimeter: the token on the disk. Whoever can read it may do everything that an operator may.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { checkKeyIsOurs, type StateDirectory } from '@bulkhead/state'
import { BulkheadError } from '@bulkhead/vocabulary'
import { tokenBytes } from './limits.js'

export const tokenFile = 'admin.token'
const FORM = /^[0-9a-f]{64}\n$/

/** Makes a new token and writes it, mode 0600, over the one of the process before. */
export async function issueToken(state: StateDirectory): Promise<string> {
  const token = randomBytes(tokenBytes).toString('hex')
  await state.replaceFile(tokenFile, new TextEncoder().encode(`${token}\n`))
  return token
}

/** Compares in a time that tells nothing about how much of a guess is right, whatever was given. */
export function isToken(given: unknown, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(typeof given === 'string' ? given : ''), digest(token))
}

/**
 * Reads the token of a running process. The checks are made on the open descriptor.
 *
 * @returns `undefined` when there is none.
 * @throws {BulkheadError} `state-insecure` when it belongs to, or can be reached by, somebody else; `store-corrupt` when it
 *   is none.
 */
export function readToken(path: string): string | undefined {
  const descriptor = openExisting(path)
  if (descriptor === undefined) return undefined
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile() || stats.size !== 2 * tokenBytes + 1) throw noToken(path)
    checkKeyIsOurs(path, stats)
    const text = readFileSync(descriptor, 'utf8')
    if (!FORM.test(text)) throw noToken(path)
    return text.trimEnd()
  } finally {
    closeSync(descriptor)
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP') throw noToken(path)
    throw error
  }
}

function noToken(path: string): BulkheadError {
  return new BulkheadError('store-corrupt', `\`${path}\` is no token of a running process`, {
    details: { path },
    hint: 'start the process again: it makes a new one',
  })
}
