import { BulkheadError, Denial, type Request } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import type { Authority } from '../authority.js'
import { type ServiceAccess, ServiceEnded } from '../services/service-access.js'
import { HttpFailed } from './error-code.js'
import { errorCodeOf, HttpNetwork } from './http-network.js'

const request = { kind: 'network', action: 'connect', resource: 'http://api.test:80' } as Request

/** A network that ends each call as it is told to. */
function network(ends: () => Uint8Array, { isAllowed = true, hasEnded = false } = {}) {
  const told: unknown[] = []
  const authority = {
    permits: () => isAllowed,
    authorize: () => {
      told.push('authorize')
      return isAllowed
    },
    record: (_request: Request, decision: { readonly reason: string }) => void told.push(decision.reason),
  } as unknown as Authority
  const access = {
    ask: (_bytes: Uint8Array, stillAllowed: () => boolean) => {
      told.push(stillAllowed())
      return ends()
    },
  } as unknown as ServiceAccess
  return { told, http: new HttpNetwork({ authority, access, isEnded: () => hasEnded }) }
}

const throwing = (thrown: unknown) => (): never => {
  throw thrown
}

function failureOf(act: () => unknown): unknown {
  try {
    act()
  } catch (thrown) {
    return thrown instanceof HttpFailed ? thrown.code : thrown
  }
  return 'nothing'
}

describe('what ends a call to the network', () => {
  const ask = ({ http }: ReturnType<typeof network>, isWanted = true): unknown =>
    failureOf(() =>
      http.ask(
        request,
        () => isWanted,
        (client) => client.response(1 as never),
      ),
    )

  it('is the rules: the refusal goes on record, and is the guest’s own error', () => {
    const refused = network(throwing(new ServiceEnded('refused', true)), { isAllowed: false })
    expect(ask(refused)).toEqual({ tag: 'HTTP-request-denied' })
    expect(refused.told).toEqual([false, 'authorize'])
  })

  it('is that nobody wants it any more: then it is not asked for', () => {
    const unwanted = network(throwing(new ServiceEnded('refused', false)))
    ask(unwanted, false)
    expect(unwanted.told).toEqual([false])
  })

  it('is that it is not there, or has not answered in time', () => {
    const expected = { tag: 'internal-error', val: 'the network is not available' }
    for (const end of ['down', 'expired'] as const)
      expect(ask(network(throwing(new ServiceEnded(end, false))))).toEqual(expected)
  })

  it('is a quota, which is on record; a bound of everybody’s is not', () => {
    const quota = (resource: string) => new BulkheadError('resource-limit-exceeded', 'full', { details: { resource } })
    const full = network(throwing(quota('requests')))
    expect(ask(full)).toEqual({ tag: 'internal-error', val: 'quota exceeded: requests' })
    expect(full.told).toEqual([true, 'more than its quota of requests'])
    const crowded = network(throwing(quota('connections of all')))
    expect(ask(crowded)).toEqual({ tag: 'connection-limit-reached' })
    expect(crowded.told.at(-1)).toBe('more than its quota of connections')
    const other = network(throwing(quota('sockets')))
    expect(ask(other)).toMatchObject({ tag: 'internal-error', val: undefined })
    expect(other.told).toEqual([true])
  })

  it('is a fault of ours, which is nobody’s to see', () => {
    const fault = new TypeError('ours')
    expect(ask(network(throwing(fault)))).toBe(fault)
  })
})

describe('what a guest lets go of', () => {
  it('is closed; where nobody is there to close it, it is closed', () => {
    const gone = network(throwing(new ServiceEnded('down', false)))
    expect(failureOf(() => gone.http.close(1 as never))).toBe('nothing')
    expect(gone.told).toEqual([true])
    const fault = new TypeError('ours')
    expect(failureOf(() => network(throwing(fault)).http.close(1 as never))).toBe(fault)
  })

  it('is not asked for behind the end of the guest', () => {
    const over = network(throwing(new TypeError('never')), { hasEnded: true })
    over.http.close(1 as never)
    expect(over.told).toEqual([])
  })
})

describe('in the words of the interface', () => {
  const error = (http: string, more: object = {}) => new BulkheadError('internal', 'x', { details: { http, ...more } })

  it.each([
    [error('DNS-error'), { tag: 'DNS-error', val: { rcode: undefined, infoCode: undefined } }],
    [error('TLS-alert-received'), { tag: 'TLS-alert-received', val: { alertId: undefined, alertMessage: undefined } }],
    [error('HTTP-response-body-size', { httpBytesMax: 7 }), { tag: 'HTTP-response-body-size', val: 7n }],
    [error('HTTP-request-body-size'), { tag: 'HTTP-request-body-size', val: undefined }],
    [
      error('HTTP-request-header-section-size', { httpBytesMax: 7 }),
      { tag: 'HTTP-request-header-section-size', val: 7 },
    ],
    [error('internal-error', { resource: 'network' }), { tag: 'internal-error', val: 'quota exceeded: network' }],
    [error('connection-refused'), { tag: 'connection-refused' }],
    [new Denial('network-access-denied', 'x'), { tag: 'HTTP-request-denied' }],
  ])('%s', (thrown, code) => {
    expect(errorCodeOf(thrown)).toEqual(code)
  })
})
