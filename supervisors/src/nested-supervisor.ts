import type { ExitReport } from '@bulkhead/vocabulary'
import type { ChildPort, ChildRun, CompletePlan } from './child-port.js'
import type { SupervisorNode } from './supervisor-node.js'
import { completePlan, idOf, type SupervisorPlan } from './supervisor-plan.js'

/**
 * A supervisor as a child of its own supervisor: the very machine that restarts components restarts it. Each start is a new
 * node, made from the plan, so that what was started by calls does not come back.
 */
export class NestedSupervisor implements ChildPort {
  readonly #make: (plan: SupervisorPlan) => SupervisorNode
  #plan: SupervisorPlan
  #node: SupervisorNode
  /**
   * Its next life, made when the last one is gone and shown only from its start on. It is not made at that start, because a
   * start happens inside a step of another machine, and xstate takes the making of one there for a mistake.
   */
  #next: SupervisorNode | undefined

  constructor(plan: SupervisorPlan, make: (plan: SupervisorPlan) => SupervisorNode) {
    this.#make = make
    this.#plan = plan
    this.#node = make(plan)
  }

  /** Its present life, or its last one. */
  get node(): SupervisorNode {
    return this.#node
  }

  get plan(): SupervisorPlan {
    return this.#plan
  }

  /** Its plan as its own supervisor sees it. It is ours, so its end is no component's doing: it is trusted. */
  get asChild(): CompletePlan {
    const { restart, significant, shutdownMs = 'infinity' } = this.#plan
    return completePlan({
      id: idOf(this.#plan),
      ...(restart === undefined ? {} : { restart }),
      ...(significant === undefined ? {} : { significant }),
      shutdownMs,
      // Its children have deadlines of their own.
      startMs: Number.POSITIVE_INFINITY,
      trust: 'trusted',
      port: this,
    })
  }

  /** The plan of its next life. */
  replan(plan: SupervisorPlan): CompletePlan {
    this.#plan = plan
    if (this.#next !== undefined) this.#renew()
    return this.asChild
  }

  start(): ChildRun {
    this.#node = this.#next ?? this.#node
    this.#next = undefined
    const node = this.#node
    node.start()
    return {
      ready: readiness(node),
      exited: this.#exitOf(node),
      stuck: stuckness(node),
      stop: () => node.stop(),
      kill: async () => {
        node.kill()
        await node.ended
        return node.isGone ? 'exited' : 'zombie'
      },
    }
  }

  /** What its children left is a memory before the next life begins; the names that do not come back are free. */
  disband(isForGood: boolean): void {
    this.#node.disband(isForGood)
    this.#next?.disband(isForGood)
  }

  async #exitOf(node: SupervisorNode): Promise<ExitReport> {
    const report = await node.gone
    this.#renew()
    return report
  }

  #renew(): void {
    this.disband(false)
    this.#next = this.#make(this.#plan)
  }
}

/** A supervisor whose start failed never becomes ready: its exit tells. */
async function readiness(node: SupervisorNode): Promise<void> {
  if ((await node.started) === 'failed') await new Promise<never>(() => undefined)
}

/** It is down, and something below it still runs: its own supervisor must not start it beside that. */
async function stuckness(node: SupervisorNode): Promise<void> {
  await node.ended
  if (node.isGone) await new Promise<never>(() => undefined)
}
