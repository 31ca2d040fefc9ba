import type { Grant } from '@bulkhead/capability'
import { pathPatternOf } from './wassette-resources.js'
import type { AccessWord, NetworkRule, ProtocolWord, Side, StorageRule } from './wassette-words.js'

/** One side of a policy in Wassette's words, and the rules that it has none for. */
export type WassetteWords = {
  readonly storage: readonly StorageRule[]
  readonly network: readonly NetworkRule[]
  readonly environment: readonly { readonly key: string }[]
  readonly unsaid: readonly Grant[]
}

/** Finds Wassette's words for rules. What it says means exactly the same when it is read again. */
export function wassetteWordsOf(grants: readonly Grant[], side: Side): WassetteWords {
  const unsaid: Grant[] = grants.filter(({ limits }) => limits !== undefined)
  const plain = grants.filter(({ limits }) => limits === undefined)
  const ofKind = (kind: string) => plain.filter((grant) => grant.kind === kind)
  const storage = storageRules(ofKind('filesystem'), unsaid)
  const network = networkRules(ofKind('network'), side, unsaid)
  const environment = ofKind('environment').flatMap((grant) => {
    if (!grant.pattern.includes('*')) return [{ key: grant.pattern }]
    unsaid.push(grant)
    return []
  })
  const spoken = ['filesystem', 'network', 'environment']
  unsaid.push(...plain.filter(({ kind }) => !spoken.includes(kind)))
  return { storage, network, environment, unsaid }
}

function storageRules(grants: readonly Grant[], unsaid: Grant[]): readonly StorageRule[] {
  return [...groupBy(grants, ({ pattern }) => pattern)].flatMap(([pattern, group]) => {
    const uri = uriOf(pattern)
    const access = new Map(group.map((grant) => [grant.action as AccessWord, grant]))
    const write = access.get('write')
    if (uri === undefined) {
      unsaid.push(...group)
      return []
    }
    if (write !== undefined && !access.has('delete')) {
      // Wassette's `write` deletes as well: the words would say more than the rule.
      unsaid.push(write)
      access.delete('write')
    } else if (write !== undefined) {
      access.delete('delete')
      access.delete('create')
    }
    return access.size === 0 ? [] : [{ uri, access: [...access.keys()] }]
  })
}

/** A path without wildcards means all below it there: `/a/**` is `fs:///a`, and `/a` alone has no word. */
function uriOf(pattern: string): string | undefined {
  const below = pattern.endsWith('/**') ? pattern.slice(0, -3) : pattern
  return [`fs://${below === '' ? '/' : below}`, `fs://${pattern}`].find((uri) => pathPatternOf(uri) === pattern)
}

const networkPattern = /^(?:(tcp|udp|http|https):\/\/)?(\[[^\]]*\](?:\/\d+)?|[^:]*)(?::(\*|\d+(?:-\d+)?))?$/i
const defaultPorts: Partial<Record<ProtocolWord, string>> = { http: '80', https: '443' }

type Connection = {
  readonly protocol: ProtocolWord
  readonly host: string
  readonly port: string
  readonly grant: Grant
}

function networkRules(grants: readonly Grant[], side: Side, unsaid: Grant[]): readonly NetworkRule[] {
  const resolves = new Map(grants.filter(({ action }) => action === 'resolve').map((grant) => [grant.pattern, grant]))
  unsaid.push(...grants.filter(({ action }) => action === 'bind'))
  const connections = grants
    .filter(({ action }) => action === 'connect')
    .flatMap((grant) => {
      const connection = connectionOf(grant)
      if (connection === undefined) unsaid.push(grant)
      return connection ?? []
    })
  const rules = [...groupBy(connections, ({ host }) => host)].flatMap(([host, group]) => {
    const whole = isWhole(group) && (side === 'allow' || host.includes('/') || resolves.has(host))
    if (whole && side === 'deny') resolves.delete(host)
    return rulesOf(host, group, whole)
  })
  unsaid.push(...resolves.values())
  return rules
}

function connectionOf(grant: Grant): Connection | undefined {
  const [, word = 'tcp', host = '', written] = networkPattern.exec(grant.pattern) ?? []
  const protocol = word.toLowerCase() as ProtocolWord
  const port = written ?? defaultPorts[protocol] ?? '*'
  return port.includes('-') ? undefined : { protocol, host, port, grant }
}

/** Every port of every protocol: what a rule that says nothing else means. */
function isWhole(group: readonly Connection[]): boolean {
  return (['tcp', 'udp'] as const).every((word) =>
    group.some(({ protocol, port }) => protocol === word && port === '*'),
  )
}

function rulesOf(host: string, group: readonly Connection[], whole: boolean): readonly NetworkRule[] {
  const whom = host.includes('/') ? { cidr: host } : { host }
  const left = whole
    ? group.filter(({ protocol, port }) => port !== '*' || (protocol !== 'tcp' && protocol !== 'udp'))
    : group
  const rules = [...groupBy(left, ({ protocol }) => protocol)].flatMap(([protocol, connections]): NetworkRule[] => {
    const numbers = connections.flatMap(({ port }) => (port === '*' ? [] : [BigInt(port)]))
    const some = numbers.length === 0 ? [] : [{ ...whom, ports: numbers, protocols: [protocol] }]
    return numbers.length === connections.length ? some : [...some, { ...whom, protocols: [protocol] }]
  })
  return whole ? [whom, ...rules] : rules
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}
