export type IpAddress =
  | { readonly tag: 'ipv4'; readonly val: readonly number[] }
  | { readonly tag: 'ipv6'; readonly val: readonly number[] }
export type IpSocketAddress =
  | { readonly tag: 'ipv4'; readonly val: { readonly port: number; readonly address: readonly number[] } }
  | { readonly tag: 'ipv6'; readonly val: { readonly port: number; readonly address: readonly number[] } }

export type Protocol = 'tcp' | 'udp'

/** `tcp://10.0.0.1:80`, `tcp://[2001:db8:0:0:0:0:0:1]:443`: how a request names an address. */
export function socketResource(protocol: Protocol, { tag, val }: IpSocketAddress): string {
  const host = tag === 'ipv4' ? val.address.join('.') : `[${val.address.map((group) => group.toString(16)).join(':')}]`
  return `${protocol}://${host}:${val.port}`
}
