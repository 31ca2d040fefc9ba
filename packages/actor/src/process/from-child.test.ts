import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lifecycleStages } from '../message-protocol.js'
import { BadClaim, decodeFromChild, encodeFromChild, type FromChild } from './from-child.js'
import { claimedDetailsMax, claimedTextMax } from './limits.js'

const text = fc.string({ maxLength: 60 })
const count = fc.maxSafeNat()
const flat = fc.oneof(text, fc.boolean(), fc.integer())
const details = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), flat, {
  maxKeys: claimedDetailsMax,
  noNullPrototype: true,
})
const error = fc.record(
  {
    family: fc.constantFrom('error' as const, 'denial' as const, 'fault' as const),
    code: fc.constantFrom('internal' as const, 'guest-trap' as const),
    message: text,
    details,
    hint: text,
  },
  { requiredKeys: ['family', 'code', 'message', 'details'], noNullPrototype: true },
)
const outcome = fc.oneof(
  fc.record({ kind: fc.constant('returned' as const), ok: fc.boolean() }),
  fc.record({ kind: fc.constant('exited' as const), code: fc.nat(255) }),
  fc.record({ kind: fc.constant('stopped' as const) }),
  fc.record({ kind: fc.constant('trapped' as const), message: text, frames: fc.array(text, { maxLength: 32 }) }),
  fc.record({ kind: fc.constantFrom('exceeded' as const, 'poisoned' as const), message: text }),
  fc.record({ kind: fc.constant('unstartable' as const), error }),
)
const wish = fc.oneof(
  fc.record({
    kind: fc.constant('prepare' as const),
    number: count,
    how: fc.constantFrom('publish' as const, 'reply' as const, 'request' as const),
    subject: text,
    waitMs: fc.nat(),
    body: fc.uint8Array({ maxLength: 200 }),
  }),
  fc.record({ kind: fc.constantFrom('commit' as const, 'unbegun' as const), number: count }),
  fc.record({
    kind: fc.constant('request-over' as const),
    outcome: fc.constantFrom('answered' as const, 'timed-out' as const, 'given-up' as const),
  }),
  fc.record({ kind: fc.constant('handled' as const), number: count, failed: fc.boolean() }),
  fc.record({ kind: fc.constant('lifecycle' as const), stage: fc.constantFrom(...lifecycleStages), words: text }),
  fc.record({ kind: fc.constant('handler-failed' as const), error: text, unreported: count }),
)
const message: fc.Arbitrary<FromChild> = fc.oneof(
  fc.record({ kind: fc.constantFrom('up' as const, 'ready' as const) }),
  fc.record({ kind: fc.constant('ended' as const), outcome, leakedDescriptors: count }),
  fc.record({ kind: fc.constant('died' as const), code: text, message: text }),
  fc.record({ kind: fc.constant('breach' as const), reason: text }),
  fc.record({ kind: fc.constant('bound' as const), version: count, entered: count }),
  fc.record({ kind: fc.constant('ledger' as const), entries: fc.array(count, { maxLength: 16 }) }),
  fc.record({ kind: fc.constant('remote' as const), wish }),
)

const decodeText = (json: string) => decodeFromChild(Buffer.from(json))

describe('what a bridge says', () => {
  it('arrives as it was said', () => {
    fc.assert(
      fc.property(message, (said) => {
        expect(decodeFromChild(encodeFromChild(said))).toEqual(said)
      }),
    )
  })

  it('is cut where an honest one may have too much to say', () => {
    const long = 'x'.repeat(claimedTextMax + 1)
    const said: FromChild = { kind: 'ended', outcome: { kind: 'exceeded', message: long }, leakedDescriptors: 0 }
    expect(decodeFromChild(encodeFromChild(said))).toMatchObject({ outcome: { message: 'x'.repeat(claimedTextMax) } })
    const deep = {
      family: 'fault',
      code: 'internal',
      message: 'm',
      details: { path: '/a', frames: ['deep'], n: Number.NaN },
    }
    const unstartable = {
      kind: 'ended',
      outcome: { kind: 'unstartable', error: deep },
      leakedDescriptors: 0,
    } as FromChild
    expect(decodeFromChild(encodeFromChild(unstartable))).toMatchObject({
      outcome: { error: { details: { path: '/a' } } },
    })
  })

  it('is refused with one word, whatever else it is', () => {
    const refusedOrRead = (bytes: Uint8Array): void => {
      try {
        decodeFromChild(bytes)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(BadClaim)
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), refusedOrRead))
    fc.assert(fc.property(fc.json(), (json) => refusedOrRead(Buffer.from(json))))
    // One byte of what an honest one said is another.
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), (said, at, byte) => {
        const bytes = encodeFromChild(said)
        bytes[at % bytes.length] = byte
        refusedOrRead(bytes)
      }),
    )
  })

  it.each([
    ['nothing', ''],
    ['no object', '[]'],
    ['no kind', '{}'],
    ['a member too many', '{"kind":"up","more":1}'],
    ['a member of a prototype', '{"kind":"up","__proto__":1}'],
    ['a negative number', '{"kind":"bound","version":-1,"entered":0}'],
    ['a fraction', '{"kind":"bound","version":1.5,"entered":0}'],
    ['a number that no double holds', '{"kind":"bound","version":9007199254740993,"entered":0}'],
    ['a text for a number', '{"kind":"bound","version":"1","entered":0}'],
    ['too long a list', `{"kind":"ledger","entries":[${'0,'.repeat(32)}0]}`],
    [
      'an unknown code',
      '{"kind":"ended","outcome":{"kind":"unstartable","error":{"family":"error","code":"x","message":"","details":{}}},"leakedDescriptors":0}',
    ],
    [
      'deep details',
      '{"kind":"ended","outcome":{"kind":"unstartable","error":{"family":"error","code":"internal","message":"","details":{"a":{}}}},"leakedDescriptors":0}',
    ],
    ['an unknown outcome', '{"kind":"ended","outcome":{"kind":"granted"},"leakedDescriptors":0}'],
    ['too long a text', `{"kind":"breach","reason":"${'x'.repeat(claimedTextMax + 1)}"}`],
    ['no wish', '{"kind":"remote","wish":{"kind":"grant"}}'],
  ])('%s is no message', (_name, json) => {
    expect(() => decodeText(json)).toThrow(BadClaim)
  })

  it.each([
    ['a head that is longer than its frame', [1, 255, 255, 123]],
    ['a frame that breaks off in its length', [1, 0]],
    ['a body without a head', [1, 0, 0, 65]],
  ])('%s is no message', (_name, bytes) => {
    expect(() => decodeFromChild(Uint8Array.from(bytes))).toThrow(BadClaim)
  })
})
