import { BulkheadError, type GrantLimits, type Kind } from '@bulkhead/vocabulary'
import type { Grant } from './grant.js'

type LimitedRule = Pick<Grant, 'kind' | 'action' | 'pattern' | 'limits'>

/**
 * The limits of a rule, or `undefined` when it has none. A rule carries at most one: the size of a file where it lets
 * files be written or created, the number of connections where it lets them be made.
 *
 * @throws {BulkheadError} `usage` when a limit is not a whole number from 0, or stands where nothing would obey it.
 */
export function checkedLimits(rule: LimitedRule): GrantLimits | undefined {
  const limits = rule.limits
  if (limits === undefined) return undefined
  checkLimit(rule, 'maxFileSizeBytes', isFileWriting(rule))
  checkLimit(rule, 'connections', rule.kind === 'network' && rule.action === 'connect')
  return isUnlimited(limits) ? undefined : limits
}

/**
 * How much a rule allows, as a number to compare with that of other rules of its kind: bytes or connections, and
 * `Infinity` without a limit.
 */
export function generosity(kind: Kind, limits: GrantLimits | undefined): number {
  const limit = kind === 'network' ? limits?.connections : limits?.maxFileSizeBytes
  return limit ?? Number.POSITIVE_INFINITY
}

/**
 * Rules in the order in which they are asked: the most generous first, so that the first that matches is the one that
 * counts; among equals as in the document.
 */
export function byGenerosity<Rule extends LimitedRule>(rules: readonly Rule[]): readonly Rule[] {
  const order = (rule: Rule): number => generosity(rule.kind, rule.limits)
  return [...rules].sort((one, other) => (order(one) === order(other) ? 0 : order(other) > order(one) ? 1 : -1))
}

/** The narrower of the two, which are limits of rules of one kind. */
export function narrower(
  kind: Kind,
  one: GrantLimits | undefined,
  other: GrantLimits | undefined,
): GrantLimits | undefined {
  return generosity(kind, one) < generosity(kind, other) ? one : other
}

function isUnlimited(limits: GrantLimits): boolean {
  return limits.maxFileSizeBytes === undefined && limits.connections === undefined
}

function isFileWriting({ kind, action }: LimitedRule): boolean {
  return kind === 'filesystem' && (action === 'write' || action === 'create')
}

function checkLimit(rule: LimitedRule, name: keyof GrantLimits, obeyed: boolean): void {
  const limit = rule.limits?.[name]
  if (limit === undefined) return
  const what = `${rule.kind}.${rule.action} ${rule.pattern}`
  if (!obeyed) {
    throw new BulkheadError('usage', `the limit \`${name}\` means nothing for \`${what}\``, {
      hint: '`maxFileSizeBytes` is for filesystem.write and filesystem.create, `connections` for network.connect',
    })
  }
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw new BulkheadError('usage', `the limit \`${name}\` of \`${what}\` is ${limit}`, {
      hint: 'a whole number, 0 or more',
    })
  }
}
