import type { Request } from '@bulkhead/vocabulary'
import { type Authority, denied } from '../authority.js'

/** Decides, records and refuses requests for the network. */
export type NetworkGate = {
  /** Always a denial, with its reason on record: the table's own, or that this host has no network to give. */
  readonly refuse: (action: 'connect' | 'bind' | 'resolve', resource: string) => void
}

export function networkGate(authority: Authority): NetworkGate {
  return {
    refuse: (action, resource) => {
      const request: Request = { kind: 'network', action, resource }
      const decision = authority.decide(request)
      authority.record(request, decision.verdict === 'denied' ? decision : withoutService)
    },
  }
}

const withoutService = denied('error', 'granted, but this version of the runtime has no network service')
