import { BulkheadError, parseChildId } from '@bulkhead/vocabulary'
import { invalidSignature } from './invalid-signature.js'
import { type Header, signToken, verifyToken } from './jws.js'
import type { PrivateKey } from './key-pair.js'
import type { Trust } from './trust-document.js'

const typ = 'bulkhead-policy+jws'

// `nbf` and `exp` are seconds since 1970, as in RFC 7519; the other two names are ours. All four are mandatory.
const parameters = ['component', 'sequence', 'nbf', 'exp']

export type PolicyToSign = {
  /** The child that the policy is for; `default:<kind of component>` for those of a kind that have none of their own. */
  readonly component: string
  /** Counts up: a policy that is older than one accepted before is refused. */
  readonly sequence: number
  /** Wall clock, milliseconds; whole seconds count. */
  readonly notBefore: number
  readonly notAfter: number
  readonly privateKey: PrivateKey
  readonly x5c?: readonly string[]
}

/**
 * Signs the exact bytes of a policy document: a detached compact JWS (`header..signature`, RFC 7515 appendix F).
 *
 * @throws {BulkheadError} `usage` for a sequence or times that no reader would accept; `component-rejected-name` for a name
 *   that is none; `key-invalid` when the chain is for another key.
 */
export async function signPolicy(bytes: Uint8Array, policy: PolicyToSign): Promise<string> {
  const { component, sequence, privateKey, x5c } = policy
  const [nbf, exp] = [Math.floor(policy.notBefore / 1000), Math.floor(policy.notAfter / 1000)]
  if (![sequence, nbf, exp].every(isCount) || nbf >= exp || bytes.length === 0) {
    throw new BulkheadError(
      'usage',
      'a signed policy has bytes, a whole sequence number, and a time that ends after it begins',
    )
  }
  const header = { component: checkedName(component), sequence, nbf, exp }
  const token = await signToken({
    typ,
    payload: bytes,
    privateKey,
    parameters: header,
    ...(x5c === undefined ? {} : { x5c }),
  })
  const [head, , signature] = token.split('.')
  return `${head}..${signature}`
}

export type PolicyToVerify = {
  readonly component: string
  readonly trust: Trust
  /** Wall clock, milliseconds. */
  readonly now: number
}

export type VerifiedPolicy = {
  readonly sequence: number
  readonly key: string
  readonly certificates: readonly string[]
}

/**
 * Verifies a policy's signature over its exact bytes against the signing keys of the trust document. Whether the sequence
 * is new is for the registry.
 *
 * @throws {BulkheadError} `signature-invalid`; `details.check` says which check failed.
 */
export async function verifyPolicySignature(
  token: string,
  bytes: Uint8Array,
  { component, trust, now }: PolicyToVerify,
): Promise<VerifiedPolicy> {
  const request = { typ, parameters, use: 'policy', detached: bytes, trust, now } as const
  const { header, key, fingerprints } = await verifyToken(token, request)
  const facts = readFacts(header)
  if (facts.component !== component) {
    throw invalidSignature('component', `the policy is signed for another component than \`${component}\``)
  }
  // Written so that an instant that is not a number is refused.
  if (!(now >= facts.nbf * 1000)) {
    throw invalidSignature(
      'not-yet-valid',
      `the signature is not valid before ${timeText(facts.nbf)}`,
      'wait, or look at the clock',
    )
  }
  if (!(now < facts.exp * 1000)) {
    throw invalidSignature('expired', `the signature expired at ${timeText(facts.exp)}`, 'sign the policy anew')
  }
  return { sequence: facts.sequence, key: key.text, certificates: fingerprints }
}

/** No child is called like a default: a child's id holds no colon. */
function checkedName(name: string): string {
  return /^default:[a-z]{1,63}$/.test(name) ? name : parseChildId(name)
}

type Facts = { readonly component: string; readonly sequence: number; readonly nbf: number; readonly exp: number }

function readFacts({ component, sequence, nbf, exp }: Header): Facts {
  if (typeof component !== 'string' || !isCount(sequence) || !isCount(nbf) || !isCount(exp)) {
    throw invalidSignature('header', 'the header lacks `component`, `sequence`, `nbf` or `exp`')
  }
  return { component, sequence, nbf, exp }
}

/** A whole number from 0 that a date can hold. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= 8.64e12
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}
