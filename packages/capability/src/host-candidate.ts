import { endsInNumber, normaliseHostName } from './host-name.js'
import { type IpAddress, parseDecimal, parseIpv4, parseIpv6 } from './ip-address.js'
import { hostPatternBytesMax } from './limits.js'

/** `tcp` is what a plain `host:port` means. */
export const protocols = ['tcp', 'udp', 'http', 'https'] as const
export type Protocol = (typeof protocols)[number]

/** Whom a candidate means: a normalised name or an address, never both. */
export type HostIdentity = { readonly kind: 'name'; readonly name: string } | IpAddress

/** A parsed `host`, `host:port` or `protocol://host:port`. */
export type HostCandidate = { readonly protocol: Protocol; readonly host: HostIdentity; readonly port?: number }

/**
 * Reads whom a guest means, or `undefined` for anything that is not exactly a host: a URL, user information, a zone id,
 * octal, hexadecimal or short IPv4, port 0, white space. With a protocol the port is mandatory, as in a request (SPEC 2).
 *
 * @example
 * ```ts
 * parseHostCandidate('API.example.com:443') // { protocol: 'tcp', host: { kind: 'name', name: 'api.example.com' }, port: 443 }
 * parseHostCandidate('https://api.example.com/x') // undefined
 * ```
 */
export function parseHostCandidate(text: string): HostCandidate | undefined {
  if (text.length > hostPatternBytesMax) return undefined
  const scheme = text.indexOf('://')
  const protocol = scheme === -1 ? 'tcp' : protocols.find((known) => known === text.slice(0, scheme))
  if (protocol === undefined) return undefined
  const parts = splitPort(scheme === -1 ? text : text.slice(scheme + 3))
  if (parts === undefined || (scheme !== -1 && parts.port === undefined)) return undefined
  const host = parseHostIdentity(parts.host)
  if (host === undefined) return undefined
  if (parts.port === undefined) return { protocol, host }
  const port = parsePort(parts.port)
  return port === undefined ? undefined : { protocol, host, port }
}

/** A name, an IPv4 address or a bracketed IPv6 address. */
export function parseHostIdentity(text: string): HostIdentity | undefined {
  if (text.startsWith('[')) return text.endsWith(']') ? parseIpv6(text.slice(1, -1)) : undefined
  const bits = parseIpv4(text)
  if (bits !== undefined) return { kind: 'ipv4', bits }
  if (endsInNumber(text)) return undefined
  const name = normaliseHostName(text)
  return name === undefined ? undefined : { kind: 'name', name }
}

/** 1 to 65535, decimal, without leading zeros. */
export function parsePort(text: string): number | undefined {
  const port = parseDecimal(text, 65_535)
  return port === 0 ? undefined : port
}

function splitPort(text: string): { readonly host: string; readonly port?: string } | undefined {
  if (text.startsWith('[')) {
    const close = text.indexOf(']') + 1
    if (close === text.length) return { host: text }
    return close !== 0 && text[close] === ':' ? { host: text.slice(0, close), port: text.slice(close + 1) } : undefined
  }
  const colon = text.indexOf(':')
  if (colon === -1) return { host: text }
  // Two colons and no brackets: an IPv6 address as socket calls spell it, which leaves no room for a port.
  if (text.includes(':', colon + 1)) return { host: `[${text}]` }
  return { host: text.slice(0, colon), port: text.slice(colon + 1) }
}
