import { parsePublicKey } from './public-key.js'
import type { Trust } from './trust-document.js'
import { candidateKeys, isPinned, isRevokedDigest, isRevokedKey } from './trusted-keys.js'

/** What is remembered of a policy's signature that was verified. */
export type AcceptedSignature = {
  readonly key: string
  /** Fingerprints of the chain, leaf first; none when the key itself was trusted. */
  readonly certificates?: readonly string[]
}

/**
 * Whether a signature that was accepted once would still be, as far as its signer goes: its key and certificates are not
 * revoked, and what vouched for it is still a source. Trust goes down by itself.
 */
export function standingOf(
  { key, certificates = [] }: AcceptedSignature,
  trust: Trust,
): 'trusted' | 'revoked' | 'unknown' {
  const signer = parsePublicKey(key)
  if (isRevokedKey(trust, signer) || certificates.some((one) => isRevokedDigest(trust, one))) return 'revoked'
  const anchor = certificates.at(-1)
  const isTrusted =
    anchor === undefined
      ? candidateKeys(trust, 'policy').some(({ text }) => text === signer.text)
      : isPinned(trust, anchor)
  return isTrusted ? 'trusted' : 'unknown'
}
