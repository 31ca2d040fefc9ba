import { createHash } from 'node:crypto'
import { type Codec, jsonCodec } from '@bulkhead/state'
import { BulkheadError } from '@bulkhead/vocabulary'
import { z } from 'zod'
import {
  authorCharactersMax,
  certificatesMax,
  locationCharactersMax,
  policyTextBytesMax,
  reasonCharactersMax,
  wordCharactersMax,
} from './limits.js'

const hash = z.templateLiteral(['sha256:', z.string().regex(/^[0-9a-f]{64}$/)])
const count = z.number().int().positive()

const signature = z.strictObject({
  /** Rises with each document that its author signs for a component. */
  sequence: z.number().int().nonnegative(),
  key: z.string().min(1).max(locationCharactersMax),
  /** Fingerprints of the chain that vouched for the key, leaf first: what may be revoked, or pinned no longer. */
  certificates: z.exactOptional(
    z.array(z.string().min(1).max(wordCharactersMax)).min(1).max(certificatesMax).readonly(),
  ),
})
const source = z.strictObject({ location: z.string().min(1).max(locationCharactersMax), hash })

const who = {
  author: z.string().min(1).max(authorCharactersMax),
  /** Wall clock, milliseconds since 1970 UTC. */
  time: z.number().nonnegative(),
  reason: z.string().max(reasonCharactersMax),
}
const document = {
  format: z.enum(['native', 'wassette']),
  /** The name by which messages and rules speak of the document. */
  file: z.string().min(1).max(locationCharactersMax),
  /** Exactly the bytes, as UTF-8. */
  text: z.string(),
}

const draftShape = z.strictObject({
  ...document,
  ...who,
  source: z.exactOptional(source),
  signature: z.exactOptional(signature),
})
const versionShape = draftShape.extend({ number: count, hash, rolledBackTo: z.exactOptional(count) })
const headShape = z.strictObject({
  /** The highest number that was ever given. */
  last: count,
  /** Absent when the policy was removed. */
  current: z.exactOptional(
    z.strictObject({
      number: count,
      hash,
      format: document.format,
      file: document.file,
      signature: z.exactOptional(signature),
    }),
  ),
  /** What was last taken from a source, whatever happened to the policy since. */
  source: z.exactOptional(source),
  /** The highest sequence that was ever accepted, and of which bytes. */
  highest: z.exactOptional(z.strictObject({ sequence: signature.shape.sequence, hash })),
  removal: z.exactOptional(z.strictObject(who)),
})

/** Who changed something, when (wall clock, milliseconds) and why. */
export type ChangedBy = Readonly<z.infer<z.ZodObject<typeof who>>>
/** Where a policy was taken from, and the hash of what lay there. */
export type PolicySourceMark = Readonly<z.infer<typeof source>>
/** What the judge of signatures found: the sequence that the signature covers, and whose key made it. */
export type PolicySignature = Readonly<z.infer<typeof signature>>
/** A policy document that is to become the current version. */
export type PolicyDraft = Readonly<z.infer<typeof draftShape>>
/** One version of a policy: exact bytes, who made it current, when and why. */
export type PolicyVersion = Readonly<z.infer<typeof versionShape>>
/** What a parser needs of a version. */
export type PolicyText = Pick<PolicyVersion, 'text' | 'format' | 'file'>
/** What the registry knows of one policy apart from the documents. */
export type PolicyHead = Readonly<z.infer<typeof headShape>>

export const versionCodec: Codec<PolicyVersion> = jsonCodec((found) => versionShape.parse(found))
export const headCodec: Codec<PolicyHead> = jsonCodec((found) => headShape.parse(found))

/** The digest of a document's bytes. */
export function hashOfText(text: string): PolicyVersion['hash'] {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

/** @throws {BulkheadError} `usage` when a field is missing, too long or of another type. */
export function checkDraft(draft: PolicyDraft): void {
  const result = draftShape.safeParse(draft)
  if (!result.success) throw wrong('a policy version', result.error)
  const bytes = Buffer.from(draft.text)
  if (bytes.length > policyTextBytesMax) {
    throw new BulkheadError('usage', `a policy has at most ${policyTextBytesMax} bytes, this one ${bytes.length}`)
  }
  if (bytes.toString('utf8') !== draft.text) throw new BulkheadError('usage', 'a policy is text that UTF-8 can hold')
}

/** @throws {BulkheadError} `usage` as `checkDraft`. */
export function checkChangedBy(change: ChangedBy): void {
  const result = z.object(who).safeParse(change)
  if (!result.success) throw wrong('a change', result.error)
}

function wrong(what: string, error: z.ZodError): BulkheadError {
  const [issue] = error.issues
  const field = issue?.path.join('.') ?? ''
  return new BulkheadError('usage', `${what} has a wrong \`${field}\`: ${issue?.message.toLowerCase() ?? ''}`, {
    details: { issues: error.issues.map(({ path, message }) => ({ path: path.join('.'), message })) },
  })
}
