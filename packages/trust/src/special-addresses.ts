import { type HostRule, inBlock, type ParsedHostPattern, parseHostPattern } from '@bulkhead/capability'

// The special-purpose address registries of IANA (IPv4 and IPv6), multicast included: loopback, private and link-local
// networks, metadata services, and the ranges in which an IPv4 address is embedded.
const special: readonly Block[] = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...[
    '[::/127]',
    '[64:ff9b::/96]',
    '[64:ff9b:1::/48]',
    '[100::/64]',
    '[100:0:0:1::/64]',
    '[2001::/23]',
    '[2001:db8::/32]',
  ],
  ...['[2002::/16]', '[2620:4f:8000::/48]', '[3fff::/20]', '[5f00::/16]', '[fc00::/7]', '[fe80::/10]', '[ff00::/8]'],
].flatMap((block) => blockOf(parseHostPattern(block)) ?? [])

type Block = Extract<HostRule, { readonly kind: 'block' }>

const SPECIAL_NAME = /(?:^|\.)(?:localhost|local|internal)$/

/** Whether a host rule reaches into a special-purpose range, or names a host that lives in one. */
export function reachesSpecialAddress(host: HostRule): boolean {
  switch (host.kind) {
    case 'any':
      return false
    case 'name':
      return SPECIAL_NAME.test(host.name)
    case 'suffix':
      return SPECIAL_NAME.test(host.suffix)
    case 'block':
      return special.some((range) => overlap(range, host))
  }
}

function blockOf({ host }: ParsedHostPattern): Block | undefined {
  return host.kind === 'block' ? host : undefined
}

function overlap(one: Block, other: Block): boolean {
  return inBlock(one.base, one.prefix, other.base) || inBlock(other.base, other.prefix, one.base)
}
