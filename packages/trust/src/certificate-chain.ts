import { createHash, type KeyObject, X509Certificate } from 'node:crypto'
import type { BulkheadError } from '@bulkhead/vocabulary'
import {
  type CertificateFacts,
  certificateFacts,
  digitalSignatureBit,
  keyCertSignBit,
} from './certificate-extensions.js'
import { invalidSignature } from './invalid-signature.js'
import { chainCertificatesMax } from './limits.js'
import { decodeBase64, type PublicKey, publicKeyFrom } from './public-key.js'
import type { Trust } from './trust-document.js'
import { isPinned, isRevokedDigest, isRevokedKey } from './trusted-keys.js'

/** What a chain proves: the leaf's key, and the fingerprints of all its certificates, leaf first. */
export type VerifiedChain = { readonly key: PublicKey; readonly fingerprints: readonly string[] }

/** An authority may use a larger curve than a leaf. */
const authorityCurves: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1', 'secp521r1'])
/** Ed25519, and ECDSA with SHA-256, SHA-384 and SHA-512. */
const signatureAlgorithms: ReadonlySet<string> = new Set([
  '2b6570',
  '2a8648ce3d040302',
  '2a8648ce3d040303',
  '2a8648ce3d040304',
])
/** codeSigning and anyExtendedKeyUsage. */
const purposes: ReadonlySet<string> = new Set(['2b06010505070303', '551d2500'])

type Link = {
  /** For messages. */
  readonly name: string
  readonly certificate: X509Certificate
  readonly facts: CertificateFacts
  readonly fingerprint: string
}

/**
 * Judges a chain of certificates (RFC 7515 `x5c`: base64 DER, leaf first) whose last one must be pinned in the trust
 * document. Every link: validity window, signature by the next one, algorithms, critical extensions, revocation; the leaf
 * may sign and is no authority; the others are authorities that may sign certificates, within their path lengths.
 *
 * @param now wall clock, milliseconds
 * @throws {BulkheadError} `signature-invalid`, check `chain` or `revoked-key`, saying which certificate and why.
 */
export function verifyChain(x5c: readonly unknown[], trust: Trust, now: number): VerifiedChain {
  const links = x5c.length > chainCertificatesMax ? [] : x5c.map(readLink)
  const [leaf, ...authorities] = links
  if (leaf === undefined) throw broken(`a chain has 1 to ${chainCertificatesMax} certificates, not ${x5c.length}`)
  for (const link of links) checkLink(link, trust, now)
  checkLeaf(leaf)
  for (const [below, authority] of authorities.entries()) checkAuthority(authority, below)
  for (const [index, issuer] of authorities.entries()) checkIssued(links[index] ?? leaf, issuer)
  const fingerprints = links.map(({ fingerprint }) => fingerprint)
  const last = fingerprints.at(-1) ?? ''
  if (!isPinned(trust, last)) {
    throw broken(
      `the last certificate of the chain (${last}) is not pinned in ${trust.file}`,
      `if you trust it: [[sources]] with type = "signing-key" and certificate = "${last}" in ${trust.file}`,
    )
  }
  return { key: keyOf(leaf.certificate.publicKey, leaf.name), fingerprints }
}

/** The fingerprint by which a certificate is pinned: sha256 over its DER. */
export function certificateFingerprint(der: Uint8Array): string {
  return `sha256:${createHash('sha256').update(der).digest('hex')}`
}

function readLink(text: unknown, index: number): Link {
  const name = `certificate ${index + 1} of the chain`
  const der = typeof text === 'string' ? decodeBase64(text) : undefined
  try {
    if (der === undefined) throw new TypeError('it is not canonical base64')
    const certificate = new X509Certificate(der)
    if (!certificate.raw.equals(der)) throw new TypeError('bytes follow behind it')
    return { name, certificate, facts: certificateFacts(der), fingerprint: certificateFingerprint(der) }
  } catch (cause) {
    throw broken(`${name} cannot be read: ${(cause as Error).message}`)
  }
}

function checkLink({ name, certificate, facts, fingerprint }: Link, trust: Trust, now: number): void {
  const { validFrom, validTo } = certificate
  if (!(Date.parse(validFrom) <= now)) throw broken(`${name} is not valid before ${validFrom}`)
  if (!(now <= Date.parse(validTo))) throw broken(`${name} expired on ${validTo}`)
  if (!signatureAlgorithms.has(facts.signatureAlgorithm)) {
    throw broken(
      `${name} is signed with an algorithm that is not allowed`,
      'Ed25519, or ECDSA with SHA-256 or stronger',
    )
  }
  const [unknown] = facts.unknownCritical
  if (unknown !== undefined) throw broken(`${name} holds a critical extension that is not understood (${unknown})`)
  if (isRevokedDigest(trust, fingerprint) || isRevokedKeyObject(trust, certificate.publicKey, name)) {
    throw invalidSignature('revoked-key', `${name} is revoked in ${trust.file}`)
  }
}

function checkLeaf({ facts }: Link): void {
  if (facts.isAuthority) throw broken('the first certificate is an authority: it signs certificates, not documents')
  if (facts.keyUsage === undefined || (facts.keyUsage & digitalSignatureBit) === 0) {
    throw broken('the key of the first certificate is not for signatures (keyUsage lacks digitalSignature)')
  }
  if (facts.extendedKeyUsage?.some((purpose) => purposes.has(purpose)) === false) {
    throw broken('the key of the first certificate has another purpose (extendedKeyUsage lacks codeSigning)')
  }
}

/** @param below how many authorities stand between this one and the leaf */
function checkAuthority({ name, facts, certificate }: Link, below: number): void {
  if (!facts.isAuthority) throw broken(`${name} is no authority (basicConstraints)`)
  if (facts.keyUsage === undefined || (facts.keyUsage & keyCertSignBit) === 0) {
    throw broken(`the key of ${name} is not for certificates (keyUsage lacks keyCertSign)`)
  }
  if (facts.pathLength !== undefined && below > facts.pathLength) {
    throw broken(`${name} allows ${facts.pathLength} authorities below it, and there are ${below}`)
  }
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey
  const isAllowed =
    asymmetricKeyType === 'ed25519' ||
    (asymmetricKeyType === 'ec' && authorityCurves.has(asymmetricKeyDetails?.namedCurve))
  if (!isAllowed) throw broken(`the key of ${name} is of a kind that is not allowed`, 'Ed25519, P-256, P-384 or P-521')
}

function checkIssued(link: Link, issuer: Link): void {
  if (!link.certificate.checkIssued(issuer.certificate)) throw broken(`${link.name} was not issued by ${issuer.name}`)
  if (!link.certificate.verify(issuer.certificate.publicKey))
    throw broken(`${link.name} is not signed by ${issuer.name}`)
}

/** Whoever makes a chain chooses its keys: one that is none makes the signature invalid, like all else that is wrong with it. */
function keyOf(object: KeyObject, name: string): PublicKey {
  try {
    return publicKeyFrom(object)
  } catch (error) {
    throw broken(`the key of ${name} is none that signs here: ${(error as Error).message}`)
  }
}

/** Keys of other kinds cannot be named in a trust document. */
function isRevokedKeyObject(trust: Trust, object: KeyObject, name: string): boolean {
  if (object.asymmetricKeyType !== 'ed25519' && object.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false
  return isRevokedKey(trust, keyOf(object, name))
}

function broken(message: string, hint?: string): BulkheadError {
  return invalidSignature('chain', message, hint)
}
