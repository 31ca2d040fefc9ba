import { type AskedBits, askedBits, checkedBitOf } from './action-bits.js'
import type { Grant, PlainRule } from './grant.js'
import { checkedLimits, generosity } from './grant-limits.js'
import { type KindCatalogue, noCustomKinds } from './kind-catalogue.js'
import { type ParsedPattern, type PatternContext, parsePattern, patternCovers } from './parsed-pattern.js'

/** A rule with its pattern parsed, so that it can be compared with others. */
export type ParsedRule<Rule extends PlainRule = Grant> = {
  readonly grant: Rule
  readonly bit: number
  readonly pattern: ParsedPattern
}

/** Whose rules are compared, and which custom kinds they may speak of; default: nobody's and none. */
export type RuleContext = { readonly componentId?: string | undefined; readonly kinds?: KindCatalogue | undefined }

/**
 * @throws {PatternError} when the pattern does not follow the grammar of its kind.
 * @throws {BulkheadError} `usage` when the action is not one of the kind, or a limit stands where nothing would obey it.
 */
export function parseGrant(grant: Grant, context: PatternContext): ParsedRule {
  checkedLimits(grant)
  return parseRule(grant, context)
}

/** @throws as `parseGrant`, but for limits. */
export function parseRule<Rule extends PlainRule>(grant: Rule, context: PatternContext): ParsedRule<Rule> {
  const pattern = parsePattern(grant.kind, grant.pattern, context)
  return { grant, bit: checkedBitOf(grant.kind, grant.action, context.kinds), pattern }
}

/** Whether every request that `narrow` allows is allowed by `wide`, within its limits. Sound; may say false although it holds. */
export function grantCovers(wide: ParsedRule, narrow: ParsedRule, kinds: KindCatalogue): boolean {
  const { kind, action, limits } = narrow.grant
  const within = action === 'resolve' || generosity(kind, limits) <= generosity(kind, wide.grant.limits)
  return within && ruleCovers(wide, narrow, askedBits(kind, action, kinds).allowed)
}

/** The first of the rules that allows all that `wanted` asks for, whatever their limits. */
export function findCovering<Rule extends PlainRule>(
  rules: readonly Rule[],
  wanted: PlainRule,
  context: RuleContext = {},
): Rule | undefined {
  return findRule(rules, wanted, 'allowed', context)
}

/**
 * The first of the rules under which `wanted` has no effect, where they refuse: each request of its kind and action that it
 * matches, they match too. Rules of the forbidden list for files are about host paths: leave them out.
 */
export function findRefusing<Rule extends PlainRule>(
  rules: readonly Rule[],
  wanted: PlainRule,
  context: RuleContext = {},
): Rule | undefined {
  return findRule(rules, wanted, 'refused', context)
}

function findRule<Rule extends PlainRule>(
  rules: readonly Rule[],
  wanted: PlainRule,
  which: keyof AskedBits,
  { componentId, kinds = noCustomKinds }: RuleContext,
): Rule | undefined {
  const patterns = { componentId, kinds }
  const narrow = parseRule(wanted, patterns)
  const asked = askedBits(wanted.kind, wanted.action, kinds)[which]
  return rules.find((rule) => ruleCovers(parseRule(rule, patterns), narrow, asked))
}

function ruleCovers(wide: ParsedRule<PlainRule>, narrow: ParsedRule<PlainRule>, asked: number): boolean {
  const { kind, action } = narrow.grant
  if (wide.grant.kind !== kind || (asked & wide.bit) === 0) return false
  return patternCovers(wide.pattern, narrow.pattern, action === 'resolve')
}
