import type { ChildSpec, SupervisorSpec, Tree } from '@bulkhead/manifest'
import { messagesOf, sleepsUntilCalled } from '../lifetimes/lifetime-rules.js'
import { floodSamplesMin, refusingSamplesMin } from '../limits.js'
import type { LiveChild } from '../live-child.js'
import type { PlannedChild } from '../plan-tree.js'
import type { ChildRules, ExchangedChild } from './exchange-types.js'
import { MessageCenter, type MessagePowers } from './message-center.js'
import type { MessageRole } from './message-member.js'
import type { SupervisorRate } from './message-rates.js'
import { messageQuotaOf } from './message-role.js'
import { topicsOf } from './topic-authority.js'

type Child = {
  readonly planned: PlannedChild
  readonly live: LiveChild
  readonly role: MessageRole
  readonly supervisor: string
}

/** Makes the mailboxes of a tree's children, before any of them starts. */
export function openTreeMessages(
  tree: Tree,
  children: readonly Child[],
  powers: Omit<MessagePowers, 'supervisors' | 'random' | 'floodSamples'>,
): MessageCenter {
  const floodSamples = Math.max(refusingSamplesMin, Math.ceil(floodSamplesMin / tree.timeScale))
  const messages = new MessageCenter({
    ...powers,
    ...{ supervisors: ratesOf(tree.root), random: Math.random, floodSamples },
  })
  for (const { planned, ...child } of children) messages.exchange.add(exchangedChild(planned.spec, child))
  return messages
}

/** The supervisors of a tree with their rates, each after the one above it. */
function ratesOf({ name, quotas, children }: SupervisorSpec, above?: string): readonly SupervisorRate[] {
  const below = children.flatMap((child) => (child.kind === 'supervisor' ? ratesOf(child, name) : []))
  return [{ name, rate: quotas?.messages, above }, ...below]
}

/** A child of the tree, as the exchange takes it in. */
export function exchangedChild(
  { memberIds, delivery, lifetime }: ChildSpec,
  { live, role, supervisor }: Omit<Child, 'planned'>,
): ExchangedChild {
  const sleeps = sleepsUntilCalled(lifetime, live.judgement.subject.kind)
  return { ...messageRulesOf(live), supervisor, memberIds, delivery, role, sleeps, messagesMax: messagesOf(lifetime) }
}

/** What a child may do with messages now. */
export function messageRulesOf({ id, context, judgement }: LiveChild): ChildRules {
  return { id, topics: topicsOf(context), quota: messageQuotaOf(judgement.limits) }
}
