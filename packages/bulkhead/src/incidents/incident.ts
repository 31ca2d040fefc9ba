import type { IncidentBundle, Level } from '@bulkhead/supervisors'

/** Who is told of an incident: a command, the subscribers of a topic, the host application. */
export type HookKind = 'command' | 'topic' | 'callback'

/** What became of one hook. `late`: it was ended at its deadline. `skipped`: too many others waited. */
export type HookOutcome = {
  readonly hook: HookKind
  readonly outcome: 'done' | 'failed' | 'late' | 'skipped'
  readonly reason?: string
}

/** What a list shows of an incident. */
export type IncidentSummary = {
  /** Names it in this state directory. */
  readonly id: number
  readonly child: string
  readonly incarnation: number
  readonly from: Level
  readonly to: Level
  readonly reason: string
  /** ISO 8601, UTC. */
  readonly time: string
  /** What became of the hooks; empty while they run, and where there are none. */
  readonly hooks: readonly HookOutcome[]
}

/** One incident as it is kept: what was known at that moment, and who was told. */
export type Incident = {
  readonly id: number
  readonly hooks: readonly HookOutcome[]
  readonly bundle: IncidentBundle
}

export function summaryOf({ id, hooks, bundle }: Incident): IncidentSummary {
  const { child, incarnation, from, to, reason, time } = bundle
  return { id, child, incarnation, from, to, reason, time, hooks }
}
