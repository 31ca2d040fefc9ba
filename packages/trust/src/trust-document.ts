import type { Position } from '@bulkhead/document'
import type { PublicKey } from './public-key.js'

/** A place where components may come from. `at` is where it stands in the trust document. */
export type TrustSource =
  | {
      readonly type: 'git'
      /** A micromatch pattern over a normalised URL. */
      readonly url: string
      readonly branch?: string
      /** 40 hexadecimal digits, lower case. */
      readonly commit?: string
      /** Who may make the claim that something was built from there. At least one. */
      readonly attestors: readonly PublicKey[]
      readonly at: Position
    }
  | {
      readonly type: 'signing-key'
      readonly signer?: string
      readonly anchor: KeyAnchor
      readonly at: Position
    }
  | {
      readonly type: 'local'
      /** A path pattern (SPEC 3.1) over the real path. */
      readonly path: string
      readonly digest?: string
      readonly at: Position
    }

/** A key itself, or the certificate that a chain must end with, by the sha256 of its DER. */
export type KeyAnchor =
  | { readonly kind: 'key'; readonly key: PublicKey }
  | { readonly kind: 'certificate'; readonly fingerprint: string }

/** What was trusted once and is no more: a component, manifest or certificate by its digest, or a key. */
export type Revocation =
  | { readonly kind: 'digest'; readonly digest: string; readonly at: Position }
  | { readonly kind: 'key'; readonly key: PublicKey; readonly at: Position }

/** A checked, deep-frozen trust document. */
export type Trust = {
  readonly file: string
  readonly requireSignatures: boolean
  readonly devMode: boolean
  /** In the order of the file: the first that matches wins. */
  readonly sources: readonly TrustSource[]
  readonly revoked: readonly Revocation[]
}

/** What holds without a trust document: nobody is trusted. */
export const noTrust: Trust = Object.freeze({
  file: 'trust.toml',
  requireSignatures: false,
  devMode: false,
  sources: Object.freeze([]),
  revoked: Object.freeze([]),
})
