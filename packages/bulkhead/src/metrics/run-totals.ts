import type { ComponentActor } from '@bulkhead/actor'
import type { Traffic } from '@bulkhead/host-services'

/** What runs come to. Every number in it only grows. */
export type RunTotals = {
  readonly cpuMs: number
  readonly hostWaitMs: number
  readonly checks: ReturnType<ComponentActor['counters']>
  readonly traffic: Traffic
}

export const noTotals: RunTotals = {
  cpuMs: 0,
  hostWaitMs: 0,
  checks: {
    ...{ checksGranted: 0, checksDenied: 0, cacheHits: 0, cacheMisses: 0, checksTimed: 0, checksTimedNs: 0 },
    byKind: [],
  },
  traffic: { bytes: 0, requests: 0 },
}

/** What a run has come to, while it runs and after. */
export function totalsOf(
  actor: Pick<ComponentActor, 'cpuMs' | 'hostWaitNs' | 'counters'>,
  services: { readonly traffic: () => Traffic },
): RunTotals {
  return {
    cpuMs: actor.cpuMs(),
    hostWaitMs: Number(actor.hostWaitNs()) / 1e6,
    checks: actor.counters(),
    traffic: services.traffic(),
  }
}

export function addTotals(one: RunTotals, other: RunTotals): RunTotals {
  const { checks, traffic } = other
  const kinds = Math.max(one.checks.byKind.length, checks.byKind.length)
  return {
    cpuMs: one.cpuMs + other.cpuMs,
    hostWaitMs: one.hostWaitMs + other.hostWaitMs,
    checks: {
      checksGranted: one.checks.checksGranted + checks.checksGranted,
      checksDenied: one.checks.checksDenied + checks.checksDenied,
      cacheHits: one.checks.cacheHits + checks.cacheHits,
      cacheMisses: one.checks.cacheMisses + checks.cacheMisses,
      checksTimed: one.checks.checksTimed + checks.checksTimed,
      checksTimedNs: one.checks.checksTimedNs + checks.checksTimedNs,
      byKind: Array.from({ length: kinds }, (_, at) => (one.checks.byKind[at] ?? 0) + (checks.byKind[at] ?? 0)),
    },
    traffic: {
      bytes: one.traffic.bytes + traffic.bytes,
      requests: one.traffic.requests + traffic.requests,
    },
  }
}

/**
 * What all runs of one member come to.
 *
 * INVARIANT (never falls): neither when a run ends, nor when its thread is gone and nobody knows its processor time any more.
 */
export class MemberTotals {
  #past = noTotals
  #seen = noTotals
  #read: (() => RunTotals) | undefined

  begin(read: () => RunTotals): void {
    this.#read = read
    this.#seen = noTotals
  }

  /** The exit of that run was seen; no other has begun before. */
  end(cpuMs: number): void {
    const last = this.#present()
    this.#past = addTotals(this.#past, { ...last, cpuMs: Math.max(last.cpuMs, cpuMs) })
    this.#read = undefined
    this.#seen = noTotals
  }

  sum(): RunTotals {
    return addTotals(this.#past, this.#present())
  }

  #present(): RunTotals {
    const now = this.#read?.() ?? noTotals
    const { cpuMs, hostWaitMs } = this.#seen
    this.#seen = { ...now, cpuMs: Math.max(now.cpuMs, cpuMs), hostWaitMs: Math.max(now.hostWaitMs, hostWaitMs) }
    return this.#seen
  }
}
