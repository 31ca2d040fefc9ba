import { findCovering, type Grant } from '@bulkhead/capability'
import { describeRequest } from '@bulkhead/trust'
import { type Judgement, noRun } from '../authority/judge.js'
import { approvalSubjectOf } from '../authority/subject.js'

/** Texts are escaped and cut, and stand in the words of a reviewer. */
export type UpgradeDifference = {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** What a component asks for that the one before did not. */
export function differenceOf(before: Judgement, after: Judgement): UpgradeDifference {
  const [old, next] = [before, after].map(({ subject, manifest }) => approvalSubjectOf(subject, manifest))
  const none = { added: [], removed: [], changed: [] }
  if (old === undefined || next === undefined) return none
  return describeRequest(next, old).changes?.capabilities ?? none
}

/**
 * Whether it asks for anything that its forerunner was not approved for. What is spelled otherwise and means no more is not
 * wider; a capability whose forerunner was narrowed away is.
 */
export function isWider(before: Judgement, after: Judgement): boolean {
  const had = approvedOf(before)
  const { kinds } = after.contextAt(0, noRun(after.subject)).parts
  const context = { componentId: after.subject.componentId, ...(kinds === undefined ? {} : { kinds }) }
  // The same words mean another name space for another component.
  if (before.subject.componentId !== after.subject.componentId) return true
  return (after.manifest?.capabilities ?? []).some(
    (wanted) => findCovering(sameKind(had, wanted), wanted, context) === undefined,
  )
}

/** What of the request is approved with it, where its forerunner's was narrowed; `undefined`: all of it. */
export function inheritedNarrow(before: Judgement, after: Judgement): readonly Grant[] | undefined {
  if (before.plan.kind !== 'start' || before.plan.narrow === undefined) return undefined
  return after.manifest?.capabilities ?? []
}

function approvedOf({ plan, manifest }: Judgement): readonly Grant[] {
  if (plan.kind !== 'start') return []
  return plan.narrow ?? manifest?.capabilities ?? []
}

function sameKind(grants: readonly Grant[], { kind, action }: Grant): readonly Grant[] {
  return grants.filter((grant) => grant.kind === kind && grant.action === action)
}
