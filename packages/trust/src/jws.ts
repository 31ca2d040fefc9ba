import { X509Certificate } from 'node:crypto'
import { quote } from '@bulkhead/document'
import { BulkheadError } from '@bulkhead/vocabulary'
import { CompactSign, compactVerify } from 'jose'
import { verifyChain } from './certificate-chain.js'
import { invalidSignature } from './invalid-signature.js'
import type { PrivateKey } from './key-pair.js'
import { tokenCharactersMax } from './limits.js'
import { type KeyKind, type PublicKey, publicKeyFrom, sameKey } from './public-key.js'
import type { Trust } from './trust-document.js'
import { candidateKeys, isRevokedKey, type SignatureUse } from './trusted-keys.js'

// A compact JWS (RFC 7515) of which nothing is believed before a key from the trust document has verified it. The header
// chooses neither the key nor, beyond a list of two, the algorithm: `kid` only says which of the trusted keys to try, and a
// chain counts only when it ends with a pinned certificate. A header parameter that is not expected refuses the token, so
// that `crit`, `jwk`, `jku` and `b64` need no handling at all. `typ` keeps one use of a key apart from another.

export type Header = Readonly<Record<string, unknown>>

export type SignRequest = {
  readonly typ: string
  readonly payload: Uint8Array
  readonly privateKey: PrivateKey
  /** base64 DER, leaf first; the leaf's key must be the private key's. */
  readonly x5c?: readonly string[]
  /** Parameters beside `alg`, `typ`, `kid` and `x5c`. */
  readonly parameters?: Header
}

export type VerifyRequest = {
  readonly typ: string
  /** Names that the header may hold beside `alg`, `typ`, `kid` and `x5c`. */
  readonly parameters: readonly string[]
  readonly use: SignatureUse
  /** The bytes that a detached signature is over. */
  readonly detached?: Uint8Array
  readonly trust: Trust
  /** Wall clock, milliseconds. */
  readonly now: number
}

export type VerifiedToken = {
  readonly header: Header
  readonly payload: Uint8Array
  readonly key: PublicKey
  /** Of the chain, leaf first; empty when a trusted key signed itself. */
  readonly fingerprints: readonly string[]
}

const algorithmOf = { ed25519: 'EdDSA', es256: 'ES256' } as const satisfies Record<KeyKind, string>
const kindOf: ReadonlyMap<unknown, KeyKind> = new Map([
  ['EdDSA', 'ed25519'],
  ['ES256', 'es256'],
])
const ownParameters = ['alg', 'typ', 'kid', 'x5c']

/** @throws {BulkheadError} `key-invalid` when the chain's leaf has another key. */
export async function signToken(request: SignRequest): Promise<string> {
  const { publicKey, object } = request.privateKey
  const signer = request.x5c === undefined ? { kid: publicKey.text } : { x5c: [...request.x5c] }
  if (request.x5c !== undefined) checkLeafIs(publicKey, request.x5c)
  return await new CompactSign(request.payload)
    .setProtectedHeader({ ...request.parameters, alg: algorithmOf[publicKey.kind], typ: request.typ, ...signer })
    .sign(object)
}

/** @throws {BulkheadError} `signature-invalid`, with the check that failed. */
export async function verifyToken(token: string, request: VerifyRequest): Promise<VerifiedToken> {
  const whole = wholeToken(token, request.detached)
  const header = readHeader(whole)
  const kind = kindOf.get(header['alg'])
  if (kind === undefined) {
    throw invalidSignature(
      'algorithm',
      `the algorithm ${shown(header['alg'])} is not allowed`,
      'only `EdDSA` and `ES256` are',
    )
  }
  checkHeader(header, request)
  const { key, payload, fingerprints } = await verifySignature(whole, header, kind, request)
  if (isRevokedKey(request.trust, key)) {
    throw invalidSignature('revoked-key', `the key \`${key.text}\` is revoked in ${request.trust.file}`)
  }
  return { header, payload, key, fingerprints }
}

/** The token with its payload: a detached one is `header..signature` (RFC 7515 appendix F). */
function wholeToken(token: string, detached: Uint8Array | undefined): string {
  if (token.length > tokenCharactersMax) {
    throw invalidSignature('form', `the signature is longer than ${tokenCharactersMax} characters`)
  }
  const [head = '', payload = '', signature = '', ...more] = token.split('.')
  const isWhole = more.length === 0 && [head, payload, signature].every(isCanonical) && head !== '' && signature !== ''
  if (detached === undefined) {
    if (isWhole && payload !== '') return token
    throw invalidSignature('form', 'the signature is not a compact JWS (`header.payload.signature`)')
  }
  if (isWhole && payload === '') return `${head}.${Buffer.from(detached).toString('base64url')}.${signature}`
  throw invalidSignature('form', 'the signature is not a detached compact JWS (`header..signature`)')
}

/** Whether a part is the one spelling of its bytes: a signature has no second form. */
function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part
}

function readHeader(token: string): Header {
  const header = parseObject(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url'))
  if (header === undefined) throw invalidSignature('form', 'the header of the signature is not a JSON object')
  return header
}

/** The JSON object that bytes hold, or `undefined`. */
export function parseObject(bytes: Uint8Array): Header | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Header {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function checkHeader(header: Header, { typ, parameters }: VerifyRequest): void {
  const strange = Object.keys(header).find((name) => !ownParameters.includes(name) && !parameters.includes(name))
  if (strange !== undefined) {
    throw invalidSignature(
      'header',
      `the header holds ${quote(strange)}, which is not allowed`,
      'keys come from the trust document alone',
    )
  }
  if (header['typ'] !== typ) {
    throw invalidSignature('header', `this is a signature of the type ${shown(header['typ'])}, not \`${typ}\``)
  }
}

type Verified = Pick<VerifiedToken, 'key' | 'payload' | 'fingerprints'>

async function verifySignature(
  token: string,
  header: Header,
  kind: KeyKind,
  request: VerifyRequest,
): Promise<Verified> {
  const { x5c, kid } = header
  if (x5c === undefined) return await verifyWithTrustedKeys(token, kid, kind, request)
  if (!Array.isArray(x5c) || kid !== undefined) {
    throw invalidSignature('header', 'the header holds `x5c` that is no list, or `kid` beside it')
  }
  const { key, fingerprints } = verifyChain(x5c, request.trust, request.now)
  const payload = key.kind === kind ? await payloadOf(token, key) : undefined
  if (payload === undefined) throw doesNotFit(key)
  return { key, payload, fingerprints }
}

async function verifyWithTrustedKeys(
  token: string,
  kid: unknown,
  kind: KeyKind,
  request: VerifyRequest,
): Promise<Verified> {
  const { trust, use } = request
  const keys = candidateKeys(trust, use).filter((key) => key.kind === kind && (kid === undefined || kid === key.text))
  for (const key of keys) {
    const payload = await payloadOf(token, key)
    if (payload !== undefined) return { key, payload, fingerprints: [] }
  }
  const [named] = keys
  if (kid !== undefined && named !== undefined) throw doesNotFit(named)
  const who = kid === undefined ? 'no trusted key made this signature' : `${shown(kid)} is not a trusted key`
  throw invalidSignature(
    'unknown-key',
    `${who} (${trust.file})`,
    `if you trust who made it: [[sources]] with type = "signing-key" and public_key = "…" in ${trust.file}`,
  )
}

/** The payload when the key made the signature. */
async function payloadOf(token: string, key: PublicKey): Promise<Uint8Array | undefined> {
  try {
    return (await compactVerify(token, key.object, { algorithms: [algorithmOf[key.kind]] })).payload
  } catch {
    return undefined
  }
}

function doesNotFit(key: PublicKey): BulkheadError {
  return invalidSignature('signature', `the bytes are not the ones that \`${key.text}\` signed`)
}

/** A chain for another key would make signatures that nobody can verify. */
function checkLeafIs(publicKey: PublicKey, [leaf = '']: readonly string[]): void {
  const inLeaf = leafKey(leaf)
  if (sameKey(inLeaf, publicKey)) return
  const message = `the first certificate is for \`${inLeaf.text}\`, not for \`${publicKey.text}\``
  throw new BulkheadError('key-invalid', message, {
    hint: 'the chain starts with the certificate of the key that signs',
  })
}

function leafKey(base64: string): PublicKey {
  try {
    return publicKeyFrom(new X509Certificate(Buffer.from(base64, 'base64')).publicKey)
  } catch (cause) {
    if (cause instanceof BulkheadError) throw cause
    throw new BulkheadError('key-invalid', 'the first certificate of the chain cannot be read', { cause })
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? quote(value) : 'of no name'
}
