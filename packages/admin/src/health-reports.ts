// What a running process answers about its health events and how it stands. `docs/health.md` says what each of it means.
import type { HealthEvent } from '@bulkhead/vocabulary'

/** `began` comes first: whose events they are. `cursor`: to go on from after the item. */
export type HealthStreamItem =
  | { readonly kind: 'began'; readonly id: string }
  | { readonly kind: 'event'; readonly cursor: string; readonly event: HealthEvent }
  | {
      readonly kind: 'missed'
      readonly cursor: string
      /** Numbers of events of this runtime, both ends included; `to` is `from - 1` where `count` is 0. */
      readonly from: number
      readonly to: number
      readonly count: number
      readonly why: 'too-old' | 'too-slow' | 'other-runtime'
    }

/** How a runtime and its tree stand. */
export type HealthStatusReport = {
  readonly status: 'ok' | 'degraded' | 'failed'
  /** It has taken up its work. */
  readonly ready: boolean
  /** It makes progress. */
  readonly live: boolean
  /** Why it is not all of that; the gravest first. */
  readonly reasons: readonly string[]
  /** When the runtime started. */
  readonly since: number
  /** The runtime's: another one after each start. */
  readonly id: string
  /** That of the last health event. */
  readonly cursor: string
  readonly version: string
  readonly node: string
  readonly pid: number
  /** How many children are in which state. */
  readonly children: { readonly [state: string]: number }
  readonly security: {
    readonly violations: number
    readonly quarantined: readonly string[]
    readonly isolated: readonly string[]
    readonly reduced: readonly string[]
  }
  /** Walls of the operating system; the missing ones with the reason. */
  readonly walls?: {
    readonly up: readonly string[]
    readonly missing: readonly { readonly wall: string; readonly reason: string }[]
  }
  readonly journal: { readonly stalled: boolean; readonly strict: boolean }
  readonly zombies: number
}
