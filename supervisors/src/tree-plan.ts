import { BulkheadError, isName } from '@bulkhead/vocabulary'
import type { ChildPlan, ShutdownMs } from './child-port.js'
import {
  childrenMax,
  restartsPerWindow,
  restartsPerWindowMax,
  restartWindowMs,
  restartWindowMsMax,
  shutdownMsMax,
  treeDepthMax,
} from './limits.js'
import type { Intensity, RestartType } from './planning/restart-spec.js'
import { type AutoShutdown, autoShutdowns, idOf, profiles, type SupervisorPlan, strategies } from './supervisor-plan.js'

/** A restart budget forgiving 3 exits in 60 s. */
export const defaultIntensity: Intensity = { restarts: restartsPerWindow, withinMs: restartWindowMs }

const restartTypes: readonly RestartType[] = ['permanent', 'transient', 'temporary']

/**
 * Checks the plan of a supervisor and of all below it, once; everything behind it trusts it.
 *
 * @param depth of this supervisor; the root has 1.
 * @throws {BulkheadError} `usage` for an illegal name, a name that two bear, too many children, too deep a tree, a number
 *   out of its bounds, or a combination that cannot be meant.
 */
export function checkSupervisorPlan(plan: SupervisorPlan, depth: number): void {
  const seen = new Set<string>()
  checkSupervisor(plan, depth, seen)
}

/**
 * Checks one child's plan as a child of `parent`.
 *
 * @throws {BulkheadError} as {@link checkSupervisorPlan}
 */
export function checkChildPlan(child: ChildPlan | SupervisorPlan, autoShutdown: AutoShutdown, depth: number): void {
  checkMember(child, autoShutdown, depth, new Set())
}

function checkSupervisor(plan: SupervisorPlan, depth: number, seen: Set<string>): void {
  const { name, children, template } = plan
  if (!isName(name)) throw wrong(`\`${String(name).slice(0, 100)}\` is not a supervisor name`)
  note(name, seen)
  if (depth > treeDepthMax)
    throw wrong(`\`${name}\` is ${depth} supervisors deep; at most ${treeDepthMax} are possible`)
  checkFlags(plan)
  const most = plan.childrenMax ?? childrenMax
  if (children.length > most) {
    throw wrong(`\`${name}\` has ${children.length} children; at most ${most} are possible`)
  }
  if (template !== undefined) checkPool(plan, template)
  for (const child of children) checkMember(child, plan.autoShutdown ?? 'never', depth, seen)
}

function checkFlags(plan: SupervisorPlan): void {
  const { name } = plan
  checkOneOf(`${name}: strategy`, plan.strategy, strategies)
  checkOneOf(`${name}: profile`, plan.profile, profiles)
  checkOneOf(`${name}: autoShutdown`, plan.autoShutdown, autoShutdowns)
  const { restarts, withinMs } = plan.intensity ?? defaultIntensity
  checkWhole(`${name}: intensity.restarts`, restarts, 0, restartsPerWindowMax)
  checkWhole(`${name}: intensity.withinMs`, withinMs, 1, restartWindowMsMax)
  if (plan.childrenMax !== undefined) checkWhole(`${name}: childrenMax`, plan.childrenMax, 0, childrenMax)
}

function checkPool(plan: SupervisorPlan, template: NonNullable<SupervisorPlan['template']>): void {
  const { name } = plan
  if (plan.children.length > 0) throw wrong(`\`${name}\` has a template and children of its own; a pool has none`)
  if ((plan.strategy ?? 'one_for_one') !== 'one_for_one') {
    throw wrong(`\`${name}\` is a pool with strategy \`${plan.strategy}\`; a pool has no other than \`one_for_one\``)
  }
  if ((plan.autoShutdown ?? 'never') !== 'never') {
    throw wrong(`\`${name}\` is a pool with autoShutdown \`${plan.autoShutdown}\`; a pool has no other than \`never\``)
  }
  checkTimes(`${name}: template`, template)
}

function checkMember(
  child: ChildPlan | SupervisorPlan,
  autoShutdown: AutoShutdown,
  depth: number,
  seen: Set<string>,
): void {
  const id = idOf(child)
  if (child.kind === 'supervisor') {
    checkSupervisor(child, depth + 1, seen)
    checkTimes(id, child)
  } else {
    if (typeof id !== 'string') throw wrong('a child without an id; a name is expected')
    note(id, seen)
    if (typeof child.port?.start !== 'function') throw wrong(`${id}: port has no \`start\``)
    checkTimes(id, child)
  }
  checkSignificance(id, child, autoShutdown)
}

type Times = {
  readonly restart?: RestartType
  readonly shutdownMs?: ShutdownMs
  readonly startMs?: number
}

function checkTimes(what: string, plan: Times): void {
  checkOneOf(`${what}: restart`, plan.restart, restartTypes)
  const { shutdownMs = 'infinity' } = plan
  if (shutdownMs !== 'infinity') checkWhole(`${what}: shutdownMs`, shutdownMs, 0, shutdownMsMax)
  if (plan.startMs !== undefined) checkWhole(`${what}: startMs`, plan.startMs, 1, shutdownMsMax)
}

/** As OTP has it: what is always restarted never ends by itself, and under `never` nobody asks. */
function checkSignificance(id: string, child: ChildPlan | SupervisorPlan, autoShutdown: AutoShutdown): void {
  if (child.significant !== true) return
  if ((child.restart ?? 'permanent') === 'permanent') {
    throw wrong(`\`${id}\` is significant and \`permanent\`; only \`transient\` and \`temporary\` children can be`)
  }
  if (autoShutdown === 'never') {
    throw wrong(
      `\`${id}\` is significant under autoShutdown \`never\`; \`any_significant\` or \`all_significant\` is expected`,
    )
  }
}

function checkOneOf(what: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return
  throw wrong(`${what} is \`${value}\`; one of ${allowed.map((one) => `\`${one}\``).join(', ')} is expected`)
}

function note(name: string, seen: Set<string>): void {
  if (seen.has(name)) throw wrong(`two children are called \`${name}\``)
  seen.add(name)
}

function checkWhole(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw wrong(`${what} is \`${value}\`; a whole number from ${least} to ${most} is expected`)
}

/** The error of a plan or call that cannot be meant. */
export function wrong(message: string): BulkheadError {
  return new BulkheadError('usage', message)
}
