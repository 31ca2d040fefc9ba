import { Decider, type HostIdentity, type IpAddress, literalHostsOnly } from '@bulkhead/capability'
import { type Decision, Denial, type Request } from '@bulkhead/vocabulary'
import type { ChannelAuthority } from '../service/channel-authority.js'
import { addressText, type Endpoint, resourceOf } from './addresses.js'
import type { PinTable } from './pin-table.js'
import { isRefusal, type Refused } from './refusal.js'

type Granted = Extract<Decision, { readonly verdict: 'granted' }>

/** A grant of one connection: within which limits. */
export type Passage = { readonly rule: string; readonly connectionsMax?: number }

export type Verdict =
  | {
      readonly kind: 'granted'
      readonly request: Request
      readonly decision: Granted
      readonly passage: Passage
    }
  | { readonly kind: 'denied'; readonly request: Request; readonly decision: Refused }

/**
 * Where a channel may connect to, listen and look up (SPEC 3.2). Every connection is judged by the address that it goes to,
 * whatever name led there, and again whenever the rules move.
 *
 * INVARIANT (address): nothing goes to an address that the forbidden list or a deny rule names, or to a special-purpose one
 * that no literal rule names, also when the name is granted that leads there.
 */
export class NetworkGate {
  readonly #authority: ChannelAuthority
  readonly #pins: PinTable
  readonly #isSpecial: (address: IpAddress) => boolean
  #literal: Decider

  constructor(authority: ChannelAuthority, pins: PinTable, isSpecial: (address: IpAddress) => boolean) {
    this.#authority = authority
    this.#pins = pins
    this.#isSpecial = isSpecial
    this.#literal = new Decider(literalHostsOnly(authority.table))
  }

  /** The authority has another table. */
  adopted(): void {
    this.#literal = new Decider(literalHostsOnly(this.#authority.table))
  }

  /** A socket to an address: by a literal rule, by `*`, or by a name that is pinned to it. */
  connect(protocol: 'tcp' | 'udp', { address, port }: Endpoint): Verdict {
    const request = connectRequest(resourceOf(protocol, address, port))
    const decision = this.#authority.decide(request)
    if (isRefusal(decision)) return { kind: 'denied', request, decision }
    if (this.#isSpecial(address)) return this.#byLiteral(request)
    if (decision.verdict === 'granted') return granted(request, decision)
    const text = addressText(address)
    let refusal: Verdict = { kind: 'denied', request, decision }
    for (const name of this.#pins.namesOf(text)) {
      const named = connectRequest(resourceOf(protocol, { kind: 'name', name }, port))
      const byName = this.#authority.decide(named)
      if (byName.verdict === 'granted') {
        this.#pins.use(text, name)
        return granted(named, byName)
      }
      // Whoever reads the refusal knows the name, not the address that it led to.
      refusal = { kind: 'denied', request: named, decision: { ...byName, reason: `${byName.reason} (${text})` } }
    }
    return refusal
  }

  /** An HTTP authority, before anything is looked up. */
  reach(scheme: 'http' | 'https', host: HostIdentity, port: number): Verdict {
    const request = connectRequest(resourceOf(scheme, host, port))
    const decision = this.#authority.decide(request)
    if (decision.verdict === 'denied') return { kind: 'denied', request, decision }
    return host.kind === 'name' ? granted(request, decision) : this.reachAt(scheme, host, { address: host, port })
  }

  /** The same at one address of it: asked before each connection, each exchange, and when the rules have moved. */
  reachAt(scheme: 'http' | 'https', host: HostIdentity, { address, port }: Endpoint): Verdict {
    const named = connectRequest(resourceOf(scheme, host, port))
    const byName = this.#authority.decide(named)
    if (byName.verdict === 'denied') return { kind: 'denied', request: named, decision: byName }
    const request = connectRequest(resourceOf(scheme, address, port))
    const byAddress = this.#authority.decide(request)
    if (isRefusal(byAddress)) return { kind: 'denied', request, decision: byAddress }
    return this.#isSpecial(address) ? this.#byLiteral(request) : granted(named, byName)
  }

  bind(protocol: 'tcp' | 'udp', { address, port }: Endpoint): Verdict {
    const request: Request = { kind: 'network', action: 'bind', resource: resourceOf(protocol, address, port) }
    const decision = this.#authority.decide(request)
    return decision.verdict === 'granted' ? granted(request, decision) : { kind: 'denied', request, decision }
  }

  resolve(name: string): Verdict {
    const request: Request = { kind: 'network', action: 'resolve', resource: name }
    const decision = this.#authority.decide(request)
    return decision.verdict === 'granted' ? granted(request, decision) : { kind: 'denied', request, decision }
  }

  /** @throws {Denial} `network-access-denied` for a refusal, of which the host is told. */
  require(verdict: Verdict): Passage {
    if (verdict.kind === 'granted') return verdict.passage
    this.#authority.report(verdict.request, verdict.decision)
    throw denial(verdict)
  }

  #byLiteral(request: Request): Verdict {
    const decision = this.#literal.decide(request)
    if (decision.verdict === 'granted') return granted(request, decision)
    const reason = 'a special-purpose address needs a rule that names it, or its block, literally'
    return { kind: 'denied', request, decision: { ...decision, reason } }
  }
}

/** How something open ends that the rules do not allow any more. */
export function denial({ request, decision }: Extract<Verdict, { kind: 'denied' }>): Denial {
  const { resource } = request
  const [, host, port] = /^(?:\w+:\/\/)?(.*?)(?::(\d+))?$/.exec(resource) ?? []
  return new Denial('network-access-denied', `network.${request.action} of \`${resource}\` is denied`, {
    details: {
      host,
      port: port === undefined ? undefined : Number(port),
      layer: decision.layer,
      reason: decision.reason,
    },
  })
}

function connectRequest(resource: string): Request {
  return { kind: 'network', action: 'connect', resource }
}

function granted(request: Request, decision: Granted): Verdict {
  const { rule, limits } = decision
  const connectionsMax = limits?.connections
  const passage = connectionsMax === undefined ? { rule: rule.pattern } : { rule: rule.pattern, connectionsMax }
  return { kind: 'granted', request, decision, passage }
}
