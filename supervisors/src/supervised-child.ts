import type { ChildId, Clock, Usage } from '@bulkhead/vocabulary'
import { type Actor, createActor } from 'xstate'
import { type ChildMachineEvent, type ChildWorld, childMachine, standingReason } from './child.machine.js'
import type { ChildPlan } from './child-port.js'
import type { ChildState } from './child-state.js'
import { addUsage, type ChildView, noUsage } from './child-view.js'
import { readClearance } from './clearance.js'
import { childInboxEventsMax, startDeadlineMs } from './limits.js'
import { machineClock } from './machine-clock.js'
import { MachineInbox } from './machine-inbox.js'
import { restartsLeft } from './planning/restart-account.js'
import type { Intensity } from './planning/restart-spec.js'

/** What a child tells its tree. */
export type ChildHandlers = {
  /** It came to rest in another state, after a whole step. */
  readonly moved: (state: ChildState) => void
  /** Its machine failed: a fault of ours. The machine is gone, the state is `failed`, its run is for the reaper. */
  readonly broken: (reason: string) => void
}

export type SupervisedChildOptions = {
  readonly plan: ChildPlan
  readonly intensity: Intensity
  readonly clock: Clock
  readonly nowMs: () => number
  readonly world: Omit<ChildWorld, 'nowMs'>
  readonly handlers: ChildHandlers
}

/** One child: its machine, the inbox before it, and the view of both. The machine is nobody's xstate child, so its errors stay here. */
export class SupervisedChild {
  readonly id: ChildId
  readonly plan: ChildPlan
  readonly #options: SupervisedChildOptions
  readonly #inbox = new MachineInbox(childInboxEventsMax)
  readonly #actor: Actor<typeof childMachine>
  #state: ChildState = 'declared'
  #sinceWallMs: number
  #usage: Usage = noUsage
  #brokenReason: string | undefined
  #forget: (() => void) | undefined
  #isAdmissionTold = false

  constructor(options: SupervisedChildOptions) {
    const { plan, clock, nowMs, world, intensity } = options
    this.id = plan.id
    this.plan = plan
    this.#options = options
    this.#sinceWallMs = clock.wallMs()
    const { restart, shutdownMs } = plan
    const spec = { restart, intensity, shutdownMs, startMs: plan.startMs ?? startDeadlineMs }
    this.#actor = createActor(childMachine, {
      input: { spec, world: { ...world, nowMs } },
      clock: machineClock(clock, (task) => this.#enqueue(task)),
    })
    // Without an observer for errors xstate would throw them into the void of a timer.
    this.#actor.subscribe({ error: () => undefined })
    this.#actor.start()
    this.#forget = plan.admission?.onChange(() => this.#admissionChanged())
  }

  /** Starts the child if it is admitted; else it waits until it is. */
  start(): void {
    this.#enqueue(() => this.#actor.send({ type: 'child.start', clearance: readClearance(this.plan) }))
  }

  /** Hears no more of its admission. */
  close(): void {
    this.#forget?.()
    this.#forget = undefined
  }

  /** Delivers an event to the machine, behind those that wait. What is said to a broken machine is of no effect. */
  deliver(event: Exclude<ChildMachineEvent, { type: 'child.start' | 'child.admission' }>): void {
    this.#enqueue(() => {
      if (event.type === 'run.exited') this.#usage = addUsage(this.#usage, event.report.usage)
      this.#actor.send(event)
    })
  }

  get state(): ChildState {
    return this.#state
  }

  get isBroken(): boolean {
    return this.#brokenReason !== undefined
  }

  /** Whether the machine is active and owns the run of this incarnation. */
  isAt(incarnation: number): boolean {
    return !this.isBroken && this.#actor.getSnapshot().context.incarnation === incarnation
  }

  view(): ChildView {
    const { context } = this.#actor.getSnapshot()
    const { plan, clock, nowMs, intensity } = this.#options
    const expect = plan.expect ?? 'completed'
    const reason = this.#brokenReason ?? standingReason(context)
    return {
      id: this.id,
      state: this.#state,
      incarnation: context.incarnation,
      restarts: Math.max(0, context.incarnation - 1),
      restartsLeft: restartsLeft(context.account, intensity, nowMs()),
      ...(reason === undefined ? {} : { reason }),
      sinceMs: this.#sinceWallMs,
      ...(context.plan.kind === 'quarantine' && context.plan.untilMs !== undefined
        ? { quarantinedUntil: Math.round(clock.wallMs() + context.plan.untilMs - nowMs()) }
        : {}),
      expect,
      metExpectation: this.#state === expect,
      ...(context.report === undefined ? {} : { lastExit: context.report }),
      usage: this.#usage,
    }
  }

  /** However often it changes before the machine comes to it, it is told once: it reads what is true then. */
  #admissionChanged(): void {
    if (this.#isAdmissionTold) return
    this.#isAdmissionTold = true
    this.#enqueue(() => {
      this.#isAdmissionTold = false
      this.#actor.send({ type: 'child.admission', clearance: readClearance(this.plan) })
    })
  }

  #enqueue(task: () => void): void {
    const offered = this.#inbox.offer(() => {
      task()
      this.#afterStep()
    })
    // More events than a child can cause: something that we do not understand talks to it. It is not served on a guess.
    if (offered === 'overloaded') this.#break('its inbox overflowed')
  }

  #afterStep(): void {
    const snapshot = this.#actor.getSnapshot()
    if (snapshot.status === 'error') {
      const { error } = snapshot
      this.#break(error instanceof Error ? error.message : String(error))
      return
    }
    const state = stateOf(snapshot.value)
    if (state === this.#state) return
    this.#enter(state)
    this.#options.handlers.moved(state)
  }

  #break(reason: string): void {
    if (this.isBroken) return
    this.#brokenReason = `a fault in its supervision: ${reason}`
    this.close()
    this.#inbox.close()
    this.#actor.stop()
    this.#enter('failed')
    this.#options.handlers.broken(this.#brokenReason)
  }

  #enter(state: ChildState): void {
    this.#state = state
    this.#sinceWallMs = this.#options.clock.wallMs()
  }
}

/** The outermost state: what lies within (`backoff.waiting`, `backoff.due`) is the machine's own affair. */
function stateOf(value: string | { readonly [outer: string]: unknown }): ChildState {
  return (typeof value === 'string' ? value : Object.keys(value)[0]) as ChildState
}
