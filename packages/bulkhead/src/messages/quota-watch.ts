// Once a second: how much of each quota is used, who is refused again and again, whose mailbox is full.

import { type Spent, stepWatermark, type UsageMark } from '@bulkhead/quota'
import type { HealthSource, SeenFault } from '@bulkhead/supervisors'
import type { HealthEventDraft } from '@bulkhead/vocabulary'
import { cycleDegradedMs, refusingSamplesMin, sampleMs, samplesKept } from '../limits.js'
import type { Exchange } from './exchange.js'
import type { MessageChild, MessageMember } from './message-member.js'
import { MessageSamples } from './message-samples.js'

/** One quota, as it is used now. */
export type Gauge = { readonly quota: string; readonly spent: Spent }

export type WatchPowers = {
  readonly exchange: Exchange
  readonly raise: (draft: HealthEventDraft) => void
  /** Also one that has nothing to do with messages. */
  readonly isRunning: (memberId: string) => boolean
  /** Other quotas of a running member: its memory, what it uses of services. */
  readonly gaugesOf: (memberId: string) => readonly Gauge[]
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  /** Who is told how well a member is; `undefined` for a reason: well. */
  readonly feed: { readonly tell: (member: string, source: HealthSource, reason: string | undefined) => void }
  /** Who is told of a member that does not stop. */
  readonly fault: (member: string, fault: SeenFault) => void
  /** Samples in a row with refusals that are a flood. */
  readonly floodSamples: number
}

type Watched = {
  readonly samples: MessageSamples
  cycle: { readonly text: string; readonly atMs: number } | undefined
  isFull: boolean
  /** Samples in a row in which it was refused by its rate. */
  refusing: number
}

export class QuotaWatch {
  readonly #powers: WatchPowers
  /** Whoever is gone takes its samples along. */
  readonly #watched = new WeakMap<MessageMember, Watched>()
  /** By whose it is, and by what: the mark that was reached last. */
  readonly #marks = new Map<string, Map<string, UsageMark>>()

  constructor(powers: WatchPowers) {
    this.#powers = powers
  }

  samplesOf(member: MessageMember): MessageSamples {
    return this.#watched.get(member)?.samples ?? noSamples
  }

  /** A request of a member timed out because requests form a cycle. */
  cycled(member: MessageMember, text: string): void {
    this.#of(member).cycle = { text, atMs: this.#powers.nowMs() }
    this.#tellHealth(member)
  }

  /** Takes a sample of everything; to be called every second. */
  sample(): void {
    const { exchange, gaugesOf } = this.#powers
    for (const { supervisor, spent } of exchange.rates.spent()) this.#markSupervisor(supervisor, spent)
    // Thousands may sleep: what does not run and has no lane does nothing, and is not looked at.
    const awake = [...exchange.members].filter((member) => this.#isAwake(member) || this.#watched.has(member))
    for (const member of awake) this.#of(member).samples.add(member.counters())
    for (const child of exchange.children) {
      if (child.role.sends) this.#mark(nameOf(child), { quota: 'messages', spent: this.#spentOf(child) })
    }
    for (const member of awake) {
      this.#tellHealth(member)
      this.#tellFlood(member)
      this.#tellMailbox(member)
      for (const gauge of gaugesOf(member.id)) this.#mark(member.id, gauge)
      if (!this.#isAwake(member) && this.#of(member).samples.isQuiet) this.#forget(member)
    }
    this.#forgetGone()
  }

  #isAwake({ id, box }: MessageMember): boolean {
    return box?.hasLanes === true || this.#powers.isRunning(id)
  }

  /** Who was refused has used all of it, whatever it has earned again since. */
  #spentOf({ members, rate }: MessageChild): Spent {
    const wasRefused = members.some((member) => this.samplesOf(member).last('refusedRate') > 0)
    return wasRefused ? { used: 1, limit: 1 } : rate.spent()
  }

  #tellMailbox(member: MessageMember): void {
    const { box, id } = member
    if (box === undefined) return
    const { messages, memoryBytes, fullLanes } = box.mailbox.stats()
    const { messagesMax, bytesMax } = box.mailbox
    this.#mark(id, { quota: 'messages in the mailbox', spent: { used: messages, limit: messagesMax } })
    this.#mark(id, { quota: 'memory of the mailbox', spent: { used: memoryBytes, limit: bytesMax } })
    const watched = this.#of(member)
    const isFull = fullLanes > 0 || messages >= messagesMax
    if (isFull && !watched.isFull) {
      const reason = `${messages} messages wait; senders are told to try again`
      this.#powers.raise({ type: 'mailbox.overloaded', supervisor: 'root', child: id, reason })
    }
    watched.isFull = isFull
  }

  #tellHealth(member: MessageMember): void {
    const { samples, cycle } = this.#of(member)
    const isRefused = samples.withAny('refusedRate') >= refusingSamplesMin
    const refused = `message quota: ${samples.sum('refusedRate')} refused in ${(samplesKept * sampleMs) / 1_000} s`
    this.#powers.feed.tell(member.id, 'quota', isRefused ? refused : undefined)
    const isRecent = cycle !== undefined && this.#powers.nowMs() - cycle.atMs < cycleDegradedMs
    this.#powers.feed.tell(member.id, 'requests', isRecent ? `requests form a cycle: ${cycle.text}` : undefined)
  }

  #tellFlood(member: MessageMember): void {
    const { fault, floodSamples } = this.#powers
    const watched = this.#of(member)
    watched.refusing = watched.samples.last('refusedRate') > 0 ? watched.refusing + 1 : 0
    if (watched.refusing < floodSamples) return
    watched.refusing = 0
    const seconds = (floodSamples * sampleMs) / 1_000
    fault(member.id, { class: 'resource', reason: `flood: refused by its quota of messages for ${seconds} s` })
  }

  #mark(child: string, { quota, spent }: Gauge): void {
    const told = this.#step(child, quota, spent)
    if (told !== undefined) this.#powers.raise({ ...told, supervisor: 'root', child })
  }

  /** No child has a name with a blank, so that its marks are nobody else's. */
  #markSupervisor(supervisor: string, spent: Spent): void {
    const told = this.#step(` ${supervisor}`, 'messages of the supervisor', spent)
    if (told !== undefined) this.#powers.raise({ ...told, supervisor })
  }

  /** The event to raise, where a mark was reached. */
  #step(owner: string, quota: string, spent: Spent): Pick<HealthEventDraft, 'type' | 'reason'> | undefined {
    const marks = this.#marks.get(owner) ?? new Map<string, UsageMark>()
    const { mark, raised } = stepWatermark(marks.get(quota) ?? 0, spent)
    this.#marks.set(owner, marks.set(quota, mark))
    if (raised === undefined) return undefined
    return { type: raised === 100 ? 'quota.exceeded' : 'quota.warning', reason: `${quota}: ${raised} % is used` }
  }

  #forget(member: MessageMember): void {
    this.#watched.delete(member)
    this.#marks.delete(member.id)
  }

  #forgetGone(): void {
    const { members, children } = this.#powers.exchange
    const present = new Set<string>([...members, ...children].map(({ id }) => id))
    for (const owner of this.#marks.keys()) if (!present.has(owner) && !owner.startsWith(' ')) this.#marks.delete(owner)
  }

  #of(member: MessageMember): Watched {
    const known = this.#watched.get(member)
    if (known !== undefined) return known
    const watched: Watched = { samples: new MessageSamples(), cycle: undefined, isFull: false, refusing: 0 }
    this.#watched.set(member, watched)
    return watched
  }
}

const noSamples = new MessageSamples()

/** A quota that members share is told of under the name of their child. */
function nameOf({ id, members }: MessageChild): string {
  return members.length === 1 ? (members[0]?.id ?? id) : id
}
