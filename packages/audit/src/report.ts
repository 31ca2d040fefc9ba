import type { Action, Kind, Layer } from '@bulkhead/vocabulary'

/** Which decisions of a ring the host wants to be told of, besides their being logged. */
export type ReportScope = 'denied' | 'all'

type Reporter = {
  /** The ring, as `attach` named it. */
  readonly ring: number
  readonly component: string
  readonly tenant?: string
  readonly incarnation: number
}

/** What the journal tells the host about a ring, in the order of the log. */
export type RingRecord =
  | (Reporter & {
      readonly type: 'access'
      readonly seq: number
      /** Wall clock, milliseconds since 1970 UTC. */
      readonly time: number
      readonly policyVersion: number
      readonly kind: Kind
      readonly action: Action
      readonly resource: string
      readonly verdict: 'granted' | 'denied'
      readonly layer: Layer
      readonly rule?: string
      readonly reason?: string
      /** A denied look-up of something that does not exist: neither printed nor scored (SPEC 2.3). */
      readonly probe: boolean
      readonly count: number
    })
  /** So many distinct probes in so short a time that they count as one violation; told once for each such time. */
  | (Reporter & { readonly type: 'probe-flood'; readonly distinct: number; readonly withinMs: number })
  /** The ring held what its writer cannot have written by the rules: its security fault. It is not read any more. */
  | (Reporter & { readonly type: 'corrupt'; readonly message: string })

/** What one ring came to, when it was released. */
export type RingTotals = {
  /** Decisions, repeats counted. */
  readonly granted: number
  /** Denials that were not probes, repeats counted. */
  readonly denied: number
  readonly probes: number
  /** Lines in the log. */
  readonly records: number
  /** Why the ring was given up, if it was. */
  readonly corrupt?: string
}
