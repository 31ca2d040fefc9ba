import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newKey } from './keys.test.support.js'
import { parsePublicKey, publicKeyFrom, sameKey } from './public-key.js'

const p = 2n ** 255n - 19n

/** Little-endian, with the sign bit of x. */
function encode(y: bigint, sign: 0n | 1n = 0n): Buffer {
  const number = y | (sign << 255n)
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse()
}

const text = (bytes: Uint8Array, kind = 'ed25519'): string => `${kind}:${Buffer.from(bytes).toString('base64')}`

// The eight points of small order, from RFC 8032's curve: y in hexadecimal as the literature lists them.
const y8 = Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'hex')
const y8b = Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex')

describe('public keys', () => {
  it('has one spelling: other forms of the same point are none', () => {
    const { bytes } = newKey('es256').publicKey
    for (const form of [0, 2, 3, 5, 6, 7]) {
      const other = Buffer.concat([Buffer.of(form), bytes.subarray(1)]).toString('base64')
      expect(() => parsePublicKey(`es256:${other}`), String(form)).toThrow('is not a point of its curve')
    }
  })

  it.each(['ed25519', 'es256'] as const)('a new %s key comes back as it was written', (kind) => {
    const { publicKey } = newKey(kind)
    const again = parsePublicKey(publicKey.text)
    expect(again.kind).toBe(kind)
    expect(again.bytes).toHaveLength(kind === 'ed25519' ? 32 : 65)
    expect(sameKey(again, publicKey)).toBe(true)
    expect(sameKey(again, newKey(kind).publicKey)).toBe(false)
  })

  it('the key object verifies what the pair signed', () => {
    const key = newKey()
    const signature = sign(null, Buffer.from('words'), key.object)
    expect(verify(null, Buffer.from('words'), parsePublicKey(key.publicKey.text).object, signature)).toBe(true)
  })

  it.each([
    ['M165 key is all zero', text(Buffer.alloc(32)), 'small order'],
    ['M167 key not base64', 'ed25519:!!!', 'not canonical base64'],
    [
      'M168 key with extra bytes',
      'ed25519:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH',
      '33 bytes where 32 are expected',
    ],
    ['too short', text(Buffer.alloc(31, 7)), '31 bytes where 32 are expected'],
    ['no kind', Buffer.alloc(32, 7).toString('base64'), 'does not begin with'],
    ['an unknown kind', text(Buffer.alloc(32, 7), 'rsa'), 'does not begin with'],
    ['the name of a prototype member', 'constructor:AAAA', 'does not begin with'],
    ['base64 without padding', text(Buffer.alloc(32, 7)).slice(0, -1), 'not canonical base64'],
    ['base64url', 'ed25519:-_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHA=', 'not canonical base64'],
    ['bits behind the last byte', text(Buffer.alloc(32, 7)).replace(/.=$/, 'd='), 'not canonical base64'],
    ['white space', `${text(Buffer.alloc(32, 7))}\n`, 'not canonical base64'],
    ['nothing', 'ed25519:', 'not canonical base64'],
    [
      'a point off P-256',
      text(Buffer.concat([Buffer.of(4), Buffer.alloc(64, 7)]), 'es256'),
      'not a point of its curve',
    ],
    [
      'a compressed point',
      text(Buffer.concat([Buffer.of(2), Buffer.alloc(64, 7)]), 'es256'),
      'not a point of its curve',
    ],
  ])('%s', (_, written, says) => {
    expect(() => parsePublicKey(written)).toThrow(
      expect.objectContaining({ code: 'key-invalid', message: expect.stringContaining(says) }),
    )
  })

  it('refuses every spelling of every point of small order', () => {
    const reduced = [0n, 1n, p - 1n].flatMap((y) => [encode(y), encode(y, 1n)])
    const unreduced = [p, p + 1n].flatMap((y) => [encode(y), encode(y, 1n)])
    const ofOrderEight = [y8, y8b].flatMap((bytes) => {
      const signed = Buffer.from(bytes)
      signed[31] = (signed[31] ?? 0) | 0x80
      return [bytes, signed]
    })
    for (const bytes of [...reduced, ...unreduced, ...ofOrderEight]) {
      expect(() => parsePublicKey(text(bytes)), bytes.toString('hex')).toThrow('small order')
    }
  })

  it('refuses every y that is not reduced', () => {
    for (let excess = 0n; excess < 19n; excess++) {
      expect(() => parsePublicKey(text(encode(p + excess)))).toThrow('canonical form')
      if (excess > 1n) expect(parsePublicKey(text(encode(excess))).kind).toBe('ed25519')
    }
  })

  it('never accepts two texts for one key', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.nat(43),
        fc.string({ minLength: 1, maxLength: 1 }),
        (bytes, at, other) => {
          const written = text(bytes)
          const place = written.length - 44 + at
          const changed = `${written.slice(0, place)}${other}${written.slice(place + 1)}`
          if (changed === written) return
          const keys = [written, changed].flatMap((one) => {
            try {
              return [parsePublicKey(one)]
            } catch {
              return []
            }
          })
          expect(keys.length < 2 || !sameKey(keys[0] ?? newKey().publicKey, keys[1] ?? newKey().publicKey)).toBe(true)
        },
      ),
    )
  })

  it('takes no key of another kind', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    expect(() => publicKeyFrom(createPublicKey(privateKey))).toThrow('`rsa` does not sign here')
    expect(() => publicKeyFrom(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey)).toThrow('`secp384r1`')
  })
})
