import {
  actionsOf,
  checkPattern,
  type Grant,
  type KindCatalogue,
  kindsOf,
  noCustomKinds,
  PatternError,
  type PatternUse,
} from '@bulkhead/capability'
import { descriptionCharactersMax, whyCharactersMax } from './limits.js'
import type { ComponentKind } from './manifest.js'

/** What a draft says. A request may leave its origin out: the draft will be its origin. */
export type ManifestDraft = {
  readonly id: string
  readonly version: string
  readonly description?: string
  readonly kind?: ComponentKind
  readonly grants: readonly DraftRequest[]
  /** Requests that the author may want: rendered as comments. */
  readonly suggestions?: readonly DraftRequest[]
}

export type DraftRequest = Omit<Grant, 'origin'> & { readonly origin?: Grant['origin'] }

/**
 * Renders a Component.toml for an author to start from: kinds and actions in the vocabulary's order, patterns sorted. What
 * no pattern can say is left in as a comment. The text passes `parseManifest` when id and version are legal.
 *
 * @example
 * ```ts
 * draftManifest({
 *   id: 'ingest',
 *   version: '0.1.0',
 *   grants: [{ kind: 'filesystem', action: 'read', pattern: '/data/**' }],
 * })
 * // [component]
 * // id = "ingest"
 * // version = "0.1.0"
 * //
 * // [capabilities]
 * // filesystem.read = ["/data/**"]
 * ```
 */
export function draftManifest(draft: ManifestDraft, kinds: KindCatalogue = noCustomKinds): string {
  const header = ['[component]', `id = ${quoted(draft.id)}`, `version = ${quoted(draft.version)}`]
  if (draft.description !== undefined)
    header.push(`description = ${words(draft.description, descriptionCharactersMax)}`)
  if (draft.kind !== undefined) header.push(`kind = ${quoted(draft.kind)}`)
  const asked = capabilityLines(draft.grants, draft.id, kinds)
  const suggested = commentedOut(capabilityLines(draft.suggestions ?? [], draft.id, kinds))
  const lines = asked.length === 0 && suggested.length === 0 ? ['# asks for nothing'] : [...asked, ...suggested]
  return `${[...header, '', '[capabilities]', ...lines].join('\n')}\n`
}

function commentedOut(entries: readonly string[]): readonly string[] {
  return entries.flatMap((entry) => entry.split('\n')).map((line) => (line.startsWith('# ') ? line : `# ${line}`))
}

/** `kind.action = [ … ]`, kinds and actions in the catalogue's order, patterns by code unit. */
function capabilityLines(
  requests: readonly DraftRequest[],
  componentId: string,
  kinds: KindCatalogue,
): readonly string[] {
  return kindsOf(kinds).flatMap((kind) =>
    actionsOf(kind, kinds).flatMap((action) =>
      actionLines(requests, { kind, action, componentId, kinds, port: 'required' }),
    ),
  )
}

function actionLines(requests: readonly DraftRequest[], use: PatternUse): readonly string[] {
  const byPattern = new Map<string, DraftRequest>()
  for (const request of requests) {
    if (request.kind !== use.kind || request.action !== use.action) continue
    const known = byPattern.get(request.pattern)
    // What one needs and another could do without is needed.
    if (known === undefined || known.optional === true) byPattern.set(request.pattern, request)
  }
  const sorted = [...byPattern.values()].sort((a, b) => (a.pattern < b.pattern ? -1 : 1))
  const [sayable, unsayable] = [
    sorted.filter((one) => isSayable(one, use)),
    sorted.filter((one) => !isSayable(one, use)),
  ]
  const key = `${use.kind}.${use.action}`
  const comments = unsayable.map((one) => `# no pattern can say ${key} ${quoted(one.pattern)}`)
  return sayable.length === 0 ? comments : [`${key} = ${list(sayable.map(item))}`, ...comments]
}

function isSayable(request: DraftRequest, use: PatternUse): boolean {
  try {
    checkPattern(request.pattern, use)
    return true
  } catch (error) {
    if (error instanceof PatternError) return false
    throw error
  }
}

function item(request: DraftRequest): string {
  if (request.optional !== true && request.why === undefined) return quoted(request.pattern)
  const optional = request.optional === true ? ', optional = true' : ''
  const why = request.why === undefined ? '' : `, why = ${words(request.why, whyCharactersMax)}`
  return `{ pattern = ${quoted(request.pattern)}${optional}${why} }`
}

function list(items: readonly string[]): string {
  const [only] = items
  return items.length === 1 && only !== undefined ? `[${only}]` : `[\n${items.map((one) => `  ${one},\n`).join('')}]`
}

/** Free text as a manifest may hold it: cut at its bound, and without NUL. */
function words(text: string, charactersMax: number): string {
  return quoted(text.replaceAll('\0', '').slice(0, charactersMax))
}

/** A TOML basic string. JSON escapes all that TOML wants escaped, but for DEL; halves of surrogate pairs have no form at all. */
function quoted(text: string): string {
  const wellFormed = text.replace(/\p{Cs}/gu, '\uFFFD')
  return JSON.stringify(wellFormed).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
