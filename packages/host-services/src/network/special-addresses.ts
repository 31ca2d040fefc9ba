import { type IpAddress, inBlock } from '@bulkhead/capability'
import { parseAddress } from './addresses.js'

// The special-purpose address registries of IANA, multicast and reserved space included; and of the blocks that are reached
// by everybody all the same (anycast of the AS112 and AMT projects, and the like) none, so that they stay special: nobody
// who grants a name means them.
const specialBlocks = blocks(
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/127', '64:ff9b:1::/48', '100::/64', '100:0:0:1::/64', '2001::/23', '2001:db8::/32', '2620:4f:8000::/48'],
  ...['3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
)
/** `::a.b.c.d`, which nobody uses any more; some systems still send it to the IPv4 address. */
const compatible = blocks('::/96')
const nat64 = blocks('64:ff9b::/96')
const sixToFour = blocks('2002::/16')
const teredo = blocks('2001::/32')

/**
 * Whether an address is special: loopback, private, link-local, metadata services, documentation, multicast. One that
 * carries an IPv4 address is judged by that: it is where the packets end up.
 */
export function isSpecialAddress(address: IpAddress): boolean {
  const embedded = embeddedIpv4(address)
  if (embedded !== undefined) return embedded.some((bits) => isSpecialAddress({ kind: 'ipv4', bits }))
  return isIn(specialBlocks, address) || isIn(compatible, address)
}

/** The IPv4 addresses that packets to this one go to: of Teredo its server and its client. */
function embeddedIpv4(address: IpAddress): readonly number[] | undefined {
  if (address.kind === 'ipv4') return undefined
  const word = (at: number): number => (address.groups[at] ?? 0) * 65_536 + (address.groups[at + 1] ?? 0)
  if (isIn(nat64, address)) return [word(6)]
  if (isIn(sixToFour, address)) return [word(1)]
  if (isIn(teredo, address)) return [word(2), ~word(6) >>> 0]
  return undefined
}

type Block = { readonly base: IpAddress; readonly prefix: number }

function isIn(list: readonly Block[], address: IpAddress): boolean {
  return list.some(({ base, prefix }) => inBlock(base, prefix, address))
}

function blocks(...texts: readonly string[]): readonly Block[] {
  return texts.flatMap((text) => {
    const [address = '', prefix] = text.split('/')
    const base = parseAddress(address)
    return base === undefined ? [] : [{ base, prefix: Number(prefix) }]
  })
}
