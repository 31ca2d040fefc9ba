import { StoreClient } from '@bulkhead/host-services/client'
import { BulkheadError, type Decision, type Request } from '@bulkhead/vocabulary'
import { type Authority, denied } from '../authority.js'
import { storeKeyBytesMax } from '../limits.js'
import type { ResourceState } from '../resource-class.js'
import { type ServiceAccess, ServiceEnded } from '../services/service-access.js'
import { fail, WasiFailure } from '../wasi-failure.js'

/** What stands behind a `bucket`: a name space. It holds no right to anything: each use of a key is decided. */
export type Bucket = ResourceState & { readonly namespace: string }

export type StoreAction = 'read' | 'write' | 'delete'

/** `error` of `wasi:keyvalue/store`. */
export type StoreError = { readonly tag: 'no-such-store' | 'access-denied' } | { readonly tag: 'other'; val: string }

/**
 * The store as one guest uses it. Of every call: the keys are looked at → each is decided and put on record → the store is
 * asked, which decides each of them again → an error is told in the interface's own words.
 */
export class KeyValue {
  readonly #authority: Authority
  readonly #access: ServiceAccess

  constructor(authority: Authority, access: ServiceAccess) {
    this.#authority = authority
    this.#access = access
  }

  /** Does `work` where each of `actions` is allowed on each of `keys`. */
  use<T>(
    { namespace }: Bucket,
    actions: readonly StoreAction[],
    keys: readonly string[],
    work: (store: StoreClient, namespace: string) => T,
  ): T {
    for (const key of keys)
      if (!isKey(key)) fail(other(`a key has 1 to ${storeKeyBytesMax} bytes and no control characters`))
    const requests = keys.flatMap((key) => actions.map((action) => requestOf(action, namespace, key)))
    return this.#ask(requests, namespace, work)
  }

  /** Lists what may be read of a bucket; it takes a rule that covers all of it. */
  list<T>({ namespace }: Bucket, work: (store: StoreClient, namespace: string) => T): T {
    return this.#ask([requestOf('read', namespace, '*')], namespace, work)
  }

  #ask<T>(requests: readonly Request[], namespace: string, work: (store: StoreClient, namespace: string) => T): T {
    for (const request of requests) if (!this.#authority.authorize(request)) fail(accessDenied)
    const stillAllowed = (): boolean => requests.every((request) => this.#authority.permits(request))
    const store = new StoreClient((bytes) => this.#access.ask(bytes, stillAllowed))
    try {
      return work(store, namespace)
    } catch (thrown) {
      return this.#fail(thrown, requests)
    }
  }

  #fail(thrown: unknown, requests: readonly Request[]): never {
    if (thrown instanceof ServiceEnded) {
      if (thrown.end !== 'refused') fail(other('the store is not available'))
      for (const request of requests) this.#recordDenial(request, this.#authority.decide(request))
      fail(accessDenied)
    }
    if (!(thrown instanceof BulkheadError) || thrown instanceof WasiFailure) throw thrown
    if (isQuota(thrown)) for (const request of requests.slice(0, 1)) this.#recordDenial(request, overQuota)
    return fail(storeError(thrown))
  }

  #recordDenial(request: Request, decision: Decision): void {
    if (decision.verdict === 'denied') this.#authority.record(request, decision)
  }
}

const accessDenied: StoreError = { tag: 'access-denied' }
const overQuota = denied('quota', 'more bytes of storage than its quota lets it have')

export function other(text: string): StoreError {
  return { tag: 'other', val: text }
}

function requestOf(action: StoreAction, namespace: string, key: string): Request {
  return { kind: 'storage', action, resource: `${namespace}:${key}` }
}

/** What is none is no named thing: it is neither decided nor put on record. */
function isKey(key: string): boolean {
  return key !== '' && Buffer.byteLength(key) <= storeKeyBytesMax && !/[\p{Cc}\p{Cs}]/u.test(key)
}

function isQuota({ code, details }: BulkheadError): boolean {
  return code === 'resource-limit-exceeded' && details['resource'] === 'storage'
}

/** What a guest is told: nothing of the host, of others, or of where things lie. */
function storeError(error: BulkheadError): StoreError {
  switch (error.code) {
    case 'storage-access-denied':
      return accessDenied
    case 'resource-limit-exceeded':
      return other(isQuota(error) ? 'quota exceeded: storage' : error.message)
    case 'guest-error':
      return other(error.message)
    default:
      return other('the store cannot do that now')
  }
}
