import { invalidSignature } from './invalid-signature.js'
import { type Header, isObject, parseObject } from './jws.js'
import { urlCharactersMax } from './limits.js'

// The payload of a component's signature: an in-toto Statement v1 with exactly two subjects. Naming both digests in one
// signed text is what keeps the manifest of one component from being put beside the wasm of another.

/** From which commit of which repository a component was built: a claim, worth as much as the key that signs it. */
export type Provenance = {
  readonly repository: string
  /** A full reference: `refs/heads/main`. */
  readonly ref: string
  /** 40 hexadecimal digits, lower case. */
  readonly commit: string
}

export type Statement = {
  readonly componentDigest: string
  readonly manifestDigest: string
  readonly provenance?: Provenance
}

const statementType = 'https://in-toto.io/Statement/v1'
const releaseType = 'urn:bulkhead:release:v1'
const provenanceType = 'urn:bulkhead:provenance:v1'
const DIGEST = /^sha256:[0-9a-f]{64}$/
const COMMIT = /^[0-9a-f]{40}$/

/** What stands for the manifest of a component that has none: the digest of no bytes. */
export const noManifestDigest = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** The statement as bytes. */
export function writeStatement({ componentDigest, manifestDigest, provenance }: Statement): Uint8Array {
  const subject = (name: string, digest: string): unknown => ({
    name,
    digest: { sha256: digest.slice('sha256:'.length) },
  })
  return new TextEncoder().encode(
    JSON.stringify({
      _type: statementType,
      subject: [subject('component', componentDigest), subject('manifest', manifestDigest)],
      predicateType: provenance === undefined ? releaseType : provenanceType,
      predicate: provenance ?? {},
    }),
  )
}

/** @throws {BulkheadError} `signature-invalid`, check `statement`, when the bytes are not exactly of our form. */
export function readStatement(payload: Uint8Array): Statement {
  const statement = parseObject(payload)
  if (statement === undefined || statement['_type'] !== statementType)
    throw strange(`it is not of the type ${statementType}`)
  const subjects = statement['subject']
  if (!Array.isArray(subjects) || subjects.length !== 2) throw strange('it must have exactly two subjects')
  const digests = { componentDigest: digestOf(subjects, 'component'), manifestDigest: digestOf(subjects, 'manifest') }
  const { predicateType, predicate } = statement
  if (predicateType === releaseType) return digests
  if (predicateType !== provenanceType || !isProvenance(predicate)) throw strange('its predicate is not understood')
  const { repository, ref, commit } = predicate
  return { ...digests, provenance: { repository, ref, commit } }
}

/** Whether a value is a provenance that a statement may carry. */
export function isProvenance(value: unknown): value is Provenance {
  if (!isObject(value) || Object.keys(value).length !== 3) return false
  const { repository, ref, commit } = value
  return isUrlText(repository) && isUrlText(ref) && typeof commit === 'string' && COMMIT.test(commit)
}

function isUrlText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= urlCharactersMax && /^[!-~]+$/.test(value)
}

function digestOf(subjects: readonly unknown[], name: string): string {
  const named = subjects.filter((subject): subject is Header => isObject(subject) && subject['name'] === name)
  const digest = named[0]?.['digest']
  const hex = isObject(digest) && Object.keys(digest).length === 1 ? digest['sha256'] : undefined
  const text = `sha256:${String(hex)}`
  if (!DIGEST.test(text)) throw strange(`it has no sha256 for the subject \`${name}\``)
  return text
}

function strange(why: string) {
  return invalidSignature('statement', `the signed text is not a statement about a component: ${why}`)
}
