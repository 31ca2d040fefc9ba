import {
  buildRoutingTable,
  type ReceiverSpec,
  type RoutingTable,
  type Subscription,
  subscriptionsMax,
} from '@bulkhead/mailbox'
import type { MessageChild } from './message-member.js'
import { everyTopic, subscriptionsOf } from './topic-authority.js'

/** What the host itself receives. */
export type HostSubscriptions = { readonly mailbox: number; readonly patterns: readonly string[] }

/** `leftOut`: subscriptions for which there was no place. */
export type Routing = { readonly table: RoutingTable; readonly leftOut: number }

/**
 * Who gets what, by what children may subscribe now. Of a pool those members receive that run, or would be woken; where
 * there are none, all that are not gone for good: the message waits for whoever comes back.
 */
export function routingOf(
  version: number,
  children: Iterable<MessageChild>,
  host: HostSubscriptions | undefined,
): Routing {
  const receivers: ReceiverSpec[] = []
  const subscriptions: Subscription[] = []
  // The host's first: where there are too many, those of the children that came last are left out.
  if (host !== undefined) {
    receivers.push({ id: 'host', mailboxes: [host.mailbox], authority: everyTopic })
    for (const pattern of host.patterns) subscriptions.push({ pattern, receiver: 'host' })
  }
  for (const child of children) {
    if (!child.role.handles) continue
    const members = child.members.filter(({ box }) => box !== undefined)
    const ready = members.filter(({ run, isOut }) => (child.sleeps ? !isOut : run !== undefined))
    const mailboxes = (ready.length > 0 ? ready : members).flatMap(({ box }) => box?.id ?? [])
    if (mailboxes.length === 0) continue
    const authority = child.topics.subscribe
    receivers.push({ id: child.id, mailboxes, authority })
    for (const pattern of subscriptionsOf(authority)) subscriptions.push({ pattern, receiver: child.id })
  }
  const table = buildRoutingTable({ version, receivers, subscriptions: subscriptions.slice(0, subscriptionsMax) })
  return { table, leftOut: Math.max(0, subscriptions.length - subscriptionsMax) }
}
