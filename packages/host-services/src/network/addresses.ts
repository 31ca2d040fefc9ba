import type { HostIdentity, Protocol } from '@bulkhead/capability'
import { type IpAddress, parseIpv4, parseIpv6 } from '@bulkhead/capability'

/** An address and a port. */
export type Endpoint = { readonly address: IpAddress; readonly port: number }

/** An address as resolvers and sockets spell it; an IPv4-mapped one is its IPv4 address. A zone id is dropped by nobody: it is none. */
export function parseAddress(text: string): IpAddress | undefined {
  const bits = parseIpv4(text)
  return bits === undefined ? parseIpv6(text) : { kind: 'ipv4', bits }
}

export function addressText(address: IpAddress): string {
  if (address.kind === 'ipv6') return address.groups.map((group) => group.toString(16)).join(':')
  return [24, 16, 8, 0].map((shift) => (address.bits >>> shift) & 255).join('.')
}

function hostText(host: HostIdentity): string {
  if (host.kind === 'name') return host.name
  return host.kind === 'ipv6' ? `[${addressText(host)}]` : addressText(host)
}

/** How a request names it: `tcp://10.0.0.1:80`. */
export function resourceOf(protocol: Protocol, host: HostIdentity, port: number): string {
  return `${protocol}://${hostText(host)}:${port}`
}
