import { isDigit } from './characters.js'

/** An address as plain data: IPv4 as an unsigned 32-bit number, IPv6 as eight 16-bit groups. */
export type IpAddress =
  | { readonly kind: 'ipv4'; readonly bits: number }
  | { readonly kind: 'ipv6'; readonly groups: readonly number[] }

/** Strict dotted decimal: four parts, no leading zeros, no octal, hexadecimal or short spellings. */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split('.', 5)
  if (parts.length !== 4) return undefined
  let bits = 0
  for (const part of parts) {
    const octet = parseDecimal(part, 255)
    if (octet === undefined) return undefined
    bits = bits * 256 + octet
  }
  return bits
}

/** An IPv6 address without brackets or zone. An IPv4-mapped one (`::ffff:a.b.c.d`) is its IPv4 address. */
export function parseIpv6(text: string): IpAddress | undefined {
  if (text.length > 45) return undefined
  const halves = text.split('::', 3)
  if (halves.length > 2) return undefined
  const head = parseGroups(halves[0] ?? '', halves.length === 1)
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : []
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail]
  return isMapped(groups) ? { kind: 'ipv4', bits: lowBits(groups) } : { kind: 'ipv6', groups }
}

/** Whether `address` lies in the block of `prefix` leading bits of `base`. Families never mix. */
export function inBlock(base: IpAddress, prefix: number, address: IpAddress): boolean {
  if (base.kind === 'ipv4') {
    if (address.kind !== 'ipv4') return false
    const size = 2 ** (32 - prefix)
    return Math.floor(base.bits / size) === Math.floor(address.bits / size)
  }
  if (address.kind !== 'ipv6') return false
  for (let group = 0; group * 16 < prefix; group++) {
    const size = 2 ** Math.max(0, 16 - (prefix - group * 16))
    if (Math.floor((base.groups[group] ?? 0) / size) !== Math.floor((address.groups[group] ?? 0) / size)) return false
  }
  return true
}

/** How many bits an address of this family has. */
export function bitsOf(address: IpAddress): 32 | 128 {
  return address.kind === 'ipv4' ? 32 : 128
}

/** Decimal digits without leading zeros, at most `max`. */
export function parseDecimal(text: string, max: number): number | undefined {
  if (text.length === 0 || text.length > 5 || (text.length > 1 && text[0] === '0')) return undefined
  let value = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (!isDigit(unit)) return undefined
    value = value * 10 + (unit - 0x30)
  }
  return value <= max ? value : undefined
}

function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':', 9)
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes('.')) {
      const bits = parseIpv4(part)
      if (bits === undefined) return undefined
      groups.push(Math.floor(bits / 65_536), bits % 65_536)
    } else {
      const group = parseHexGroup(part)
      if (group === undefined) return undefined
      groups.push(group)
    }
  }
  return groups.length <= 8 ? groups : undefined
}

function parseHexGroup(text: string): number | undefined {
  if (text.length < 1 || text.length > 4) return undefined
  for (let at = 0; at < text.length; at++) if (!isHexDigit(text.charCodeAt(at))) return undefined
  return Number.parseInt(text, 16)
}

/** 0-9, A-F, a-f. */
export function isHexDigit(unit: number): boolean {
  return isDigit(unit) || (unit >= 0x41 && unit <= 0x46) || (unit >= 0x61 && unit <= 0x66)
}

function isMapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
}

function lowBits(groups: readonly number[]): number {
  return (groups[6] ?? 0) * 65_536 + (groups[7] ?? 0)
}
