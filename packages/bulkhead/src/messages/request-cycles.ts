// Requests that wait for each other in a ring: each times out, and only who sees all of them can say why.

import { cycleKeptMs } from '../limits.js'
import type { Exchange } from './exchange.js'
import type { MessageMember } from './message-member.js'

/** Who waits for whom now. */
export type Waits = ReadonlyMap<string, string>

/**
 * Every ring in what waits for what; who waits for one of a ring is not in it. A member waits for one other at most.
 */
export function findCycles(waits: Waits): readonly (readonly string[])[] {
  const cycles: string[][] = []
  const seen = new Set<string>()
  for (const start of waits.keys()) {
    const path: string[] = []
    let at: string | undefined = start
    while (at !== undefined && !seen.has(at)) {
      seen.add(at)
      path.push(at)
      at = waits.get(at)
    }
    const from = at === undefined ? -1 : path.indexOf(at)
    if (from !== -1) cycles.push(path.slice(from))
  }
  return cycles
}

/** Remembers cycles between a scan that saw them and the timeout that breaks them. */
export class RequestCycles {
  readonly #exchange: Exchange
  readonly #nowMs: () => number
  readonly #found = new Map<string, { readonly text: string; readonly atMs: number }>()

  /** @param nowMs monotonic */
  constructor(exchange: Exchange, nowMs: () => number) {
    this.#exchange = exchange
    this.#nowMs = nowMs
  }

  /** Looks at who waits; whether anybody does. */
  scan(): boolean {
    const atMs = this.#nowMs()
    for (const [member, { atMs: then }] of this.#found) if (atMs - then > cycleKeptMs) this.#found.delete(member)
    const waits = this.#waits()
    for (const cycle of findCycles(waits)) {
      for (const [index, member] of cycle.entries()) {
        // Told from where one stands: price → catalogue → price.
        const text = [...cycle.slice(index), ...cycle.slice(0, index), member].join(' → ')
        this.#found.set(member, { text, atMs })
      }
    }
    return waits.size > 0
  }

  /** The cycle that a member is or was in; a request that waits for one of a cycle names it too. */
  of(member: MessageMember): string | undefined {
    return this.#found.get(member.id)?.text
  }

  /** That of any member of a child. */
  ofChild(id: string): string | undefined {
    for (const member of this.#exchange.members) {
      const found = member.child.id === id ? this.of(member) : undefined
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The member's timeout was told. */
  forget(member: MessageMember): void {
    this.#found.delete(member.id)
  }

  #waits(): Waits {
    const waits = new Map<string, string>()
    for (const { id, run } of this.#exchange.members) {
      const awaited = run?.actor?.awaitedMailbox()
      const purpose = awaited === undefined ? undefined : this.#exchange.boxOf(awaited)?.purpose
      if (purpose?.kind === 'mailbox') waits.set(id, purpose.member.id)
    }
    return waits
  }
}
