import { createHash } from 'node:crypto'
import { BulkheadError, parseDigest } from '@bulkhead/vocabulary'
import { gitUrl } from './git-url.js'
import { invalidSignature } from './invalid-signature.js'
import { signToken, verifyToken } from './jws.js'
import type { PrivateKey } from './key-pair.js'
import { isProvenance, noManifestDigest, type Provenance, readStatement, writeStatement } from './statement.js'
import type { Trust } from './trust-document.js'

const typ = 'bulkhead-component+jws'

export type ComponentToSign = {
  /** The bytes, or their digest. */
  readonly component: Uint8Array | string
  /** The manifest's bytes as they are on disk, or their digest; `null` where there is none. */
  readonly manifest: Uint8Array | string | null
  readonly provenance?: Provenance
  readonly privateKey: PrivateKey
  /** Certificates of the key, base64 DER, leaf first (`readCertificates`). */
  readonly x5c?: readonly string[]
}

/**
 * Signs a component together with its manifest: a compact JWS over an in-toto Statement with the subjects `component` and
 * `manifest` (SPEC 6). Where there is no manifest, its digest is that of no bytes.
 *
 * @throws {BulkheadError} `component-digest-mismatch` when a digest has not the form of one; `usage` for a provenance that
 *   no source could match; `key-invalid` when the chain is for another key.
 * @example
 * ```ts
 * const token = await signComponent({ component: wasm, manifest, privateKey: readPrivateKey('release.key') })
 * ```
 */
export async function signComponent(request: ComponentToSign): Promise<string> {
  const { component, manifest, provenance, privateKey, x5c } = request
  if (provenance !== undefined) checkProvenance(provenance)
  const payload = writeStatement({
    componentDigest: digestOf(component),
    manifestDigest: manifest === null ? noManifestDigest : digestOf(manifest),
    ...(provenance === undefined ? {} : { provenance }),
  })
  return await signToken({ typ, payload, privateKey, ...(x5c === undefined ? {} : { x5c }) })
}

export type ComponentToVerify = {
  readonly componentDigest: string
  /** `null` where the component has no manifest. */
  readonly manifestDigest: string | null
  readonly trust: Trust
  /** Wall clock, milliseconds. */
  readonly now: number
}

export type VerifiedComponent = {
  /** The key that signed. */
  readonly key: string
  /** Fingerprints of the chain, leaf first; empty when the key itself is trusted. */
  readonly certificates: readonly string[]
  readonly provenance?: Provenance
}

/**
 * Verifies a component's signature against the trust document.
 *
 * @throws {BulkheadError} `signature-invalid`; `details.check` says which check failed.
 */
export async function verifyComponentSignature(token: string, expected: ComponentToVerify): Promise<VerifiedComponent> {
  const { trust, now } = expected
  const { payload, key, fingerprints } = await verifyToken(token, { typ, parameters: [], use: 'component', trust, now })
  const { componentDigest, manifestDigest, provenance } = readStatement(payload)
  if (componentDigest !== expected.componentDigest) {
    throw invalidSignature(
      'component',
      `the signature is for ${componentDigest}, the component is ${expected.componentDigest}`,
    )
  }
  const manifest = expected.manifestDigest ?? noManifestDigest
  if (manifestDigest !== manifest) {
    throw invalidSignature('manifest', `the signature is for the manifest ${manifestDigest}, this one is ${manifest}`)
  }
  return { key: key.text, certificates: fingerprints, ...(provenance === undefined ? {} : { provenance }) }
}

function digestOf(content: Uint8Array | string): string {
  if (typeof content === 'string') return parseDigest(content)
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

function checkProvenance(provenance: Provenance): void {
  if (isProvenance(provenance) && gitUrl(provenance.repository) !== undefined) return
  throw new BulkheadError('usage', 'the provenance is not one that a source could match', {
    hint: 'a repository as `https://host/path`, a full ref as `refs/heads/main`, a commit of 40 hexadecimal digits',
  })
}
