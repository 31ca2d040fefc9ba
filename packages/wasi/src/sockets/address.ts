import type { Endpoint } from '@bulkhead/host-services/client'
import { fail } from '../wasi-failure.js'

export type Family = 'ipv4' | 'ipv6'
export type Protocol = 'tcp' | 'udp'
type IpAddress = Endpoint['address']

/** `ip-address`, as the glue makes it. */
export type WitAddress = { readonly tag: Family; readonly val: readonly number[] }
/** `ip-socket-address`. */
export type WitSocketAddress =
  | { readonly tag: 'ipv4'; readonly val: { readonly port: number; readonly address: readonly number[] } }
  | {
      readonly tag: 'ipv6'
      readonly val: {
        readonly port: number
        readonly flowInfo: number
        readonly address: readonly number[]
        readonly scopeId: number
      }
    }

/** A list of bytes or groups as an address. */
function addressOf(tag: Family, parts: readonly number[]): IpAddress {
  if (tag === 'ipv6') return { kind: 'ipv6', groups: parts }
  return { kind: 'ipv4', bits: parts.reduce((bits, part) => bits * 256 + part, 0) }
}

/**
 * An address that a guest names for a socket of `family`, with its own kind of place: `invalid-argument` for another family,
 * an IPv4-mapped address, a zone, and what is no address of one machine.
 */
export function checkedEndpoint(family: Family, { tag, val }: WitSocketAddress, use: 'local' | 'remote'): Endpoint {
  const endpoint = { address: addressOf(tag, val.address), port: val.port }
  if (tag !== family || !isUnicast(endpoint.address)) fail('invalid-argument')
  if (tag === 'ipv6' && (val.scopeId !== 0 || isMapped(val.address))) fail('invalid-argument')
  if (use === 'remote' && (endpoint.port === 0 || isUnspecified(endpoint.address))) fail('invalid-argument')
  return endpoint
}

function isUnicast(address: IpAddress): boolean {
  if (address.kind === 'ipv6') return (address.groups[0] ?? 0) >>> 8 !== 0xff
  return address.bits >>> 28 !== 14 && address.bits !== 0xffff_ffff
}

export function isUnspecified(address: IpAddress): boolean {
  return address.kind === 'ipv4' ? address.bits === 0 : address.groups.every((group) => group === 0)
}

function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
}

export function witAddress(address: IpAddress): WitAddress {
  if (address.kind === 'ipv6') return { tag: 'ipv6', val: address.groups }
  return { tag: 'ipv4', val: [24, 16, 8, 0].map((shift) => (address.bits >>> shift) & 255) }
}

export function witEndpoint({ address, port }: Endpoint): WitSocketAddress {
  const { tag, val } = witAddress(address)
  if (tag === 'ipv4') return { tag, val: { port, address: val } }
  return { tag, val: { port, flowInfo: 0, address: val, scopeId: 0 } }
}

export function sameEndpoint(one: Endpoint, other: Endpoint): boolean {
  if (one.port !== other.port || one.address.kind !== other.address.kind) return false
  if (one.address.kind === 'ipv4') return other.address.kind === 'ipv4' && one.address.bits === other.address.bits
  const { groups } = one.address
  return other.address.kind === 'ipv6' && other.address.groups.every((group, at) => group === groups[at])
}
