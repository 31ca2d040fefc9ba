import { Router, type RoutingTable } from '@bulkhead/mailbox'
import type { HealthEventDraft } from '@bulkhead/vocabulary'
import type { MessageChild, MessageMember } from './message-member.js'
import { type HostSubscriptions, routingOf } from './routing.js'

export type RoutingPowers = {
  readonly children: () => Iterable<MessageChild>
  readonly members: () => Iterable<MessageMember>
  readonly raise: (draft: HealthEventDraft) => void
}

/** Who gets what now, and how those who send learn of it. */
export class RoutingDesk {
  readonly #powers: RoutingPowers
  #version = 1
  #isTellingSoon = false
  /** Subscriptions for which the newest table had no place. */
  #leftOut = 0
  #host: HostSubscriptions | undefined
  /** Made when it is asked for. */
  #routed: { readonly table: RoutingTable; readonly router: Router } | undefined

  constructor(powers: RoutingPowers) {
    this.#powers = powers
  }

  /** Of the newest table. */
  get version(): number {
    return this.#version
  }

  get table(): RoutingTable {
    return this.#now().table
  }

  get router(): Router {
    return this.#now().router
  }

  /** The host receives other topics than before. */
  subscribeHost(host: HostSubscriptions | undefined): void {
    this.#host = host
    this.tell()
  }

  /** Somebody receives other messages than before; whoever sends is told by whoever calls, or later. */
  changed(): void {
    this.#routed = undefined
  }

  /** Tells all who send of a newer table. */
  tell(): void {
    this.changed()
    for (const { child, run } of this.#powers.members()) {
      if (run?.actor !== undefined && child.role.sends) run.post({ kind: 'routing', routing: this.table })
    }
  }

  /**
   * Many come or go at once: whoever sends is told of all of them together. Until then a message for one that is gone waits
   * in its sender's hand.
   */
  tellSoon(): void {
    this.changed()
    if (this.#isTellingSoon) return
    this.#isTellingSoon = true
    setImmediate(() => {
      this.#isTellingSoon = false
      this.tell()
    })
  }

  #now(): { readonly table: RoutingTable; readonly router: Router } {
    if (this.#routed === undefined) {
      const { table, leftOut } = routingOf(++this.#version, this.#powers.children(), this.#host)
      if (leftOut > this.#leftOut) this.#tellLeftOut(leftOut)
      this.#leftOut = leftOut
      this.#routed = { table, router: new Router(table) }
    }
    return this.#routed
  }

  #tellLeftOut(count: number): void {
    const reason = `there are too many subscriptions: ${count} of them receive nothing`
    this.#powers.raise({ type: 'policy.rejected', supervisor: 'root', reason })
  }
}
