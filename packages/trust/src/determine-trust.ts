import { compilePathPattern } from '@bulkhead/capability'
import micromatch from 'micromatch'
import { type VerifiedComponent, verifyComponentSignature } from './component-signature.js'
import { changeableBy, type FileSurvey } from './file-survey.js'
import { gitUrl } from './git-url.js'
import { failedCheck } from './invalid-signature.js'
import type { Provenance } from './statement.js'
import type { Trust, TrustSource } from './trust-document.js'
import { isRevokedDigest } from './trusted-keys.js'

/** What is known of a component when its trust is determined. */
export type TrustFacts = {
  readonly componentDigest: string
  /** `null` where it has no manifest. */
  readonly manifestDigest: string | null
  /** The token of its signature file, where there is one. */
  readonly signature?: string
  /** Of the file that the bytes were read from (`surveyComponent`). */
  readonly file?: FileSurvey
  /** Of the file that the manifest was read from; absent where it stands in the component itself. */
  readonly manifestFile?: FileSurvey
  /** Wall clock, milliseconds. */
  readonly now: number
}

/** How far a component is trusted, and why. Plain data. `dev-mode` is not decided here: see `planApproval`. */
export type TrustVerdict = {
  readonly level: 'trusted' | 'unknown'
  /** Whether its digest, or the key that signed it, is revoked. */
  readonly revoked: boolean
  /** The first source that matched. */
  readonly source?: {
    readonly index: number
    readonly type: TrustSource['type']
    readonly line: number
    readonly text: string
  }
  readonly reason: string
  readonly provenance?: Provenance
  /** Trusted keys whose signature was verified. Empty: not signed. */
  readonly keys: readonly string[]
}

/**
 * Determines the level of a component (SPEC 6): the first source that matches wins, in the order of the file. Nothing is
 * remembered: the level is determined again at every start.
 *
 * @throws {BulkheadError} `signature-invalid` when there is a signature and it does not prove what it should: a broken
 *   signature is worse than none.
 * @example
 * ```ts
 * const { level, reason } = await determineTrust({ componentDigest, manifestDigest, now: Date.now() }, trust)
 * ```
 */
export async function determineTrust(facts: TrustFacts, trust: Trust): Promise<TrustVerdict> {
  const revoked = [facts.componentDigest, facts.manifestDigest].find(
    (one) => one !== null && isRevokedDigest(trust, one),
  )
  if (revoked !== undefined) return unknown(`${revoked} is revoked in ${trust.file}`, { revoked: true })
  const signed = await signatureOf(facts, trust)
  if (signed !== undefined && 'revoked' in signed) return unknown(signed.revoked, { revoked: true })
  const proven = signed === undefined ? { keys: [] } : provenBy(signed)
  const reasons: string[] = []
  for (const [index, source] of trust.sources.entries()) {
    const refusal = whyNot(source, facts, signed)
    if (refusal === undefined) {
      const text = textOf(source)
      const reason = `${text} (${trust.file}:${source.at.line})`
      return {
        level: 'trusted',
        revoked: false,
        source: { index, type: source.type, line: source.at.line, text },
        reason,
        ...proven,
      }
    }
    if (refusal !== '') reasons.push(`${trust.file}:${source.at.line}: ${refusal}`)
  }
  const [nearly = `no source of ${trust.file} matches`] = reasons
  return { ...unknown(nearly, { revoked: false }), ...proven }
}

function unknown(reason: string, { revoked }: { readonly revoked: boolean }): TrustVerdict {
  return { level: 'unknown', revoked, reason, keys: [] }
}

function provenBy({ key, provenance }: VerifiedComponent): Pick<TrustVerdict, 'keys' | 'provenance'> {
  return provenance === undefined ? { keys: [key] } : { keys: [key], provenance }
}

async function signatureOf(
  { signature, componentDigest, manifestDigest, now }: TrustFacts,
  trust: Trust,
): Promise<VerifiedComponent | { readonly revoked: string } | undefined> {
  if (signature === undefined) return undefined
  try {
    return await verifyComponentSignature(signature, { componentDigest, manifestDigest, trust, now })
  } catch (error) {
    if (failedCheck(error) === 'revoked-key') return { revoked: (error as Error).message }
    throw error
  }
}

/** Why a source does not match: words when it nearly did, blank when it is about something else, `undefined` when it does. */
function whyNot(source: TrustSource, facts: TrustFacts, signed: VerifiedComponent | undefined): string | undefined {
  switch (source.type) {
    case 'git':
      return whyNotGit(source, signed)
    case 'signing-key':
      return signed !== undefined && isSignedBy(source, signed) ? undefined : ''
    case 'local':
      return whyNotLocal(source, facts)
  }
}

type GitSource = Extract<TrustSource, { readonly type: 'git' }>

function whyNotGit(
  { url, branch, commit, attestors }: GitSource,
  signed: VerifiedComponent | undefined,
): string | undefined {
  if (signed?.provenance === undefined) return ''
  const { repository, ref, commit: builtFrom } = signed.provenance
  const normal = gitUrl(repository)
  if (normal === undefined || !micromatch.isMatch(normal, url, { dot: true, nonegate: true })) return ''
  if (!attestors.some(({ text }) => text === signed.key)) return `\`${signed.key}\` is no attestor of this source`
  if (branch !== undefined && ref !== `refs/heads/${branch}`) return `it was built from \`${ref}\`, not from the branch`
  if (commit !== undefined && builtFrom !== commit) return `it was built from the commit ${builtFrom}`
  return undefined
}

type SigningKey = Extract<TrustSource, { readonly type: 'signing-key' }>

function isSignedBy({ anchor }: SigningKey, { key, certificates }: VerifiedComponent): boolean {
  return anchor.kind === 'key' ? anchor.key.text === key : certificates.at(-1) === anchor.fingerprint
}

type LocalSource = Extract<TrustSource, { readonly type: 'local' }>

function whyNotLocal({ path, digest }: LocalSource, facts: TrustFacts): string | undefined {
  const { file, manifestFile, componentDigest, manifestDigest } = facts
  if (file === undefined || !compilePathPattern(path).matches(file.path)) return ''
  if (digest !== undefined && digest !== componentDigest) return `it is ${componentDigest}, not the digest there`
  // Whoever writes the manifest chooses what the component is granted: it is as much of it as the code.
  const refusal = whyNotThere(file, componentDigest)
  return refusal ?? (manifestFile === undefined ? undefined : whyNotThere(manifestFile, manifestDigest))
}

/** Why a file is not the place that these bytes come from for sure. Its owners first: else it could change once more. */
function whyNotThere(file: FileSurvey, digest: string | null): string | undefined {
  const changeable = changeableBy(file)
  if (changeable !== undefined) return changeable
  return file.digest() === digest ? undefined : `\`${file.path}\` has changed since it was read`
}

function textOf(source: TrustSource): string {
  switch (source.type) {
    case 'git':
      return `built from ${source.url}`
    case 'signing-key':
      return `signed by ${source.signer ?? (source.anchor.kind === 'key' ? source.anchor.key.text : source.anchor.fingerprint)}`
    case 'local':
      return `from ${source.path}`
  }
}
