import { type Grant, type KindCatalogue, noCustomKinds } from '@bulkhead/capability'
import { documentBytesMax } from '@bulkhead/document'
import { rulesMax } from '../document/limits.js'
import { compareText, groupRules } from '../document/rule-order.js'
import { AccessTally, type Observed, type TalliedAccess } from './access-tally.js'
import { type DeniedGroup, deniedGroups } from './denied-groups.js'
import type { Generalisation } from './generalisation.js'
import { diffGrants, type GrantDiff } from './grant-diff.js'
import type { ObservedAccess } from './observed-access.js'
import { type PolicyRest, policyText } from './policy-text.js'
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
  readonly present: PresentPolicy
  /** How far names may be generalised; `none` unless said. */
  readonly generalise?: Generalisation
  /** Whether what was refused for want of a grant is wanted too; `granted` unless said. */
  readonly wanted?: Wanted
  readonly kinds?: KindCatalogue
}

/** What is in force now. */
export type PresentPolicy = {
  /** The effective grants. */
  readonly allow: readonly Grant[]
  /** All deny rules that hold, also those of other documents: no wildcard takes in one of them. */
  readonly deny?: readonly Grant[]
  /** The component's own policy, if it has one: `text` replaces what it allows and keeps the rest. */
  readonly policy?: PolicyRest
}

/** Plain values. */
export type Recommendation = {
  readonly componentId: string
  readonly generalise: Generalisation
  readonly wanted: Wanted
  /** In the order of a document: kinds and actions as in the vocabulary, patterns sorted. */
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
  const lines = inDocumentOrder(grants.map(({ grant, draft }) => recommendedLine(grant, draft, !rules.cover(grant))))
  const text = policyText(lines, present.policy)
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
    notes: notesOn({ observed: tally.observed, unsayable, text, rules: lines.length }),
  }
}

function tallyOf(accesses: Iterable<ObservedAccess>, digest: string | undefined): AccessTally {
  const tally = new AccessTally({ digest })
  for (const access of accesses) tally.add(access)
  return tally
}

function inDocumentOrder(lines: readonly RecommendedLine[]): readonly RecommendedLine[] {
  const groups = groupRules(lines.map(({ grant }) => grant))
  const ranks = new Map(groups.map(({ kind, action }, rank) => [`${kind}.${action}`, rank]))
  const rankOf = ({ grant }: RecommendedLine): number => ranks.get(`${grant.kind}.${grant.action}`) ?? 0
  return [...lines].sort((a, b) => rankOf(a) - rankOf(b) || compareText(a.grant.pattern, b.grant.pattern))
}

type Noted = {
  readonly observed: Observed
  readonly unsayable: readonly TalliedAccess[]
  readonly text: string
  readonly rules: number
}

function notesOn({ observed, unsayable, text, rules }: Noted): readonly string[] {
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
  if (rules > rulesMax || new TextEncoder().encode(text).byteLength > documentBytesMax) {
    notes.push(`${rules} rules are more than one policy can hold: generalise further`)
  }
  return notes
}
