// What a request is about: its target and its host, as they may be said. What could mean one thing to us and another to the
// guest is refused: nothing is repaired.

import { isIP } from 'node:net'

export type Target = {
  /** Lower-cased, without port and trailing dot: what routes are compared with. */
  readonly host: string
  /** As the client wrote it. */
  readonly authority: string
  /** Without its query, and without escapes of what needs none: what routes are compared with. */
  readonly path: string
  /** As the client wrote it. */
  readonly pathWithQuery: string
}

const authority = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9.])?)(?::(\d{1,5}))?$/
/** Printable ASCII without what RFC 3986 has no place for in a target, or only at its end. */
const visible = /^[!$-;=?-[\]_a-z~]*$/

/**
 * Reads target and host of a request.
 *
 * @param url as it stands in the request line
 * @param hosts the values of all its `Host` fields
 * @returns why it is refused, in words, where it is
 */
export function readTarget(url: string, hosts: readonly string[]): Target | string {
  const [named, ...others] = hosts
  if (named === undefined || others.length > 0) return 'a request names its host exactly once'
  const [, name = '', port = ''] = authority.exec(named) ?? []
  if (!isHost(name) || Number(port) > 65_535) return 'the host is none'
  // Absolute targets are for proxies, `*` is about the server itself: there is nobody here whom they could mean.
  if (!url.startsWith('/')) return 'the target is not a path'
  if (!visible.test(url)) return 'the target has characters that have to be escaped'
  const query = url.indexOf('?')
  const path = plain(query === -1 ? url : url.slice(0, query))
  if (path === undefined) return 'an escape of the path hides what it is'
  if (/\/\.{1,2}(?:\/|$)/.test(path)) return 'the path goes to `.` or `..`'
  return { host: name.toLowerCase().replace(/\.$/, ''), authority: named, path, pathWithQuery: url }
}

function isHost(name: string): boolean {
  if (name.startsWith('[')) return isIP(name.slice(1, -1)) === 6
  return name !== '' && !name.includes('..')
}

/** Without escapes of characters that need none; `undefined` where one is broken, or hides a separator or a NUL. */
function plain(path: string): string | undefined {
  let isHidden = false
  const text = path.replace(/%([0-9a-fA-F]{2})?/g, (written, digits: string | undefined) => {
    const character = digits === undefined ? '\0' : String.fromCharCode(Number.parseInt(digits, 16))
    if (character === '\0' || character === '/' || character === '\\') isHidden = true
    return /[A-Za-z0-9\-._~]/.test(character) ? character : written.toUpperCase()
  })
  return isHidden ? undefined : text
}
