import type { TopicAuthority } from '@bulkhead/mailbox'
import { type SecurityContext, specOf } from '@bulkhead/security-context'
import type { BuiltinAction } from '@bulkhead/vocabulary'

type TopicAction = Extract<BuiltinAction, 'publish' | 'subscribe' | 'request'>

/** The topics that a child may use, by what it does with them. */
export type ChildTopics = { readonly [Action in TopicAction]: TopicAuthority }

/** What a context lets its child do with topics: the very rules that its own table is compiled of (DESIGN D1). */
export function topicsOf(context: SecurityContext): ChildTopics {
  return {
    publish: authorityOf(context, 'publish'),
    subscribe: authorityOf(context, 'subscribe'),
    request: authorityOf(context, 'request'),
  }
}

function authorityOf({ parts }: SecurityContext, action: TopicAction): TopicAuthority {
  const { layers, operator, roles, deny, forbidden } = specOf(parts)
  const patterns = (rules: readonly { readonly kind: string; readonly action: string; readonly pattern: string }[]) =>
    rules.filter((rule) => rule.kind === 'messaging' && rule.action === action).map(({ pattern }) => pattern)
  return {
    layers: layers.map(({ grants }) => patterns(grants)),
    operator: patterns(operator),
    ...(roles === undefined ? {} : { roles: patterns(roles.allow) }),
    deny: [...patterns(forbidden), ...patterns(deny), ...patterns(roles?.deny ?? [])],
  }
}

/** The patterns of a receiver's subscriptions: those of the first layer and the operator's; the rest is asked of each topic. */
export function subscriptionsOf({ layers, operator }: TopicAuthority): readonly string[] {
  return [...new Set([...(layers[0] ?? []), ...operator])]
}

export const everyTopic: TopicAuthority = { layers: [['>']], operator: [], deny: [] }
export const noTopic: TopicAuthority = { layers: [], operator: [], deny: [] }
