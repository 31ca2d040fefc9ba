import type { TalliedAccess } from './access-tally.js'
import type { DraftLine, MayCover } from './draft-line.js'
import { type Generalisation, reaches } from './generalisation.js'
import { type AskedHost, ancestorsOf, askedHost, connectPattern } from './host-text.js'
import { variantsMin } from './limits.js'
import { parentDomain } from './parent-domain.js'

export type HostRules = {
  readonly action: string
  readonly level: Generalisation
  /** What was refused, in any action that a pattern here would allow. */
  readonly refused: readonly TalliedAccess[]
  readonly mayCover: MayCover<string>
}

/** Hosts with one protocol and port, or names to resolve. */
type Place = {
  readonly key: string
  readonly asked: AskedHost
  /** By host as patterns write it. */
  readonly hosts: Map<string, { readonly name: string | undefined; readonly members: TalliedAccess[] }>
  /** Parents of wildcards. */
  readonly parents: Set<string>
}

/**
 * Patterns for hosts. Ports and protocols are never generalised, addresses neither. A line for `tcp` stands for `http` and
 * `https` too.
 *
 * @param accesses of hosts that a pattern can name
 */
export function generaliseHosts(accesses: readonly TalliedAccess[], rules: HostRules): readonly DraftLine[] {
  const places = placesOf(accesses, rules.action)
  if (reaches(rules.level, 'domains') && rules.action !== 'bind') {
    const refused = new RefusedHosts(rules.refused)
    for (const place of places.values()) addWildcards(place, refused, rules)
  }
  const lines = new Map<string, { pattern: string; how: 'exact' | 'domain'; members: TalliedAccess[] }>()
  for (const place of places.values()) {
    for (const [host, { members }] of place.hosts) {
      const by = coveringLine(place, places.get(tcpKey(place.asked)), host)
      const pattern = patternFor(rules.action, by.place.asked, by.host)
      const known = lines.get(pattern)
      if (known === undefined)
        lines.set(pattern, { pattern, how: by.host === host ? 'exact' : 'domain', members: [...members] })
      else known.members.push(...members)
    }
  }
  return [...lines.values()]
}

function patternFor(action: string, asked: AskedHost, host: string): string {
  return action === 'resolve' ? host : connectPattern(asked, host)
}

function placesOf(accesses: readonly TalliedAccess[], action: string): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  for (const access of accesses) {
    const asked = askedHost(access.resource)
    if (asked === undefined) continue
    const key = action === 'resolve' ? '' : keyOf(asked)
    const place = places.get(key) ?? { key, asked, hosts: new Map(), parents: new Set() }
    places.set(key, place)
    const host = place.hosts.get(asked.host)
    if (host === undefined) place.hosts.set(asked.host, { name: asked.name, members: [access] })
    else host.members.push(access)
  }
  return places
}

function addWildcards({ asked, hosts, parents }: Place, refused: RefusedHosts, { action, mayCover }: HostRules): void {
  // Every port of every host below a domain would be more than anybody asked for.
  if (asked.port === undefined && action !== 'resolve') return
  const children = new Map<string, number>()
  for (const { name } of hosts.values()) {
    const parent = name === undefined ? undefined : parentDomain(name)
    if (parent !== undefined) children.set(parent, (children.get(parent) ?? 0) + 1)
  }
  for (const [parent, count] of children) {
    if (count < variantsMin || refused.isBelow(parent, action === 'resolve' ? undefined : asked)) continue
    if (mayCover(patternFor(action, asked, `*.${parent}`))) parents.add(parent)
  }
}

type Covering = { readonly place: Place; readonly host: string }

/** The widest line that stands for a host: of `tcp` before that of its own protocol, of a wildcard before its own name. */
function coveringLine(own: Place, tcp: Place | undefined, host: string): Covering {
  const above = tcp === undefined || tcp === own ? undefined : widestParent(tcp, host)
  if (tcp !== undefined && above !== undefined) return { place: tcp, host: `*.${above}` }
  if (tcp !== own && tcp?.hosts.has(host) === true) return { place: tcp, host }
  const parent = widestParent(own, host)
  return { place: own, host: parent === undefined ? host : `*.${parent}` }
}

function widestParent({ parents }: Place, host: string): string | undefined {
  let widest: string | undefined
  if (parents.size === 0) return undefined
  for (const ancestor of ancestorsOf(host)) if (parents.has(ancestor)) widest = ancestor
  return widest
}

function keyOf({ protocol, port }: Pick<AskedHost, 'protocol' | 'port'>): string {
  return `${protocol} ${port ?? '*'}`
}

function tcpKey({ protocol, port }: AskedHost): string {
  return keyOf({ protocol: protocol === 'udp' ? 'udp' : 'tcp', ...(port !== undefined && { port }) })
}

/** Hosts that were refused, by the domains that they lie below. */
class RefusedHosts {
  readonly #below = new Map<string, Set<string>>()
  readonly #resolved = new Set<string>()

  constructor(refused: readonly TalliedAccess[]) {
    for (const { action, resource } of refused) {
      const asked = askedHost(resource)
      if (asked?.name === undefined) continue
      const place = action === 'resolve' ? this.#resolved : this.#placeOf(keyOf(asked))
      for (const ancestor of ancestorsOf(asked.name)) place.add(ancestor)
    }
  }

  /** Whether something that `*.parent` would allow was refused; without a place, whether its name was. */
  isBelow(parent: string, asked: AskedHost | undefined): boolean {
    if (this.#resolved.has(parent)) return true
    if (asked === undefined) return false
    const { protocol } = asked
    const protocols = protocol === 'tcp' ? (['tcp', 'http', 'https'] as const) : [protocol]
    return protocols.some((one) => this.#below.get(keyOf({ ...asked, protocol: one }))?.has(parent) === true)
  }

  #placeOf(key: string): Set<string> {
    const known = this.#below.get(key)
    if (known !== undefined) return known
    const made = new Set<string>()
    this.#below.set(key, made)
    return made
  }
}
