import { type Handle, httpFailureOf, NetworkClient } from '@bulkhead/host-services/client'
import { BulkheadError, type Request } from '@bulkhead/vocabulary'
import { type Authority, denied } from '../authority.js'
import { type ServiceAccess, ServiceEnded } from '../services/service-access.js'
import { type HttpErrorCode, HttpFailed } from './error-code.js'

type HttpNetworkPowers = {
  readonly authority: Authority
  readonly access: ServiceAccess
  /** Whether the guest has ended: then nothing is asked of the network any more, which closes all of it by itself. */
  readonly isEnded: () => boolean
}

/** The network's service, for HTTP: what it answers comes back in the words of `wasi:http`. */
export class HttpNetwork {
  readonly #powers: HttpNetworkPowers

  constructor(powers: HttpNetworkPowers) {
    this.#powers = powers
  }

  /**
   * Asks for something that `request` was granted for, as long as it is.
   *
   * @throws {HttpFailed}
   */
  ask<Answer>(request: Request, isWanted: () => boolean, use: (client: NetworkClient) => Answer): Answer {
    const { authority, access } = this.#powers
    const stillAllowed = (): boolean => isWanted() && authority.permits(request)
    try {
      return use(new NetworkClient((bytes) => access.ask(bytes, stillAllowed)))
    } catch (thrown) {
      if (thrown instanceof ServiceEnded) throw new HttpFailed(this.#ended(thrown, request))
      if (!(thrown instanceof BulkheadError)) throw thrown
      this.#recordQuota(thrown, request)
      throw new HttpFailed(errorCodeOf(thrown))
    }
  }

  /** Decides again; a refusal goes on record. */
  isAllowed(request: Request): boolean {
    const { authority } = this.#powers
    return authority.permits(request) || authority.authorize(request)
  }

  /** The guest has let go of it. */
  close(handle: Handle): void {
    if (this.#powers.isEnded()) return
    try {
      new NetworkClient((bytes) => this.#powers.access.ask(bytes, () => true)).close(handle)
    } catch (thrown) {
      // A service that is not there has nothing open.
      if (!(thrown instanceof ServiceEnded)) throw thrown
    }
  }

  #ended({ end }: ServiceEnded, request: Request): HttpErrorCode {
    if (end !== 'refused') return { tag: 'internal-error', val: 'the network is not available' }
    this.isAllowed(request)
    return { tag: 'HTTP-request-denied' }
  }

  /** What the rules grant and a quota does not: the far side has no word in the guest's record. */
  #recordQuota({ code, details }: BulkheadError, request: Request): void {
    const quota = code === 'resource-limit-exceeded' ? quotaOf(details['resource']) : undefined
    if (quota !== undefined) this.#powers.authority.record(request, denied('quota', `more than its quota of ${quota}`))
  }
}

/** The quota that a resource of the network's service belongs to; `undefined` for bounds that are everybody's. */
function quotaOf(resource: unknown): string | undefined {
  if (resource === 'requests') return 'requests'
  if (resource === 'network') return 'network'
  return typeof resource === 'string' && resource.startsWith('connections') ? 'connections' : undefined
}

/** What a guest is told: RFC 9209's words, and nothing of the host. */
export function errorCodeOf(error: BulkheadError): HttpErrorCode {
  const tag = httpFailureOf(error)
  const bytes = error.details['httpBytesMax']
  const limit = typeof bytes === 'number' ? bytes : undefined
  switch (tag) {
    case 'DNS-error':
      return { tag, val: { rcode: undefined, infoCode: undefined } }
    case 'TLS-alert-received':
      return { tag, val: { alertId: undefined, alertMessage: undefined } }
    case 'HTTP-request-body-size':
    case 'HTTP-response-body-size':
      return { tag, val: limit === undefined ? undefined : BigInt(limit) }
    case 'HTTP-request-header-section-size':
    case 'HTTP-response-header-section-size':
      return { tag, val: limit }
    case 'internal-error': {
      const quota = quotaOf(error.details['resource'])
      return { tag, val: quota === undefined ? undefined : `quota exceeded: ${quota}` }
    }
    default:
      return { tag }
  }
}
