import { Decider, literalHostsOnly } from '@bulkhead/capability'
import { type Endpoint, isRefusal, NetworkClient, resourceOf } from '@bulkhead/host-services/client'
import { BulkheadError, type Decision, type Request } from '@bulkhead/vocabulary'
import { type Authority, denied } from '../authority.js'
import type { ServiceAccess } from '../services/service-access.js'
import { ServiceEnded } from '../services/service-access.js'
import { fail, WasiFailure } from '../wasi-failure.js'
import type { Protocol } from './address.js'
import { socketErrorOf } from './socket-error.js'

/** What let something of the network be opened. */
export type Passage = {
  /** As it was judged: by its name, where a name that led to the address decided. */
  readonly request: Request
  readonly decision: Decision
  readonly version: number
  /** Decides again by the newest rules, as far as that can be decided here. */
  readonly judge: () => Decision
}

/**
 * Where sockets may go, and the way to the network's service.
 *
 * Sockets speak addresses, rules speak names (SPEC 3.2), and which name led to an address only the service knows: it keeps
 * the pins, so that no worker can forge one. So an address that a rule refuses is refused here, one that a literal rule
 * grants is granted here, and about all others the service is asked first. Whoever decides, it goes on record once, here,
 * before anything is done; and the service decides again when it is done.
 */
export class NetworkDesk {
  readonly #authority: Authority
  readonly #access: ServiceAccess
  readonly #isEnded: () => boolean
  #literal: Decider | undefined
  readonly #unwanted: number[] = []

  /** @param isEnded whether the guest is at its end: then nothing is asked, and so nothing waited for. */
  constructor(authority: Authority, access: ServiceAccess, isEnded: () => boolean) {
    this.#authority = authority
    this.#access = access
    this.#isEnded = isEnded
  }

  /** Decides and records; fails with `access-denied`. */
  require(action: 'connect' | 'bind', protocol: Protocol, endpoint: Endpoint): Passage {
    const request: Request = {
      kind: 'network',
      action,
      resource: resourceOf(protocol, endpoint.address, endpoint.port),
    }
    const decision = this.#authority.decide(request)
    if (action === 'bind' || this.#isFinal(request, decision)) {
      return this.#admit(request, decision, () => this.#authority.decide(request))
    }
    const judgement = this.ask(
      undefined,
      () => !isRefusal(this.#authority.decide(request)),
      (network) => network.judge(action, protocol, endpoint),
    )
    const judged: Request = { ...request, resource: judgement.resource }
    return this.#admit(judged, judgement.decision, () => {
      const byAddress = this.#authority.decide(request)
      return isRefusal(byAddress) ? byAddress : this.#authority.decide(judged)
    })
  }

  /** Whether a place may be taken, without a record. */
  permitsBind(protocol: Protocol, { address, port }: Endpoint): boolean {
    return this.#authority.permits({ kind: 'network', action: 'bind', resource: resourceOf(protocol, address, port) })
  }

  /** Decides on a look-up and records it; fails with `access-denied`. */
  requireName(name: string): Passage {
    const request: Request = { kind: 'network', action: 'resolve', resource: name }
    return this.#admit(request, this.#authority.decide(request), () => this.#authority.decide(request))
  }

  /**
   * Asks the service for what `passage` allows, and fails with the code of `wasi:sockets` that fits its answer. One thing too
   * many is put on record.
   */
  ask<T>(passage: Passage | undefined, stillAllowed: () => boolean, work: (network: NetworkClient) => T): T {
    if (this.#isEnded()) return fail('connection-aborted')
    this.#closeUnwanted()
    try {
      return work(new NetworkClient((bytes) => this.#access.ask(bytes, stillAllowed)))
    } catch (thrown) {
      if (thrown instanceof WasiFailure) throw thrown
      const code = socketErrorOf(thrown)
      if (passage !== undefined) this.#recordLimit(passage, thrown)
      return fail(code)
    }
  }

  /** The same for something that is open. */
  use<T>(passage: Passage, work: (network: NetworkClient) => T): T {
    return this.ask(passage, () => passage.judge().verdict === 'granted', work)
  }

  /** The guest wants it no more. */
  close(handle: number): void {
    this.closeLater(handle)
    this.#closeUnwanted()
  }

  /** The same in the middle of a wait, where nothing can be asked: it is closed before the next thing is. */
  closeLater(handle: number): void {
    this.#unwanted.push(handle)
  }

  #closeUnwanted(): void {
    if (this.#isEnded()) return
    const network = new NetworkClient((bytes) => this.#access.ask(bytes, () => true))
    for (let handle = this.#unwanted.pop(); handle !== undefined; handle = this.#unwanted.pop()) {
      try {
        network.close(handle)
      } catch (thrown) {
        // A service that is gone has closed it already; where it cannot be asked now, it closes what is not allowed itself.
        if (!(thrown instanceof ServiceEnded)) throw thrown
      }
    }
  }

  /** Decides again what is open: `false`, and a record, when it may not be any more. */
  stillAllows({ request, judge }: Passage): boolean {
    const decision = judge()
    if (decision.verdict === 'granted') return true
    this.#authority.record(request, decision)
    return false
  }

  /** How often something open was used, when it is closed. */
  recordUses({ request, decision, version }: Passage, count: number): void {
    if (count > 0) this.#authority.recordUses(request, decision, version, count)
  }

  #admit(request: Request, decision: Decision, judge: () => Decision): Passage {
    if (!this.#authority.record(request, decision)) return fail('access-denied')
    return { request, decision, version: this.#authority.version, judge }
  }

  /** Whether the service would decide alike, whatever was looked up. */
  #isFinal(request: Request, decision: Decision): boolean {
    const { table } = this.#authority
    const { verdict } = decision
    if (isRefusal(decision)) return true
    if (verdict === 'denied') return !table.hosts.some(({ pattern }) => isOfNames(pattern.host.kind))
    if (this.#literal?.table !== table) this.#literal = new Decider(literalHostsOnly(table))
    return this.#literal.decide(request).verdict === 'granted'
  }

  #recordLimit({ request }: Passage, thrown: unknown): void {
    if (!(thrown instanceof BulkheadError) || thrown.code !== 'resource-limit-exceeded') return
    this.#authority.record(request, denied('quota', thrown.message))
  }
}

function isOfNames(kind: string): boolean {
  return kind === 'name' || kind === 'suffix'
}
