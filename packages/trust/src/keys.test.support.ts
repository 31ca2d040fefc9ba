import { generateKeyPair, type PrivateKey, parsePrivateKey } from './key-pair.js'
import { parseTrust } from './parse-trust.js'
import type { KeyKind } from './public-key.js'
import type { Trust } from './trust-document.js'

export function newKey(kind: KeyKind = 'ed25519'): PrivateKey {
  return parsePrivateKey(generateKeyPair(kind).privateKeyPem)
}

export function trustOf(text: string): Trust {
  return parseTrust(text, { file: 'trust.toml' })
}

/** A document that trusts these keys. */
export function trusting(...keys: readonly PrivateKey[]): Trust {
  return trustOf(
    keys.map((key) => `[[sources]]\ntype = "signing-key"\npublic_key = "${key.publicKey.text}"\n`).join(''),
  )
}

export function digestText(digit: string): string {
  return `sha256:${digit.repeat(64)}`
}
