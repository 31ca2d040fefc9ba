import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeNetworkRequest, encodeNetworkRequest, type NetworkRequest } from './network/network-request.js'
import { MalformedRequest } from './service/malformed-request.js'
import { decodeStoreRequest, encodeStoreRequest, type StoreRequest } from './store/store-request.js'

const namespace = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !/[\ud800-\udfff]/.test(text))
const key = namespace
const value = fc.uint8Array({ maxLength: 300 })
const storeRequest: fc.Arbitrary<StoreRequest> = fc.oneof(
  fc.record({ op: fc.constantFrom('get' as const, 'exists' as const), namespace, key }),
  fc.record({ op: fc.constant('delete' as const), namespace, key }),
  fc.record({ op: fc.constant('set' as const), namespace, key, value }),
  fc.record({
    op: fc.constant('list' as const),
    namespace,
    after: fc.option(key, { nil: undefined }),
    limit: fc.nat(10_000),
  }),
  fc.record({
    op: fc.constant('increment' as const),
    namespace,
    key,
    by: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  }),
  fc.record({
    op: fc.constant('swap' as const),
    namespace,
    key,
    value,
    expected: fc.option(value, { nil: undefined }),
  }),
  fc.record({ op: fc.constant('get-many' as const), namespace, keys: fc.array(key) }),
  fc.record({ op: fc.constant('delete-many' as const), namespace, keys: fc.array(key) }),
  fc.record({ op: fc.constant('set-many' as const), namespace, entries: fc.array(fc.record({ key, value })) }),
)

const address = fc.oneof(
  fc.record({ kind: fc.constant('ipv4' as const), bits: fc.integer({ min: 0, max: 0xffff_ffff }) }),
  fc.record({
    kind: fc.constant('ipv6' as const),
    groups: fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 }),
  }),
)
const endpoint = fc.record({ address, port: fc.integer({ min: 0, max: 65_535 }) })
const handle = fc.maxSafeNat()
const milliseconds = fc.nat(100_000)
const networkRequest: fc.Arbitrary<NetworkRequest> = fc.oneof(
  fc.record({ op: fc.constant('look-up' as const), name: namespace }),
  fc.record({
    op: fc.constant('judge' as const),
    action: fc.constantFrom('connect' as const, 'bind' as const),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    endpoint,
  }),
  fc.record({ op: fc.constant('connect' as const), endpoint, from: fc.option(handle, { nil: undefined }) }),
  fc.record({ op: fc.constant('bind' as const), endpoint }),
  fc.record({
    op: fc.constant('option' as const),
    handle,
    option: fc.constantFrom(
      'keep-alive' as const,
      'hop-limit' as const,
      'receive-buffer' as const,
      'send-buffer' as const,
    ),
    value: fc.nat(1_000_000),
  }),
  fc.record({
    op: fc.constant('open-udp' as const),
    family: fc.constantFrom('ipv4' as const, 'ipv6' as const),
    local: fc.option(endpoint, { nil: undefined }),
  }),
  fc.record({ op: fc.constantFrom('read' as const, 'receive' as const), handle, max: fc.nat(65_536) }),
  fc.record({ op: fc.constant('write' as const), handle, bytes: value }),
  fc.record({
    op: fc.constant('send' as const),
    handle,
    datagrams: fc.array(fc.record({ remote: endpoint, bytes: value }), { maxLength: 64 }),
  }),
  fc.record({
    op: fc.constant('poll' as const),
    interests: fc.array(
      fc.record({
        handle,
        for: fc.constantFrom('read' as const, 'write' as const, 'flush' as const, 'response' as const),
      }),
    ),
    patience: fc.constantFrom('wait' as const, 'look' as const),
  }),
  fc.record({
    op: fc.constantFrom('finish' as const, 'listen' as const, 'accept' as const, 'response' as const, 'close' as const),
    handle,
  }),
  fc.record({
    op: fc.constant('exchange' as const),
    request: fc.record({
      method: namespace,
      scheme: fc.constantFrom('http' as const, 'https' as const),
      authority: namespace,
      path: namespace,
      fields: fc.array(fc.tuple(namespace, namespace)),
      body: fc.constantFrom('none' as const, 'stream' as const),
      connectMs: milliseconds,
      firstByteMs: milliseconds,
      betweenBytesMs: milliseconds,
    }),
  }),
)

/** What a decoder makes of bytes: a request, or that they are malformed; nothing else may happen. */
function outcome(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): 'request' | 'malformed' {
  try {
    decode(bytes)
    return 'request'
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedRequest)
    return 'malformed'
  }
}

describe.each([
  ['store', storeRequest, encodeStoreRequest, decodeStoreRequest],
  ['network', networkRequest, encodeNetworkRequest, decodeNetworkRequest],
] as const)('a request to the %s', (_name, request, encode, decode) => {
  it('comes out as it went in', () => {
    fc.assert(fc.property(request as fc.Arbitrary<never>, (asked) => void expect(decode(encode(asked))).toEqual(asked)))
  })

  it('is malformed when anything is missing or too much', () => {
    fc.assert(
      fc.property(request as fc.Arbitrary<never>, fc.nat(), (asked, cut) => {
        const bytes = encode(asked)
        expect(outcome(decode, bytes.subarray(0, cut % bytes.length))).toBe('malformed')
        expect(outcome(decode, Uint8Array.of(...bytes, 0))).toBe('malformed')
      }),
    )
  })

  it('of any bytes is a request or malformed', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void outcome(decode, bytes)))
    const damaged = fc.tuple(request as fc.Arbitrary<never>, fc.nat(), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(damaged, ([asked, at, byte]) => {
        const bytes = encode(asked).slice()
        bytes[at % bytes.length] = byte
        outcome(decode, bytes)
      }),
    )
  })
})

it('no port is cut to another one', () => {
  for (const port of [65_979, -1, 1.5]) {
    const endpoint = { address: { kind: 'ipv4', bits: 1 }, port } as const
    expect(() => encodeNetworkRequest({ op: 'connect', endpoint, from: undefined })).toThrow('is not a port')
  }
})

it('an IPv4-mapped address is its IPv4 address', () => {
  const mapped = { kind: 'ipv6', groups: [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1] } as const
  const bytes = encodeNetworkRequest({ op: 'connect', endpoint: { address: mapped, port: 1 }, from: undefined })
  expect(decodeNetworkRequest(bytes)).toEqual({
    op: 'connect',
    endpoint: { address: { kind: 'ipv4', bits: 0x7f00_0001 }, port: 1 },
    from: undefined,
  })
})
