import { KeyObject } from 'node:crypto'
import { BulkheadError } from '@bulkhead/vocabulary'
import { beforeAll, describe, expect, it } from 'vitest'
import { certificateFingerprint, verifyChain } from './certificate-chain.js'
import {
  type CertificateOptions,
  day,
  Extension,
  KeyUsageFlags,
  type MadeCertificate,
  makeCertificate,
  now,
  signingKeyOf,
} from './certificates.test.support.js'
import { parseTrust } from './parse-trust.js'
import { noTrust, type Trust } from './trust-document.js'

let root: MadeCertificate
let trust: Trust

function pinning(certificate: MadeCertificate, more = ''): Trust {
  const source = `[[sources]]\ntype = "signing-key"\ncertificate = "${certificate.fingerprint}"\n`
  return parseTrust(source + more, { file: 'trust.toml' })
}

function chain(...certificates: readonly MadeCertificate[]): readonly string[] {
  return certificates.map(({ base64 }) => base64)
}

const authorityUnder = (issuer: MadeCertificate, more: CertificateOptions = {}): Promise<MadeCertificate> =>
  makeCertificate({ authority: true, issuer, ...more })
const leafUnder = (issuer: MadeCertificate, more: CertificateOptions = {}): Promise<MadeCertificate> =>
  makeCertificate({ issuer, ...more })

function refusal(x5c: readonly unknown[], under: Trust = trust, at = now): string {
  try {
    verifyChain(x5c, under, at)
  } catch (error) {
    if (error instanceof BulkheadError && error.code === 'signature-invalid')
      return `${error.details['check']}: ${error.message}`
    throw error
  }
  return 'none'
}

beforeAll(async () => {
  root = await makeCertificate({ authority: true })
  trust = pinning(root)
})

describe('a chain that holds', () => {
  it('gives the key of its leaf and all fingerprints', async () => {
    const middle = await authorityUnder(root, { pathLength: 0 })
    const leaf = await leafUnder(middle)
    const { key, fingerprints } = verifyChain(chain(leaf, middle, root), trust, now)
    expect(key.text).toBe(signingKeyOf(leaf).publicKey.text)
    expect(fingerprints).toEqual([leaf.fingerprint, middle.fingerprint, root.fingerprint])
  })

  it('may end with a pinned certificate that another one issued', async () => {
    const middle = await authorityUnder(root)
    expect(refusal(chain(await leafUnder(middle), middle), pinning(middle))).toBe('none')
  })

  it('may mix the curves, and name its purpose', async () => {
    const authority = await makeCertificate({ authority: true, curve: 'P-384', hash: 'SHA-384' })
    const middle = await authorityUnder(authority, { curve: 'Ed25519', hash: 'SHA-384' })
    const leaf = await leafUnder(middle, { purposes: ['1.3.6.1.5.5.7.3.3', '1.3.6.1.5.5.7.3.1'] })
    expect(refusal(chain(leaf, middle, authority), pinning(authority))).toBe('none')
  })

  it('has at most eight certificates', async () => {
    const links = [root]
    for (let count = 1; count < 8; count++) links.unshift(await authorityUnder(links[0] ?? root))
    const [seventh = root, ...rest] = links
    const leaf = await leafUnder(rest[0] ?? root)
    expect(refusal(chain(leaf, ...rest))).toBe('none')
    expect(refusal(chain(await leafUnder(seventh), seventh, ...rest))).toBe(
      'chain: a chain has 1 to 8 certificates, not 9',
    )
    expect(refusal([])).toContain('not 0')
  })
})

describe('a chain that is refused', () => {
  it('is self-signed, or ends with a certificate that is not pinned', async () => {
    const [alone, stranger] = [await makeCertificate(), await makeCertificate({ authority: true })]
    expect(refusal(chain(alone))).toContain('is not pinned in trust.toml')
    expect(refusal(chain(await leafUnder(stranger), stranger))).toContain('is not pinned')
    expect(refusal(chain(await leafUnder(root), root), noTrust)).toContain('is not pinned')
    expect(refusal(chain(await leafUnder(root)))).toContain('is not pinned')
  })

  it('is outside its time, at any link', async () => {
    const middle = await authorityUnder(root, { notAfter: now + 1000 })
    const leaf = await leafUnder(middle, { notBefore: now - 1000 })
    const links = chain(leaf, middle, root)
    expect(refusal(links)).toBe('none')
    expect(refusal(links, trust, now - 1000)).toBe('none')
    expect(refusal(links, trust, now + 1000)).toBe('none')
    expect(refusal(links, trust, now - 2000)).toMatch(/chain: certificate 1 of the chain is not valid before/)
    expect(refusal(links, trust, now + 2000)).toMatch(/chain: certificate 2 of the chain expired on/)
    expect(refusal(links, trust, now + 2 * day)).toContain('expired')
  })

  it('holds a key that anybody could sign with, at any link', async () => {
    const authority = await authorityUnder(root, { curve: 'Ed25519' })
    const leaf = await leafUnder(authority, { curve: 'Ed25519' })
    expect(refusal(chain(leaf, authority, root))).toBe('none')
    const weakened = ({ base64, keys }: MadeCertificate): string => {
      const { x } = KeyObject.from(keys.publicKey).export({ format: 'jwk' })
      const key = Buffer.from(x ?? '', 'base64url').toString('hex')
      const der = Buffer.from(base64, 'base64').toString('hex').replace(key, '00'.repeat(32))
      return Buffer.from(der, 'hex').toString('base64')
    }
    expect(refusal([leaf.base64, weakened(authority), root.base64])).toMatch(
      /^chain: the key of certificate 2 .* small/,
    )
    expect(refusal([weakened(leaf), authority.base64, root.base64])).toMatch(
      /^chain: the key of certificate 1 .* small/,
    )
  })

  it('is out of order, incomplete, or signed by another key of the same name', async () => {
    const middle = await authorityUnder(root)
    const impostor = await authorityUnder(root, { subject: middle.subject })
    const leaf = await leafUnder(middle)
    expect(refusal(chain(middle, leaf, root))).toContain('is an authority')
    expect(refusal(chain(leaf, root))).toContain(
      'certificate 1 of the chain was not issued by certificate 2 of the chain',
    )
    expect(refusal(chain(leaf, impostor, root))).toContain('certificate 1 of the chain is not signed by certificate 2')
  })

  it('has a leaf that may not sign', async () => {
    const used = async (more: CertificateOptions): Promise<string> => refusal(chain(await leafUnder(root, more), root))
    expect(await used({ usage: KeyUsageFlags.keyEncipherment })).toContain('keyUsage lacks digitalSignature')
    expect(await used({ usage: 'absent' })).toContain('keyUsage lacks digitalSignature')
    expect(await used({ purposes: ['1.3.6.1.5.5.7.3.1'] })).toContain('extendedKeyUsage lacks codeSigning')
    expect(await used({ curve: 'P-384' })).toContain('`secp384r1` does not sign here')
  })

  it('has an authority that is none', async () => {
    const below = async (more: CertificateOptions): Promise<string> => {
      const middle = await makeCertificate({ issuer: root, authority: true, ...more })
      return refusal(chain(await leafUnder(middle), middle, root))
    }
    expect(await below({ authority: false })).toContain('certificate 2 of the chain is no authority')
    expect(await below({ usage: KeyUsageFlags.digitalSignature })).toContain('keyUsage lacks keyCertSign')
    expect(await below({ usage: 'absent' })).toContain('keyUsage lacks keyCertSign')
  })

  it('has an authority whose key is of another curve', () => {
    const pinned = certificateFingerprint(Buffer.from(otherCurve, 'base64'))
    const trusting = parseTrust(`[[sources]]\ntype = "signing-key"\ncertificate = "${pinned}"\n`, {
      file: 'trust.toml',
    })
    const text = refusal([underOtherCurve, otherCurve], trusting, Date.UTC(2030, 0, 1))
    expect(text).toContain('the key of certificate 2 of the chain is of a kind that is not allowed')
  })

  it('is longer than an authority allows', async () => {
    const upper = await authorityUnder(root, { pathLength: 0 })
    const lower = await authorityUnder(upper)
    const longer = refusal(chain(await leafUnder(lower), lower, upper, root))
    expect(longer).toContain('certificate 3 of the chain allows 0 authorities below it, and there are 1')
    expect(refusal(chain(await leafUnder(upper), upper, root))).toBe('none')
  })

  it('uses a weak algorithm, or one that documents cannot be signed with', async () => {
    expect(refusal(chain(await leafUnder(root, { hash: 'SHA-1' }), root))).toContain('an algorithm that is not allowed')
    const rsa = await makeCertificate({ authority: true, curve: 'RSA' })
    expect(refusal(chain(await leafUnder(rsa), rsa), pinning(rsa))).toContain('an algorithm that is not allowed')
  })

  it('holds a critical extension that nobody here understands', async () => {
    const strange = (critical: boolean): readonly Extension[] => [
      new Extension('1.2.3.4', critical, Uint8Array.of(5, 0)),
    ]
    const leafWith = async (critical: boolean): Promise<string> =>
      refusal(chain(await leafUnder(root, { others: strange(critical) }), root))
    expect(await leafWith(true)).toContain('a critical extension that is not understood (2a0304)')
    expect(await leafWith(false)).toBe('none')
  })

  it('holds a revoked certificate or key', async () => {
    const middle = await authorityUnder(root, { curve: 'Ed25519' })
    const leaf = await leafUnder(middle)
    const links = chain(leaf, middle, root)
    const without = (what: string): string => refusal(links, pinning(root, `[[revoked]]\n${what}\n`))
    expect(without(`digest = "${middle.fingerprint}"`)).toBe(
      'revoked-key: certificate 2 of the chain is revoked in trust.toml',
    )
    expect(without(`key = "${signingKeyOf(leaf).publicKey.text}"`)).toMatch(/^revoked-key: certificate 1/)
    expect(without(`key = "${signingKeyOf(middle).publicKey.text}"`)).toMatch(/^revoked-key: certificate 2/)
    expect(without(`digest = "sha256:${'0'.repeat(64)}"`)).toBe('none')
  })

  it('is truncated, padded, or no certificate', async () => {
    const leaf = await leafUnder(root)
    const der = Buffer.from(leaf.base64, 'base64')
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
    const padded = Buffer.concat([der, Buffer.of(0)])
    for (const one of [
      text(der.subarray(0, 100)),
      text(padded),
      text(Buffer.from('x')),
      `${leaf.base64} `,
      '',
      7,
      null,
    ]) {
      expect(refusal([one, root.base64])).toMatch(/^chain: certificate 1 of the chain cannot be read: /)
    }
    expect(refusal([`${leaf.base64} `, root.base64])).toContain('cannot be read: it is not canonical base64')
    expect(refusal([text(padded), root.base64])).toContain('cannot be read: bytes follow behind it')
  })
})

// An authority over secp256k1, valid from the end of 2026 for a hundred years, and a leaf that it issued.
const underOtherCurve = [
  'MIIBdjCCAR2gAwIBAgIBAjAKBggqhkjOPQQDAjAlMSMwIQYDVQQDDBpBdXRob3JpdHkgb24gYW5vdGhlciBjdXJ2ZTAgFw0yNjEx',
  'MjIxNDM0MDFaGA8yMTI2MTAyOTE0MzQwMVowDzENMAsGA1UEAwwETGVhZjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOQ1rooY',
  'OjBzODaY03A6CN1kqw9GYMnLzwnysHLQu+3oRUZOzK/VjlIg1k/3g0GQwD/BnBdhd1Rw/iN1vZz7oaejUjBQMA4GA1UdDwEB/wQE',
  'AwIHgDAdBgNVHQ4EFgQUvdnvZ0UWo/RmkFi74yZmVe6jsKswHwYDVR0jBBgwFoAUhY55wnKx9NBYX7rOQWJ96yN4jZIwCgYIKoZI',
  'zj0EAwIDRwAwRAIgRXPTqHapDwiX59J00sIDPwsSA/c3qRknlj5ii9z+RtcCIHajmVqGebSyHhIKx0J1FE2Pj1EeSkg7Zcu8bmqw',
  'ETMP',
].join('')
const otherCurve = [
  'MIIBrjCCAVSgAwIBAgIUHrCTQaGWHZtqcJelugDayB0+bH8wCgYIKoZIzj0EAwIwJTEjMCEGA1UEAwwaQXV0aG9yaXR5IG9uIGFu',
  'b3RoZXIgY3VydmUwIBcNMjYxMTIyMTQzNDAxWhgPMjEyNjEwMjkxNDM0MDFaMCUxIzAhBgNVBAMMGkF1dGhvcml0eSBvbiBhbm90',
  'aGVyIGN1cnZlMFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEz6MMwLDKVXKinWLCMmnsUDv3ireYQmMuY7BW1rUb0fJ+Wa73Iyi4L0gI',
  'vMcR1IrFzocH5lcs/ODZ2I3DhyaeeqNjMGEwHQYDVR0OBBYEFIWOecJysfTQWF+6zkFifesjeI2SMB8GA1UdIwQYMBaAFIWOecJy',
  'sfTQWF+6zkFifesjeI2SMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49BAMCA0gAMEUCIGhhadM5G993',
  '8LKiexrmK0oljME3j9X5fVu0MxZ1hdotAiEAnFsKUgwFaxkQy+hizKgJmjUw5eDPbUKumUHZPVH49WA=',
].join('')
