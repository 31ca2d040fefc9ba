// Perimeter: where policy documents come from.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { BulkheadError, type Clock, systemClock } from '@bulkhead/vocabulary'
import { policyTextBytesMax, sourceAnswerMs } from './limits.js'

/** Gets the bytes behind an `https:` address, in the host application's own way. Is told by `signal` when to stop. */
export type PolicyFetcher = (url: string, options: { readonly signal: AbortSignal }) => Promise<Uint8Array>

export type SourceOptions = {
  /** Without it nothing is read from the network. */
  readonly fetcher?: PolicyFetcher
  readonly clock?: Pick<Clock, 'after'>
}

/** What lay in a place, and its digest. */
export type PolicySource = { readonly location: string; readonly bytes: Uint8Array; readonly hash: `sha256:${string}` }

/**
 * Reads a policy document, or its signature, from a file or an `https:` address.
 *
 * @param location a path, or an address
 * @throws {BulkheadError} `policy-not-found` when there is no such file; `policy-source-unreachable` when it cannot be read,
 *   is no regular file, is larger than 256 KiB, or is an address and nobody fetches: nothing here opens a connection.
 */
export async function readPolicySource(location: string, options: SourceOptions = {}): Promise<PolicySource> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(location)?.[1]?.toLowerCase()
  const bytes = scheme === undefined ? await readFile(location) : await fetchFrom(location, scheme, options)
  if (bytes.length > policyTextBytesMax) throw tooLarge(location)
  return { location, bytes, hash: `sha256:${createHash('sha256').update(bytes).digest('hex')}` }
}

/** One byte more than allowed is asked for, whatever size the file claims. A FIFO must not hold us up. */
async function readFile(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    if (!(await file.stat()).isFile()) throw unreachable(path, 'it is not a regular file')
    const buffer = new Uint8Array(policyTextBytesMax + 1)
    let length = 0
    for (let count = -1; count !== 0; length += count) {
      count = (await file.read(buffer, length, buffer.length - length)).bytesRead
    }
    return buffer.slice(0, length)
  } catch (error) {
    if (error instanceof BulkheadError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw unreachable(path, `it cannot be read: ${code}`, error)
    throw new BulkheadError('policy-not-found', `there is no policy file \`${path}\``, {
      details: { location: path },
      hint: 'check the path',
    })
  }
}

async function fetchFrom(
  url: string,
  scheme: string,
  { fetcher, clock = systemClock }: SourceOptions,
): Promise<Uint8Array> {
  if (scheme !== 'https') throw unreachable(url, 'policies come from files and `https:` only')
  if (!URL.canParse(url) || new URL(url).username !== '' || new URL(url).password !== '') {
    throw unreachable(url, 'it is not an address, or holds a user name')
  }
  if (fetcher === undefined) {
    throw new BulkheadError('policy-source-unreachable', `nothing here fetches \`${url}\``, {
      details: { location: url },
      hint: 'pass `fetchPolicy` to createRuntime(), or download the policy and name the file',
    })
  }
  const stop = new AbortController()
  const late = unreachable(url, `no answer within ${sourceAnswerMs} ms`)
  const deadline = new Promise<never>((_resolve, reject) => {
    stop.signal.addEventListener('abort', () => reject(late))
  })
  const cancel = clock.after(sourceAnswerMs, () => stop.abort(late))
  try {
    return await Promise.race([fetcher(url, { signal: stop.signal }), deadline])
  } catch (error) {
    throw error === late ? late : unreachable(url, 'fetching it failed', error)
  } finally {
    cancel()
  }
}

function tooLarge(location: string): BulkheadError {
  return unreachable(location, `it is larger than ${policyTextBytesMax} bytes`)
}

function unreachable(location: string, why: string, cause?: unknown): BulkheadError {
  const details = { location, ...(cause instanceof Error ? { reason: cause.message } : {}) }
  return new BulkheadError('policy-source-unreachable', `\`${location}\` is no source of a policy: ${why}`, {
    details,
    cause,
  })
}
