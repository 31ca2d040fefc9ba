import type { FaultClass, Hostility } from '@bulkhead/vocabulary'
import type { RestartType, Trust } from './restart-spec.js'

// The table that supervision is judged by: what a child does, and what becomes of it. Run over the pure functions in
// `ladder-scenarios.test.ts` and over whole trees on simulated time in `ladder-tree.test.ts`.

/** One exit: how long after the run was ready, and what follows. */
export type ScenarioStep = {
  readonly fault: FaultClass | Hostility
  /** Milliseconds from ready to the exit. */
  readonly afterMs: number
  /** `restart`, `climb LEVEL`, `quarantine CAUSE`, `escalate`, or how it ended. */
  readonly then: string
}

export type Scenario = {
  readonly name: string
  readonly restart?: RestartType
  readonly trust?: Trust
  readonly walls?: 'none'
  readonly steps: readonly ScenarioStep[]
}

const minute = 60_000
const step = (fault: ScenarioStep['fault'], then: string, afterMs = 100): ScenarioStep => ({ fault, afterMs, then })

export const scenarios: readonly Scenario[] = [
  {
    name: '4 crashes: the fourth exhausts',
    steps: [
      step('crash', 'restart'),
      step('crash', 'restart'),
      step('crash', 'restart'),
      step('crash', 'quarantine exhausted'),
    ],
  },
  {
    name: '4 crashes of a trusted child end its supervisor',
    trust: 'trusted',
    steps: [step('crash', 'restart'), step('crash', 'restart'), step('crash', 'restart'), step('crash', 'escalate')],
  },
  {
    name: 'crashes further apart than the window go on for ever',
    steps: Array.from({ length: 12 }, () => step('crash', 'restart', 61_000)),
  },
  { name: '1 deadline', steps: [step('resource', 'restart')] },
  { name: '2 deadlines', steps: [step('resource', 'restart'), step('resource', 'climb reduced')] },
  {
    name: '2 deadlines climb a trusted child too',
    trust: 'trusted',
    steps: [step('resource', 'restart'), step('resource', 'climb reduced')],
  },
  {
    name: '6 deadlines climb the whole ladder, the last rung for a term',
    steps: [
      step('resource', 'restart'),
      step('resource', 'climb reduced'),
      step('resource', 'restart'),
      step('resource', 'climb process'),
      step('resource', 'restart'),
      step('resource', 'quarantine resource'),
    ],
  },
  { name: '1 tripwire', steps: [step('security', 'climb reduced')] },
  { name: '2 tripwires', steps: [step('security', 'climb reduced'), step('security', 'climb process')] },
  {
    name: '3 tripwires',
    steps: [
      step('security', 'climb reduced'),
      step('security', 'climb process'),
      step('security', 'quarantine security'),
    ],
  },
  {
    name: '2 tripwires where no walls are up',
    walls: 'none',
    steps: [step('security', 'climb reduced'), step('security', 'quarantine security')],
  },
  {
    name: 'a tripwire a minute is one a rung',
    steps: [
      step('security', 'climb reduced', minute),
      step('security', 'climb process', minute),
      step('security', 'quarantine security', minute),
    ],
  },
  { name: 'crash and deadline', steps: [step('crash', 'restart'), step('resource', 'restart')] },
  {
    name: 'crash and deadline share the restarts, not the score',
    steps: [
      step('crash', 'restart'),
      step('resource', 'restart'),
      step('crash', 'restart'),
      step('crash', 'quarantine exhausted'),
    ],
  },
  {
    name: 'a rung clears the restarts: three more crashes are survived on it',
    steps: [
      step('crash', 'restart'),
      step('resource', 'restart'),
      step('resource', 'climb reduced'),
      step('crash', 'restart'),
      step('crash', 'restart'),
      step('crash', 'restart'),
      step('crash', 'quarantine exhausted'),
    ],
  },
  ...(['forged-handle', 'type-violation', 'digest-mismatch', 'injection'] as const).map(
    (hostility): Scenario => ({
      name: `${hostility}, once`,
      trust: 'trusted',
      steps: [step(hostility, 'quarantine hostility')],
    }),
  ),
  {
    name: 'a forged handle of a temporary child',
    restart: 'temporary',
    steps: [step('forged-handle', 'quarantine hostility')],
  },
  {
    name: 'faults of the host are never charged',
    steps: [
      ...Array.from({ length: 8 }, () => step('host', 'restart')),
      step('crash', 'restart'),
      step('crash', 'restart'),
      step('crash', 'restart'),
    ],
  },
  {
    name: 'clean exits too soon of a permanent child',
    steps: [
      step('normal', 'restart', 4_000),
      step('normal', 'restart', 4_000),
      step('shutdown', 'restart', 4_000),
      step('normal', 'quarantine exhausted', 4_000),
    ],
  },
  {
    name: 'clean exits of a permanent child after its minimum uptime',
    steps: Array.from({ length: 8 }, () => step('normal', 'restart', 5_000)),
  },
  { name: 'a clean exit of a transient child', restart: 'transient', steps: [step('normal', 'completed', 10)] },
  {
    name: 'a deadline is halved after 5 minutes: two of them, 5 minutes apart, are 3',
    steps: [step('resource', 'restart'), step('resource', 'restart', 5 * minute)],
  },
  {
    name: 'a deadline is not halved before: two of them in less than 5 minutes are 4',
    steps: [step('resource', 'restart'), step('resource', 'climb reduced', 4 * minute)],
  },
  {
    name: 'the last point is never forgotten by time: the third deadline climbs, however slow',
    steps: [
      step('resource', 'restart'),
      step('resource', 'restart', 6 * minute),
      step('resource', 'climb reduced', 6 * minute),
    ],
  },
  {
    name: 'a crash starts the 5 minutes anew',
    steps: [
      step('resource', 'restart'),
      step('crash', 'restart', 4 * minute),
      step('resource', 'climb reduced', 4 * minute),
    ],
  },
  {
    name: 'a fault of the host does not',
    steps: [step('resource', 'restart'), step('host', 'restart', 4 * minute), step('resource', 'restart', 4 * minute)],
  },
]
