import { actionsOf, type Grant, type KindCatalogue, kindsOf, noCustomKinds } from '@bulkhead/capability'
import { documentBytesMax } from '@bulkhead/document'
import { AccessTally, type Observed, type TalliedAccess } from './access-tally.js'
import { type DeniedGroup, deniedGroups } from './denied-groups.js'
import type { Generalisation } from './generalisation.js'
import { diffGrants, type GrantDiff } from './grant-diff.js'
import type { ObservedAccess } from './observed-access.js'
import { policyText } from './policy-text.js'
import { PresentRules } from './present-rules.js'
import { recommendedGrants } from './recommended-grants.js'
import { type RecommendedLine, recommendedLine } from './recommended-line.js'
import { sortAccesses, type Wanted } from './sort-accesses.js'

export type RecommendInput = {
  /** Whose name space `self:` means. */
  readonly componentId: string
  /** What it did, in the order in which it happened; or the sum of it. */
  readonly accesses: Iterable<ObservedAccess> | AccessTally
  /** With it, records of other digests are left out. Not asked where `accesses` is a tally, which has one of its own. */
  readonly digest?: string
  /** What is in force now: the effective grants, and the deny rules. */
  readonly present: { readonly allow: readonly Grant[]; readonly deny?: readonly Grant[] }
  /** How far names may be generalised; `none` unless said. */
  readonly generalise?: Generalisation
  /** Whether what was refused for want of a grant is wanted too; `granted` unless said. */
  readonly wanted?: Wanted
  readonly kinds?: KindCatalogue
}

/** Plain values. */
export type Recommendation = {
  readonly componentId: string
  readonly generalise: Generalisation
  readonly wanted: Wanted
  /** Kinds and actions in the vocabulary's order, patterns sorted. */
  readonly lines: readonly RecommendedLine[]
  /** Rules in force that nothing has used. */
  readonly unused: readonly Grant[]
  readonly denied: readonly DeniedGroup[]
  /** Look-ups of what exists nowhere, repeats counted: neither recommended nor listed as denied. */
  readonly probes: number
  readonly diff: GrantDiff
  /** The recommended policy as a native document. */
  readonly text: string
  readonly observed: Observed
  /** What the reader must know before using it, in our words. */
  readonly notes: readonly string[]
}

/**
 * The least policy that covers what a component really did (or wanted to do), generalised no further than asked, with the
 * reason for each line. Whatever the level, every access that was granted is granted by it, and no wildcard takes in what
 * was refused. Pure: no clock, no file.
 *
 * @throws {PatternError} when a present rule does not follow its grammar.
 * @example
 * ```ts
 * const { lines } = recommend({ componentId: 'ingest', accesses, present: { allow: [] }, wanted: 'granted-and-denied' })
 * lines[0]?.grant.pattern // '/data/in/a.csv'
 * ```
 */
export function recommend(input: RecommendInput): Recommendation {
  const { componentId, present, generalise = 'none', wanted = 'granted', kinds = noCustomKinds } = input
  const deny = present.deny ?? []
  const tally = input.accesses instanceof AccessTally ? input.accesses : tallyOf(input.accesses, input.digest)
  const naming = { componentId, kinds }
  const rules = new PresentRules(present.allow, naming)
  const sorted = sortAccesses(tally.values(), wanted)
  const { grants, kept, unsayable } = recommendedGrants(sorted, { level: generalise, naming, deny, rules })
  const lines = grants
    .map(({ grant, draft }) => recommendedLine(grant, draft, !rules.cover(grant)))
    .sort(inDocumentOrder(kinds))
  const text = policyText(lines, deny, kinds)
  const used = sorted.wanted.filter(({ verdict }) => verdict === 'granted')
  return {
    componentId,
    generalise,
    wanted,
    lines,
    unused: rules.unused(used, kept),
    denied: deniedGroups(sorted.denied),
    probes: tally.probes,
    diff: diffGrants(
      present.allow,
      lines.map(({ grant }) => grant),
    ),
    text,
    observed: tally.observed,
    notes: notesOn({ observed: tally.observed, unsayable, text, generalise }),
  }
}

function tallyOf(accesses: Iterable<ObservedAccess>, digest: string | undefined): AccessTally {
  const tally = new AccessTally({ digest })
  for (const access of accesses) tally.add(access)
  return tally
}

function inDocumentOrder(kinds: KindCatalogue): (a: RecommendedLine, b: RecommendedLine) => number {
  const names = kindsOf(kinds).flatMap((kind) => actionsOf(kind, kinds).map((action) => `${kind}.${action}`))
  const ranks = new Map(names.map((name, rank) => [name, rank]))
  const rankOf = ({ grant }: RecommendedLine): number => ranks.get(`${grant.kind}.${grant.action}`) ?? 0
  return (a, b) => rankOf(a) - rankOf(b) || compareText(a.grant.pattern, b.grant.pattern)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

type Noted = {
  readonly observed: Observed
  readonly unsayable: readonly TalliedAccess[]
  readonly text: string
  readonly generalise: Generalisation
}

function notesOn({ observed, unsayable, text, generalise }: Noted): readonly string[] {
  const notes: string[] = []
  if (observed.records === 0) notes.push('nothing was observed: this recommends to grant nothing')
  for (const { digest, records } of observed.leftOut) notes.push(`${records} records of ${digest} were left out`)
  if (observed.uncounted > 0) {
    notes.push(
      `${observed.uncounted} records were not looked at: there are too many distinct names; the policy may be too narrow`,
    )
  }
  if (unsayable.length > 0) {
    notes.push(`${unsayable.length} names that were used cannot be written as a pattern and are not covered`)
  }
  if (new TextEncoder().encode(text).byteLength > documentBytesMax) {
    const hint = generalise === 'none' ? 'generalise it' : 'generalise it further'
    notes.push(`the policy is larger than the ${documentBytesMax} bytes that a document may have: ${hint}`)
  }
  return notes
}
