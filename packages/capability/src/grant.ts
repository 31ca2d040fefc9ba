import type { Action, GrantLimits, Kind, RuleOrigin } from '@bulkhead/vocabulary'

/** One rule that lets something happen: who wrote it, where, and what it covers. */
export type Grant = {
  readonly kind: Kind
  readonly action: Action
  /** In the grammar of its kind (SPEC 3). */
  readonly pattern: string
  readonly origin: RuleOrigin
  /** Goes first under degradation; absent means required. */
  readonly optional?: boolean
  /** The author's reason, shown to the reviewer as the author's words. */
  readonly why?: string
  /** Bounds on what the rule allows, where a policy writes them. */
  readonly limits?: GrantLimits
}

/** A rule that bears no limits: of the deny list, or of a role. */
export type PlainRule = Pick<Grant, 'kind' | 'action' | 'pattern' | 'origin'>

/** A rule of the forbidden list. File rules are matched against the host path, all others against the resource. */
export type ForbiddenRule = PlainRule
