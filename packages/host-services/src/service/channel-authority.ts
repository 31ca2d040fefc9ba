import { type CapabilityTable, Decider } from '@bulkhead/capability'
import { type Decision, Denial, type Request } from '@bulkhead/vocabulary'

/** A refusal of the far side, as the host is told of it. `unreported`: how many before it were only counted. */
export type FarDenial = {
  readonly request: Request
  readonly decision: Extract<Decision, { readonly verdict: 'denied' }>
  readonly policyVersion: number
  readonly unreported: number
}

export type AuthorityPorts = {
  /** Takes in what the host has posted, and says whether that was all of it. */
  readonly refresh: () => boolean
  /** Whether the host took it. */
  readonly report: (denial: FarDenial) => boolean
}

/**
 * Who may do what on one channel: the host's copy of its actor's table. The worker's guard has decided before, and told the
 * reason; this one decides for whoever speaks through the worker's memory, and trusts nothing in there.
 *
 * INVARIANT (current): no decision is made by a table older than the newest that the host had posted when it was asked.
 */
export class ChannelAuthority {
  readonly #ports: AuthorityPorts
  #decider: Decider
  #unreported = 0

  constructor(table: CapabilityTable, ports: AuthorityPorts) {
    this.#decider = new Decider(table)
    this.#ports = ports
  }

  /** The component whose own name space `self:` means. */
  get componentId(): string {
    return this.#decider.table.componentId
  }

  get table(): CapabilityTable {
    return this.#decider.table
  }

  adopt(table: CapabilityTable): void {
    this.#decider = new Decider(table)
  }

  decide(request: Request): Decision {
    return this.#ports.refresh() ? this.#decider.decide(request) : behind
  }

  permits(request: Request): boolean {
    return this.decide(request).verdict === 'granted'
  }

  /** Tells the host of a refusal. */
  report(request: Request, decision: Extract<Decision, { readonly verdict: 'denied' }>): void {
    const policyVersion = this.table.version
    const told = this.#ports.report({ request, decision, policyVersion, unreported: this.#unreported })
    this.#unreported = told ? 0 : this.#unreported + 1
  }

  /** @throws {Denial} `storage-access-denied` for what the table refuses; the host is told. */
  requireStorage(action: 'read' | 'write' | 'delete', namespace: string, key: string): void {
    const request: Request = { kind: 'storage', action, resource: `${namespace}:${key}` }
    const decision = this.decide(request)
    if (decision.verdict === 'granted') return
    this.report(request, decision)
    throw new Denial('storage-access-denied', `storage.${action} of \`${namespace}:${key}\` is denied`, {
      details: { namespace, key, layer: decision.layer, reason: decision.reason },
    })
  }
}

const behind: Decision = Object.freeze({
  verdict: 'denied',
  layer: 'error',
  reason: 'the newest policy was announced but has not arrived',
})
