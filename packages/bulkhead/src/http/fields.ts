// What passes between client and guest of the header fields, in both directions. Fields are pairs of Latin-1 texts.

import type { HttpFields } from '@bulkhead/actor'

/** They are about one connection, not about the message: each side has its own. */
const ofConnection: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'http2-settings'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade'],
])
/** A guest is given its host as the authority, and what a client expects of the server is the server's. */
const ofServer: ReadonlySet<string> = new Set(['host', 'expect'])
/** Who asked, by the word of somebody in between. */
const forwarded: ReadonlySet<string> = new Set([
  ...['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto', 'x-real-ip'],
])

/** Who asks: a peer by its address, or somebody on this machine by a Unix socket, who says for whom. */
export type Client = { readonly kind: 'address'; readonly address: string } | { readonly kind: 'local' }

/** The fields of a request as its guest gets them. What says who asked is believed of nobody but a local proxy. */
export function requestFields(raw: readonly string[], client: Client): HttpFields {
  const fields = pairs(raw).map(([name, value]) => [name.toLowerCase(), value] as const)
  const dropped = new Set([...ofConnection, ...ofServer, ...named(fields)])
  if (client.kind === 'address') for (const name of forwarded) dropped.add(name)
  const kept = fields.filter(([name]) => !dropped.has(name))
  if (client.kind === 'local') return kept
  return [...kept, ['x-forwarded-for', client.address], ['x-forwarded-proto', 'http']]
}

/** The trailers of a request as its guest gets them: nothing that would have had to stand in its head. */
export function requestTrailers(raw: readonly string[]): HttpFields {
  const fields = pairs(raw).map(([name, value]) => [name.toLowerCase(), value] as const)
  return fields.filter(([name]) => !isOfHead(name))
}

/** The fields of a response as its client gets them. */
export function responseFields(fields: HttpFields): HttpFields {
  const dropped = new Set([...ofConnection, ...named(fields)])
  return fields.filter(([name]) => !dropped.has(name.toLowerCase()))
}

/** The fields of a response of 1xx as its client gets them: it has no body, and so no length. */
export function interimFields(fields: HttpFields): HttpFields {
  return responseFields(fields).filter(([name]) => name.toLowerCase() !== 'content-length')
}

/** The trailers of a response as its client gets them. */
export function responseTrailers(fields: HttpFields): HttpFields {
  return fields.filter(([name]) => !isOfHead(name.toLowerCase()))
}

/** All values of one field. */
export function valuesOf(raw: readonly string[], wanted: string): readonly string[] {
  return pairs(raw).flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []))
}

/** `content-length` of a response; `undefined` where it has none, `'bad'` where it is none. */
export function lengthIn(fields: HttpFields): number | undefined | 'bad' {
  const values = fields.flatMap(([name, value]) => (name.toLowerCase() === 'content-length' ? [value] : []))
  const [length, ...others] = values
  if (length === undefined) return undefined
  return others.length === 0 && /^\d{1,15}$/.test(length) ? Number(length) : 'bad'
}

function isOfHead(name: string): boolean {
  return ofConnection.has(name) || ofServer.has(name) || forwarded.has(name) || name === 'content-length'
}

/** What `connection` says is about the connection, too. */
function named(fields: HttpFields): readonly string[] {
  return fields.flatMap(([name, value]) =>
    name.toLowerCase() === 'connection' ? value.split(',').map((one) => one.trim().toLowerCase()) : [],
  )
}

/** Node has names and values in turn. */
function pairs(raw: readonly string[]): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) found.push([raw[at] ?? '', raw[at + 1] ?? ''])
  return found
}
