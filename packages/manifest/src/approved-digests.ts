import { type Entry, type Field, listOf, quote, reject, text } from '@bulkhead/document'
import { type Digest, parseDigest } from '@bulkhead/vocabulary'
import { nameCharactersMax } from './limits.js'

const written = text({ what: 'a digest', charactersMax: nameCharactersMax })
const form = /^sha256:[0-9a-f]{64}$/

function digest(entry: Entry): Digest | undefined {
  const value = written(entry)
  if (value === undefined || form.test(value)) return value === undefined ? undefined : parseDigest(value)
  return reject(entry, `${quote(value)} is not a digest`, '`sha256:` and 64 lower-case hexadecimal digits')
}

const digests = listOf(digest, { what: 'digests', itemsMax: 2 })

/**
 * The list `approved`: the digest of the component, then that of its manifest; one entry where there is no manifest
 * (SPEC 6).
 */
export const approvedDigests: Field<readonly Digest[]> = (entry) => {
  const listed = digests(entry)
  if (listed === undefined || listed.length < 2 || listed[0] !== listed[1]) return listed
  const hint = 'write the digest of the component, then that of its manifest'
  return reject(entry, 'the component and its manifest cannot have the same digest', hint)
}
