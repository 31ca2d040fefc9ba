import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { BulkheadError } from '@bulkhead/vocabulary'
import { type KeyKind, type PublicKey, publicKeyFrom } from './public-key.js'

/** A key that signs, with the public key that verifies what it signed. */
export type PrivateKey = { readonly object: KeyObject; readonly publicKey: PublicKey }

/** A new pair in the forms in which people keep them. */
export type KeyPairText = {
  /** PKCS #8, PEM. */
  readonly privateKeyPem: string
  /** `ed25519:<base64>` or `es256:<base64>`: what `trust.toml` names. */
  readonly publicKey: string
}

/**
 * Makes a key pair.
 *
 * @example
 * ```ts
 * const { privateKeyPem, publicKey } = generateKeyPair('ed25519')
 * ```
 */
export function generateKeyPair(kind: KeyKind): KeyPairText {
  const { privateKey } =
    kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: publicKeyFrom(createPublicKey(privateKey)).text,
  }
}

/** Reads a private key from PKCS #8 PEM. @throws {BulkheadError} `key-invalid`. */
export function parsePrivateKey(pem: string): PrivateKey {
  const object = privateKeyObject(pem)
  return { object, publicKey: publicKeyFrom(createPublicKey(object)) }
}

function privateKeyObject(pem: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem' })
  } catch (cause) {
    throw new BulkheadError('key-invalid', 'this is not a private key in PEM form', {
      hint: 'make one with `bulkhead keys new`',
      cause,
    })
  }
}
