import { type CapabilityTable, lastRefusingList } from './capability-table.js'

/**
 * The same table, in which only rules of literal addresses and blocks allow a host; what refuses is all there. It answers
 * for special-purpose addresses, which a name or `*` never covers (SPEC 3.2): each list that is asked must name them so.
 */
export function literalHostsOnly(table: CapabilityTable): CapabilityTable {
  const hosts = table.hosts.filter(({ list, pattern }) => list <= lastRefusingList || pattern.host.kind === 'block')
  return { ...table, hosts }
}
