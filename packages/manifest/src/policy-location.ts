import { resolve } from 'node:path'
import { type Field, quote, reject, text } from '@bulkhead/document'
import { nameCharactersMax } from './limits.js'

const written = text({ what: 'a path or `https:` URL', charactersMax: nameCharactersMax })
const schemed = /^[a-z][a-z0-9+.-]*:\/\//i

/**
 * Where a policy document comes from: a path, which starts at the tree file's directory, or an `https:` URL, which is
 * fetched only where the host application passes a fetcher (SPEC 5).
 *
 * @returns an absolute path, or the URL in its normal form
 */
export function policyLocation(directory: string): Field<string> {
  return (entry) => {
    const location = written(entry)
    if (location === undefined) return undefined
    if (!schemed.test(location)) return resolve(directory, location)
    const url = URL.canParse(location) ? new URL(location) : undefined
    if (url === undefined)
      return reject(entry, `${quote(location)} is not a URL`, 'write `https://host/path` or a path')
    if (url.protocol !== 'https:') {
      return reject(entry, `${quote(url.protocol)} is no way to fetch a policy`, 'use `https:`, or a path to a file')
    }
    if (url.username !== '' || url.password !== '') {
      return reject(entry, 'the URL holds a user name or password', 'the fetcher of the host application authenticates')
    }
    return url.href
  }
}

/** Whether a policy's location is fetched and not read from the disk. */
export function isRemotePolicy(location: string): boolean {
  return location.startsWith('https://')
}
