import type { ChildSpec, Tree } from '@bulkhead/manifest'
import { messagesOf } from '../lifetimes/lifetime-rules.js'
import { floodSamplesMin, refusingSamplesMin } from '../limits.js'
import type { LiveChild } from '../live-child.js'
import type { PlannedChild } from '../plan-tree.js'
import type { ChildRules, ExchangedChild } from './exchange-types.js'
import { MessageCenter, type MessagePowers } from './message-center.js'
import type { MessageRole } from './message-member.js'
import { messageQuotaOf } from './message-role.js'
import { topicsOf } from './topic-authority.js'

type Child = { readonly planned: PlannedChild; readonly live: LiveChild; readonly role: MessageRole }

/** Makes the mailboxes of a tree's children, before any of them starts. */
export function openTreeMessages(
  tree: Tree,
  children: readonly Child[],
  powers: Omit<MessagePowers, 'rate' | 'children' | 'random' | 'floodSamples'>,
): MessageCenter {
  const rate = tree.root.quotas?.messages
  const floodSamples = Math.max(refusingSamplesMin, Math.ceil(floodSamplesMin / tree.timeScale))
  const messages = new MessageCenter({
    ...powers,
    ...{ rate, children: children.length, random: Math.random, floodSamples },
  })
  for (const { planned, live, role } of children) {
    messages.exchange.add(exchangedChild(planned.spec, live, role))
  }
  return messages
}

/** A child of the tree, as the exchange takes it in. */
export function exchangedChild(
  { memberIds, delivery, lifetime }: ChildSpec,
  live: LiveChild,
  role: MessageRole,
): ExchangedChild {
  const sleeps = lifetime.kind !== 'forever'
  return { ...messageRulesOf(live), memberIds, delivery, role, sleeps, messagesMax: messagesOf(lifetime) }
}

/** What a child may do with messages now. */
export function messageRulesOf({ id, context, judgement }: LiveChild): ChildRules {
  return { id, topics: topicsOf(context), quota: messageQuotaOf(judgement.limits) }
}
