import { type PublicKey, sameKey } from './public-key.js'
import type { Trust } from './trust-document.js'

/** What a signature is about: attestors of git sources speak for components only. */
export type SignatureUse = 'component' | 'policy'

/** The keys whose signatures are looked at; revoked ones too, so that it can be said that they are. */
export function candidateKeys(trust: Trust, use: SignatureUse): readonly PublicKey[] {
  const fromSources = trust.sources.flatMap((source) => {
    if (source.type === 'git') return use === 'component' ? source.attestors : []
    return source.type === 'signing-key' && source.anchor.kind === 'key' ? [source.anchor.key] : []
  })
  return [...fromSources, ...trust.revoked.flatMap((one) => (one.kind === 'key' ? [one.key] : []))]
}

/** Whether a certificate with this fingerprint is pinned: a chain may end with it. */
export function isPinned(trust: Trust, fingerprint: string): boolean {
  return trust.sources.some(
    (source) =>
      source.type === 'signing-key' &&
      source.anchor.kind === 'certificate' &&
      source.anchor.fingerprint === fingerprint,
  )
}

export function isRevokedKey(trust: Trust, key: PublicKey): boolean {
  return trust.revoked.some((one) => one.kind === 'key' && sameKey(one.key, key))
}

export function isRevokedDigest(trust: Trust, digest: string): boolean {
  return trust.revoked.some((one) => one.kind === 'digest' && one.digest === digest)
}
