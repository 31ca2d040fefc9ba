import { createPublicKey, type KeyObject } from 'node:crypto'
import { quote } from '@bulkhead/document'
import { BulkheadError } from '@bulkhead/vocabulary'
import { isWeakEd25519Point } from './weak-points.js'

/** The kinds of keys that sign: Ed25519 (`EdDSA`) and ECDSA over P-256 with SHA-256 (`ES256`). */
export type KeyKind = 'ed25519' | 'es256'

/**
 * A checked public key. `bytes` is the 32-byte point of Ed25519, or the 65-byte uncompressed point (`04 ‖ x ‖ y`) of P-256;
 * `text` is `kind:` and their canonical base64. One key has one text.
 */
export type PublicKey = {
  readonly kind: KeyKind
  readonly bytes: Uint8Array
  readonly text: string
  readonly object: KeyObject
}

const PREFIX = /^(ed25519|es256):/
const hint = 'write `ed25519:` and the base64 of 32 bytes, or `es256:` and the base64 of a 65-byte uncompressed point'

/**
 * Reads a public key as documents write it. Strict: canonical padded base64 (`Buffer.from` would skip what it does not
 * know), the exact length, a point of the curve for P-256, and for Ed25519 no point of small order and no encoding that
 * is not the canonical one: with such a key anybody could make signatures.
 *
 * @throws {BulkheadError} `key-invalid`, saying what is wrong.
 * @example
 * ```ts
 * parsePublicKey('ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=').kind // 'ed25519'
 * ```
 */
export function parsePublicKey(text: string): PublicKey {
  const kind = PREFIX.exec(text)?.[1] as KeyKind | undefined
  if (kind === undefined) throw invalid(`${quote(text)} does not begin with \`ed25519:\` or \`es256:\``)
  const bytes = decodeBase64(text.slice(kind.length + 1))
  if (bytes === undefined) throw invalid(`${quote(text)} is not canonical base64`)
  return publicKeyOf(kind, bytes)
}

/** The key behind a key object of node's crypto. @throws {BulkheadError} `key-invalid` for another kind or a weak point. */
export function publicKeyFrom(object: KeyObject): PublicKey {
  const { asymmetricKeyType = 'unknown', asymmetricKeyDetails } = object
  const isP256 = asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1'
  if (asymmetricKeyType !== 'ed25519' && !isP256) {
    throw invalid(
      `a key of the kind ${quote(asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType)} does not sign here`,
    )
  }
  const { x = '', y = '' } = object.export({ format: 'jwk' })
  const coordinates = [x, y].map((one) => Buffer.from(one, 'base64url'))
  return isP256
    ? publicKeyOf('es256', Buffer.concat([Buffer.of(4), ...coordinates]))
    : publicKeyOf('ed25519', Buffer.concat(coordinates))
}

/** Whether two keys are the same, by their bytes. */
export function sameKey(one: PublicKey, other: PublicKey): boolean {
  return one.kind === other.kind && Buffer.compare(one.bytes, other.bytes) === 0
}

/** The bytes of canonical padded base64, or `undefined`. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  return text !== '' && bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined
}

function publicKeyOf(kind: KeyKind, bytes: Uint8Array): PublicKey {
  const text = `${kind}:${Buffer.from(bytes).toString('base64')}`
  const length = kind === 'ed25519' ? 32 : 65
  if (bytes.length !== length) throw invalid(`${quote(text)} holds ${bytes.length} bytes where ${length} are expected`)
  if (kind === 'ed25519' && isWeakEd25519Point(bytes)) {
    throw invalid(
      `${quote(text)} is a point of small order, or not in its canonical form: no generator makes such a key`,
    )
  }
  return { kind, bytes, text, object: keyObject(kind, bytes, text) }
}

function keyObject(kind: KeyKind, bytes: Uint8Array, text: string): KeyObject {
  const part = (from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString('base64url')
  try {
    if (kind === 'es256' && bytes[0] !== 4) throw new TypeError('the point is not uncompressed')
    const key =
      kind === 'ed25519'
        ? { kty: 'OKP', crv: 'Ed25519', x: part(0, 32) }
        : { kty: 'EC', crv: 'P-256', x: part(1, 33), y: part(33, 65) }
    return createPublicKey({ format: 'jwk', key })
  } catch (cause) {
    throw new BulkheadError('key-invalid', `${quote(text)} is not a point of its curve`, { hint, cause })
  }
}

function invalid(message: string): BulkheadError {
  return new BulkheadError('key-invalid', message, { hint })
}
