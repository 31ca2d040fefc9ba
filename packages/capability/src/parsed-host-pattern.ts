import { checkPatternText } from './characters.js'
import { type Protocol, parsePort, protocols } from './host-candidate.js'
import { endsInNumber, normaliseHostName } from './host-name.js'
import { bitsOf, type IpAddress, parseDecimal, parseIpv4, parseIpv6 } from './ip-address.js'
import { hostPatternBytesMax } from './limits.js'
import { PatternError } from './pattern-error.js'

/** Which hosts a pattern names. `suffix` is `*.name`: one or more labels before it, never the name itself. */
export type HostRule =
  | { readonly kind: 'any' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'suffix'; readonly suffix: string }
  | { readonly kind: 'block'; readonly base: IpAddress; readonly prefix: number }

/** The ports of a pattern, inclusive. `written` says whether they stand in the pattern, come from its protocol, or are missing. */
export type PortRule = {
  readonly from: number
  readonly to: number
  readonly written: 'written' | 'default' | 'absent'
}

/** A network pattern (SPEC 3.2) as plain data. A literal address is a block of all its bits. */
export type ParsedHostPattern = {
  readonly source: string
  readonly protocol: Protocol
  readonly host: HostRule
  readonly port: PortRule
}

const defaultPorts: Partial<Record<Protocol, number>> = { http: 80, https: 443 }
const hostHint =
  'write a name, `*.name`, an IPv4 address, an IPv6 address in brackets, a block like `10.0.0.0/8`, or `*`, then `:port`'

/**
 * Parses `[protocol://]host[:port]`. An absent port means any, and `port.written` says that it was absent, for documents
 * that insist on one.
 *
 * @throws {PatternError} with the `position` of the part that is wrong.
 * @example
 * ```ts
 * parseHostPattern('https://*.example.com').port // { from: 443, to: 443, written: 'default' }
 * ```
 */
export function parseHostPattern(source: string): ParsedHostPattern {
  checkPatternText(source, hostPatternBytesMax)
  const scheme = source.indexOf('://')
  const protocol = scheme === -1 ? 'tcp' : parseProtocol(source, scheme)
  const start = scheme === -1 ? 0 : scheme + 3
  const hostEnd = findHostEnd(source, start)
  const host = parseHostRule(source, start, hostEnd)
  return { source, protocol, host, port: parsePortRule(source, hostEnd, protocol) }
}

function parseProtocol(source: string, end: number): Protocol {
  const written = source.slice(0, end).toLowerCase()
  const known = protocols.find((protocol) => protocol === written)
  if (known !== undefined) return known
  throw bad(source, 0, `\`${source.slice(0, end)}\` is not a known protocol`, `one of ${protocols.join(', ')}`)
}

/** Where the host ends: at the `:` of the port, or at the end. */
function findHostEnd(source: string, start: number): number {
  if (source[start] !== '[') {
    const colon = source.indexOf(':', start)
    if (colon === -1) return source.length
    const second = source.indexOf(':', colon + 1)
    if (second === -1) return colon
    throw bad(source, second, 'the pattern has two `:`', 'one port at most; an IPv6 address stands in brackets')
  }
  const close = source.indexOf(']', start)
  if (close === -1) throw bad(source, start, '`[` is never closed', 'an IPv6 address stands in brackets: `[::1]:443`')
  const colon = source.indexOf(':', close)
  return colon === -1 ? source.length : colon
}

function parseHostRule(source: string, start: number, end: number): HostRule {
  const text = source.slice(start, end)
  if (text === '') throw bad(source, start, 'the pattern has no host', hostHint)
  if (text === '*') return { kind: 'any' }
  if (text.startsWith('[') || text.includes('/')) return parseBlock(source, start, text)
  const star = text.lastIndexOf('*')
  const suffix = text.startsWith('*.')
  if (star !== -1 && !(suffix && star === 0)) {
    throw bad(source, start + star, '`*` must stand alone or as the whole first label', 'write `*.example.com`')
  }
  if (!suffix && endsInNumber(text)) {
    const bits = parseIpv4(text)
    if (bits !== undefined) return { kind: 'block', base: { kind: 'ipv4', bits }, prefix: 32 }
    throw bad(source, start, `\`${text}\` is not an IPv4 address`, 'four decimal parts without leading zeros')
  }
  const name = normaliseHostName(suffix ? text.slice(2) : text)
  if (name === undefined) throw bad(source, start, `\`${text}\` is not a host name`, hostHint)
  return suffix ? { kind: 'suffix', suffix: `.${name}` } : { kind: 'name', name }
}

/** `10.0.0.0/8`, `[::1]`, `[2001:db8::/32]` or `[2001:db8::]/32`. Bits of the base beyond the prefix do not count. */
function parseBlock(source: string, start: number, text: string): HostRule {
  const slash = text.indexOf('/')
  const close = text.indexOf(']')
  const bracketed = text.startsWith('[')
  const inside = bracketed && slash !== -1 && slash < close
  if (bracketed && close !== text.length - 1 && (inside || slash !== close + 1)) {
    throw bad(source, start + close + 1, 'there is text behind `]`', 'only `/prefix` or `:port` may follow')
  }
  const addressEnd = slash !== -1 ? slash : close
  const base = parseBase(bracketed ? text.slice(1, inside ? slash : close) : text.slice(0, addressEnd), bracketed)
  if (base === undefined) {
    const what = bracketed ? 'not an IPv6 address in brackets' : 'not an IPv4 block'
    throw bad(source, start, `\`${text}\` is ${what}`, 'wildcards, zone ids and paths are not allowed here')
  }
  const full = bitsOf(base.address)
  if (slash === -1) return { kind: 'block', base: base.address, prefix: full }
  const digits = inside ? text.slice(slash + 1, close) : text.slice(slash + 1)
  const prefix = parseDecimal(digits, full + base.mappedBits)
  if (prefix === undefined || prefix < base.mappedBits) {
    const hint = `a block ends with the number of its leading bits, ${base.mappedBits} to ${full + base.mappedBits}`
    throw bad(source, start + slash, `\`${text.slice(slash)}\` is not a prefix length`, hint)
  }
  return { kind: 'block', base: base.address, prefix: prefix - base.mappedBits }
}

/** An IPv4-mapped IPv6 base is its IPv4 address; the 96 bits before that are counted in its prefix. */
function parseBase(text: string, bracketed: boolean): { address: IpAddress; mappedBits: 0 | 96 } | undefined {
  if (bracketed) {
    const address = parseIpv6(text)
    return address === undefined ? undefined : { address, mappedBits: address.kind === 'ipv4' ? 96 : 0 }
  }
  const bits = parseIpv4(text)
  return bits === undefined ? undefined : { address: { kind: 'ipv4', bits }, mappedBits: 0 }
}

function parsePortRule(source: string, hostEnd: number, protocol: Protocol): PortRule {
  if (hostEnd === source.length) {
    const port = defaultPorts[protocol]
    return port === undefined
      ? { from: 1, to: 65_535, written: 'absent' }
      : { from: port, to: port, written: 'default' }
  }
  const text = source.slice(hostEnd + 1)
  if (text === '*') return { from: 1, to: 65_535, written: 'written' }
  const dash = text.indexOf('-')
  const from = parsePort(dash === -1 ? text : text.slice(0, dash))
  const to = dash === -1 ? from : parsePort(text.slice(dash + 1))
  if (from === undefined || to === undefined || from > to) {
    throw bad(source, hostEnd + 1, `\`${text}\` is not a port`, 'a port is 1 to 65535, a range `8000-8100`, or `*`')
  }
  return { from, to, written: 'written' }
}

function bad(source: string, position: number, message: string, hint: string): PatternError {
  return new PatternError(message, { source, position, hint })
}
