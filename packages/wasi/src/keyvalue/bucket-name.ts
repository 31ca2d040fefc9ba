import { bucketIdentifierBytesMax } from '../limits.js'

/**
 * The name space that a bucket's identifier means (SPEC 3.3): none, or `default`, is the component's own; `self:…`,
 * `component:…` and `shared:…` are as rules spell them; any other one is a part of the component's own, so that a program
 * that was written for another host finds its bucket.
 *
 * @returns `undefined` for what is no identifier.
 */
export function namespaceOf(identifier: string): string | undefined {
  if (identifier === '' || identifier === 'default' || identifier === 'self') return 'self'
  const isName = /^[^\p{Cc}\p{Cs}:*]+(?::[^\p{Cc}\p{Cs}:*]+)*$/u.test(identifier)
  if (!isName || Buffer.byteLength(identifier) > bucketIdentifierBytesMax) return undefined
  return /^(?:self|component|shared):/.test(identifier) ? identifier : `self:${identifier}`
}
