// What a request line and its fields may look like, decided on what the client sent and before anything makes an URL of it:
// what could mean one thing here and another to whom it is handed on to is refused, and nothing is repaired.

import type { IncomingMessage } from 'node:http'

const single = [
  'host',
  'origin',
  'authorization',
  'content-type',
  'content-encoding',
  'sec-fetch-site',
  'last-event-id',
]
const path = /^\/(?:[A-Za-z0-9_~.-]+(?:\/[A-Za-z0-9_~.-]+)*)?$/
/** Printable ASCII without what RFC 3986 has no place for in a query. */
const query = /^[!$-;=?-[\]_a-z~]*$/

/** @returns why it is refused, in words */
export function malformation({ url = '', rawHeaders, httpVersion }: IncomingMessage): string | undefined {
  const mark = url.indexOf('?')
  const target = mark === -1 ? url : url.slice(0, mark)
  // No path of ours has escapes, empty segments, or segments that go somewhere else.
  if (!path.test(target) || /\/\.{1,2}(?:\/|$)/.test(target)) return 'the target is not a path of this server'
  if (mark !== -1 && !query.test(url.slice(mark + 1))) return 'the query has characters that have to be escaped'
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
  const twice = single.find((name) => names.indexOf(name) !== names.lastIndexOf(name))
  if (twice !== undefined) return `the field \`${twice}\` is there more than once`
  if (!names.includes('host')) return 'a request names its host'
  if (httpVersion !== '1.1' && names.includes('transfer-encoding')) return 'HTTP/1.0 has no transfer encodings'
  return undefined
}
