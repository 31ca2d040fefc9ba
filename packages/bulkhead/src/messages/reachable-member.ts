import { chooseMember } from '@bulkhead/mailbox'
import type { Exchange } from './exchange.js'
import type { MessageMember } from './message-member.js'

/** In these a member answers now, or will soon. */
const reachable: ReadonlySet<string> = new Set([
  ...['starting', 'running', 'dormant', 'backoff', 'evaluating', 'stopping', 'killing', 'half-open'],
])

export type Reach = {
  readonly exchange: Exchange
  /** The state of a member, in the words of supervision. */
  readonly stateOf: (member: string) => string | undefined
  /** Uniform in [0, 1). */
  readonly random: () => number
}

/** The member of a child that is asked next: of those that run, or would be woken, one whose mailbox is less full. */
export function reachableMember(childId: string, { exchange, stateOf, random }: Reach): MessageMember | undefined {
  const child = [...exchange.children].find(({ id }) => id === childId)
  if (child === undefined) return undefined
  const open = child.members.filter(({ id, box }) => box !== undefined && reachable.has(stateOf(id) ?? ''))
  const awake = child.sleeps ? open : open.filter(({ run }) => run !== undefined)
  const members = awake.length > 0 ? awake : open
  const now = exchange.now()
  const depthOf = (at: number): number => members[at]?.box?.hostDepth(now) ?? 0
  const chosen = chooseMember([...members.keys()], depthOf, random)
  return chosen === undefined ? undefined : members[chosen]
}
