import type { ChildState } from '@bulkhead/supervisors'
import type { TreeChildView, TreeView } from '../administration/tree-view.js'
import type { HostWalls } from '../ladder-api.js'
import type { HealthCounts } from './health-counts.js'
import { childrenNamedMax, reasonsShownMax } from './limits.js'
import { unreadiness } from './readiness.js'

/** How a runtime stands, for people, probes and dashboards. Plain JSON, true at the moment of the call. */
export type HealthReport = {
  /** `failed`: it cannot do its work. `degraded`: it does, and somebody should look why not all of it. */
  readonly status: 'ok' | 'degraded' | 'failed'
  /** Whether it has taken up its work: every supervisor has started, and every child that the tree wants to run has been ready once. */
  readonly ready: boolean
  /** Whether it makes progress: restart the process where it does not. */
  readonly live: boolean
  /** Why it is not `ok`, ready and live; the gravest first, at most 20 and how many more. */
  readonly reasons: readonly string[]
  /** When the runtime started: wall clock, milliseconds since 1970 UTC. */
  readonly since: number
  /** `runtime.id`: another one after each start. */
  readonly id: string
  /** That of the last health event: what comes after it is news. */
  readonly cursor: string
  readonly version: string
  readonly node: string
  readonly pid: number
  /** How many are in which state; members of pools are counted one by one. */
  readonly children: Readonly<Partial<Record<ChildState, number>>>
  readonly security: {
    /** Health events of types `security.…` since the start. */
    readonly violations: number
    /** Children by name, at most 100 in each list. */
    readonly quarantined: readonly string[]
    /** At level `process`. */
    readonly isolated: readonly string[]
    readonly reduced: readonly string[]
  }
  /** Absent until somebody needed to know: `runtime.walls()` looks. */
  readonly walls?: HostWalls
  readonly journal: { readonly stalled: boolean; readonly strict: boolean }
  /** Threads that would not end. */
  readonly zombies: number
}

/** What a report is made of. */
export type HealthSources = Pick<HealthReport, 'since' | 'id' | 'cursor' | 'version' | 'node' | 'pid'> & {
  readonly counts: HealthCounts
  /** `undefined`: it runs no tree. */
  readonly tree: TreeView | undefined
  readonly walls: HostWalls | undefined
  readonly isStrict: boolean
  /** Why the process gives itself up. */
  readonly gaveUp: string | undefined
  readonly isStopping: boolean
}

export function healthReport(sources: HealthSources): HealthReport {
  const { counts, tree, gaveUp, walls, isStopping } = sources
  const { since, id, cursor, version, node, pid } = sources
  const children = tree === undefined ? [] : componentsOf(tree)
  const dead = [
    ...(gaveUp === undefined ? [] : [`giving up: ${gaveUp}`]),
    ...(counts.stalled === undefined ? [] : [`the audit journal stalled: ${counts.stalled}`]),
  ]
  const unready = [
    ...(isStopping ? ['the runtime was stopped'] : []),
    ...(tree === undefined ? [] : unreadiness(tree, counts)),
  ]
  const unwell = tree === undefined ? [] : illnesses(tree)
  const isFailed = dead.length > 0 || tree?.health.status === 'failed'
  const reasons = [...new Set([...dead, ...unready, ...unwell])]
  return {
    status: isFailed ? 'failed' : reasons.length > 0 ? 'degraded' : 'ok',
    ready: dead.length === 0 && unready.length === 0,
    live: dead.length === 0,
    reasons: shortened(reasons),
    ...{ since, id, cursor, version, node, pid },
    children: countsByState(children),
    security: {
      violations: counts.violations,
      quarantined: namesOf(children, ({ state }) => state === 'quarantined'),
      isolated: namesOf(children, ({ level }) => level === 'process'),
      reduced: namesOf(children, ({ level }) => level === 'reduced'),
    },
    ...(walls === undefined ? {} : { walls }),
    journal: { stalled: counts.stalled !== undefined, strict: sources.isStrict },
    zombies: children.filter(({ state }) => state === 'zombie').length,
  }
}

function componentsOf({ children }: TreeView): readonly TreeChildView[] {
  return children.flatMap((member) => (member.kind === 'supervisor' ? componentsOf(member) : [member]))
}

/** What is not well, supervisors before their children. What ended as was expected of it is. */
function illnesses({ name, health, children }: TreeView): readonly string[] {
  const own = health.status === 'healthy' ? [] : [`supervisor \`${name}\`: ${health.reasons.join('; ')}`]
  const below = children.flatMap((member) => {
    if (member.kind === 'supervisor') return illnesses(member)
    const { id, state, metExpectation, health } = member
    const isWell = metExpectation || health.status === 'healthy'
    return isWell ? [] : [`\`${id}\` is ${state}: ${health.reasons.join('; ')}`]
  })
  return [...own, ...below]
}

function shortened(reasons: readonly string[]): readonly string[] {
  if (reasons.length <= reasonsShownMax) return reasons
  return [...reasons.slice(0, reasonsShownMax), `and ${reasons.length - reasonsShownMax} more`]
}

function countsByState(children: readonly TreeChildView[]): HealthReport['children'] {
  const counts: Partial<Record<ChildState, number>> = {}
  for (const { state } of children) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

function namesOf(children: readonly TreeChildView[], isMeant: (child: TreeChildView) => boolean): readonly string[] {
  return children
    .filter(isMeant)
    .slice(0, childrenNamedMax)
    .map(({ id }) => id)
}
