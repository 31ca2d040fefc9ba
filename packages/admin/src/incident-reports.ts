// Incidents as a process answers them: what was known when a child reached `process` or `quarantine`. Plain JSON. Reasons,
// logs, subjects and resources hold components' words: whoever prints them escapes them.

/** What became of one hook. */
export type HookReport = {
  readonly hook: 'command' | 'topic' | 'callback'
  readonly outcome: 'done' | 'failed' | 'late' | 'skipped'
  readonly reason?: string
}

export type IncidentSummary = {
  readonly id: number
  readonly child: string
  readonly incarnation: number
  /** Rungs of the isolation ladder. */
  readonly from: string
  readonly to: string
  readonly reason: string
  /** ISO 8601, UTC. */
  readonly time: string
  /** Empty while they run, and where there are none. */
  readonly hooks: readonly HookReport[]
}

export type IncidentBundle = Omit<IncidentSummary, 'id' | 'hooks'> & {
  readonly format: 1
  readonly tenant?: string
  readonly digest: string
  /** Of the code sections alone. */
  readonly codeDigest?: string
  readonly policy: { readonly version: number; readonly hash?: string; readonly text?: string }
  /** What all of its runs came to. */
  readonly ledger: { readonly [name: string]: number }
  /** The messages at the heads of its lanes: never their bodies. */
  readonly mailbox: readonly { readonly subject: string; readonly bytes: number; readonly sender: string }[]
  readonly events: readonly unknown[]
  readonly audit: readonly unknown[]
  /** The end of what it wrote. */
  readonly log: string
  /** What was cut to keep the bundle within its bounds. */
  readonly truncated: readonly string[]
}

export type IncidentReport = {
  readonly id: number
  readonly hooks: readonly HookReport[]
  readonly bundle: IncidentBundle
}
