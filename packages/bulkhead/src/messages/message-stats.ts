import type { Exchange } from './exchange.js'
import type { MessageReport, MessageStats, TenantStats } from './message-desk.js'
import { hasMailbox, type MessageMember } from './message-member.js'
import type { MessageSamples } from './message-samples.js'

/** How the messages of all children stand, and by tenant. */
export function messageReport(exchange: Exchange, samplesOf: (member: MessageMember) => MessageSamples): MessageReport {
  const { letters } = exchange.letters
  const concerned = [...exchange.members].filter(({ child: { role } }) => hasMailbox(role) || role.sends)
  const children = concerned.map((member) => statsOf(member, exchange, samplesOf(member)))
  return {
    children,
    tenants: byTenant(children),
    deadLetters: { kept: letters.size, dropped: letters.dropped },
  }
}

function statsOf(member: MessageMember, exchange: Exchange, samples: MessageSamples): MessageStats {
  const { box, child } = member
  const boxes = box === undefined ? [] : [box, ...exchange.forwardersOf(box)]
  const stats = boxes.map(({ mailbox }) => mailbox.stats())
  const sum = (name: 'messages' | 'bytes' | 'memoryBytes' | 'lanes'): number =>
    stats.reduce((total, one) => total + one[name], 0)
  const sentAtNs = stats.flatMap(({ oldestSentAtNs }) => oldestSentAtNs ?? [])
  const now = exchange.now()
  const ages = sentAtNs.map((sent) => Math.max(0, Number(now - sent) / 1e6))
  const { published, requested, received, handled, handlerErrors, refusedRate, refusedOverloaded } = member.counters()
  return {
    child: member.id,
    ...(child.tenant === undefined ? {} : { tenant: child.tenant }),
    depth: sum('messages'),
    depthMax: boxes.reduce((total, { mailbox }) => total + mailbox.messagesMax, 0),
    bytes: sum('bytes'),
    memoryBytes: sum('memoryBytes'),
    lanes: sum('lanes'),
    ...(ages.length === 0 ? {} : { oldestMs: Math.max(...ages) }),
    ...{ published, requested, received, handled, handlerErrors },
    refusedByRate: refusedRate,
    refusedByOverload: refusedOverloaded,
    deadLetters: member.deadLetters,
    publishedPerSecond: samples.perSecond('published'),
    handledPerSecond: samples.perSecond('handled'),
  }
}

const summed = [
  'depth',
  'depthMax',
  'bytes',
  'memoryBytes',
  'lanes',
  'published',
  'requested',
  'received',
  'handled',
  'handlerErrors',
  'refusedByRate',
  'refusedByOverload',
  'deadLetters',
  'publishedPerSecond',
  'handledPerSecond',
] as const satisfies (keyof TenantStats)[]

function byTenant(children: readonly MessageStats[]): readonly TenantStats[] {
  const tenants = new Map<string | undefined, MessageStats[]>()
  for (const one of children) tenants.set(one.tenant, [...(tenants.get(one.tenant) ?? []), one])
  return [...tenants].map(([tenant, its]) => {
    const sums = Object.fromEntries(summed.map((name) => [name, its.reduce((sum, one) => sum + one[name], 0)]))
    const ages = its.flatMap(({ oldestMs }) => oldestMs ?? [])
    return {
      ...(sums as Record<(typeof summed)[number], number>),
      tenant,
      children: its.length,
      ...(ages.length === 0 ? {} : { oldestMs: Math.max(...ages) }),
    }
  })
}
