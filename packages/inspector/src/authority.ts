// Who may ask what. The page runs in a browser beside pages of strangers, which can send requests to every address that the
// browser reaches, loopback too: by a name of theirs that they let point here (DNS rebinding), by forms, by images. So a
// request must name this server as we know it, must not come from another origin, and whatever changes something must
// carry a secret that no browser sends by itself.

import { isIP } from 'node:net'
import { isToken } from '@bulkhead/admin'
import type { Refusal } from './refusal.js'

export type Authority = {
  /** Names by which this server may be asked for, beside IP addresses and `localhost`. */
  readonly hosts: ReadonlySet<string>
  /** Absent: nobody may change anything. */
  readonly token: string | undefined
  /** Whether one may look without the token. */
  readonly isOpen: boolean
}

/** What somebody wants to do, from least to most. */
export type Access = 'page' | 'probe' | 'read' | 'write'

/** @returns why not, or `undefined` */
export function refusalFor(headers: Headers, access: Access, authority: Authority): Refusal | undefined {
  return misdirected(headers, authority) ?? foreign(headers, access) ?? unauthorized(headers, access, authority)
}

function misdirected(headers: Headers, { hosts }: Authority): Refusal | undefined {
  const host = headers.get('host') ?? ''
  const name = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/.exec(host.toLowerCase())?.[1]?.replace(/\.$/, '') ?? ''
  const bare = name.startsWith('[') ? name.slice(1, -1) : name
  if (name === 'localhost' || hosts.has(name) || isIP(bare) === (name === bare ? 4 : 6)) return undefined
  return {
    status: 421,
    code: 'host-unknown',
    message: 'this server is not known by the name that the request has for it',
    hint: 'ask for it by its IP address, or add the name to `hosts`',
  }
}

const foreignRequest: Refusal = {
  status: 403,
  code: 'foreign-origin',
  message: 'the request comes from another origin',
}

function foreign(headers: Headers, access: Access): Refusal | undefined {
  const origin = headers.get('origin')
  if (origin !== null && !isSameOrigin(origin, headers.get('host') ?? '')) return foreignRequest
  const site = headers.get('sec-fetch-site')
  // A link to the page from elsewhere is no harm: it shows nothing to where it was followed from.
  if (site === null || site === 'same-origin' || site === 'none' || access === 'page') return undefined
  return foreignRequest
}

/** TLS may end before us, so the scheme says nothing; the port of the scheme may be left out. */
function isSameOrigin(origin: string, host: string): boolean {
  const [, scheme, named] = /^(https?):\/\/([^/]+)$/.exec(origin.toLowerCase()) ?? []
  if (named === undefined) return false
  const port = scheme === 'https' ? /:443$/ : /:80$/
  return named.replace(port, '') === host.toLowerCase().replace(port, '')
}

function unauthorized(headers: Headers, access: Access, { token, isOpen }: Authority): Refusal | undefined {
  if (access === 'page' || access === 'probe' || (access === 'read' && isOpen)) return undefined
  const [, given] = /^Bearer +([\x21-\x7e]+)$/i.exec(headers.get('authorization') ?? '') ?? []
  if (token !== undefined && given !== undefined && isToken(given, token)) return undefined
  return {
    status: 401,
    code: 'token-required',
    message: given === undefined ? 'this wants the token' : 'the token is not the right one',
    hint: token === undefined ? 'this server has no token: it lets nobody change anything' : 'Authorization: Bearer …',
    fields: { 'www-authenticate': 'Bearer realm="bulkhead"' },
  }
}
