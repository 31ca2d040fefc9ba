import type { ChildId, Clock, ExitReport, FaultClass, HealthEventDraft, Hostility } from '@bulkhead/vocabulary'
import { parseChildId, SimulatedClock } from '@bulkhead/vocabulary'
import type { Admission, AdmissionPort, ChildPlan, ChildPort, ChildRun, StartTerms } from './child-port.js'
import type { ChildState } from './child-state.js'
import type { ChildView } from './child-view.js'
import { SupervisionTree, type SupervisionTreeOptions } from './supervision-tree.js'
import type { SupervisorPlan } from './supervisor-plan.js'

// Simulated children and a tree of them on simulated time: what the tests of this workspace stand on.

export function report(faultClass: FaultClass, reason: string = faultClass, hostility?: Hostility): ExitReport {
  const usage = { wallMs: 10, cpuMs: 5, memoryPeak: 1_000, checksGranted: 2, checksDenied: 1 }
  const base = { class: faultClass, reason, commandExitCode: faultClass === 'normal' ? 0 : 1, usage }
  return hostility === undefined ? base : { ...base, hostility }
}

/** How a simulated child behaves when nothing else is said. */
export type Behaviour = {
  readonly ready: 'at-once' | 'never' | 'when-told' | 'ignored' | 'fails'
  /** What it does when asked to stop: exits with this class, or ignores it. */
  readonly onStop: FaultClass | 'ignores'
  /** What a kill does: ends it, ends it without a report, is not seen to end it, or is never answered. */
  readonly onKill: 'exits' | 'exits-mute' | 'zombie' | 'silent' | 'rejects'
}

const cooperative: Behaviour = { ready: 'at-once', onStop: 'shutdown', onKill: 'exits' }

export class SimulatedRun implements ChildRun {
  readonly incarnation: number
  readonly ready: Promise<undefined | 'ignored'>
  readonly exited: Promise<ExitReport>
  readonly stuck: Promise<void>
  readonly #behaviour: Behaviour
  becomeReady: () => void = () => undefined
  getStuck: () => void = () => undefined
  loseExit: (reason: Error) => void = () => undefined
  stops = 0
  kills = 0
  live = true
  #resolveExit: (report: ExitReport) => void = () => undefined

  constructor(incarnation: number, behaviour: Behaviour) {
    this.incarnation = incarnation
    this.#behaviour = behaviour
    this.ready = new Promise((resolve) => {
      this.becomeReady = () => resolve(behaviour.ready === 'ignored' ? 'ignored' : undefined)
    })
    this.exited = new Promise((resolve, reject) => {
      this.#resolveExit = resolve
      this.loseExit = reject
    })
    this.stuck = new Promise((resolve) => {
      this.getStuck = resolve
    })
    if (behaviour.ready === 'at-once' || behaviour.ready === 'ignored') this.becomeReady()
    if (behaviour.ready === 'ignored') this.live = false
    if (behaviour.ready === 'fails') this.exit(report('crash', 'the start failed'))
  }

  exit(exit: ExitReport): void {
    this.live = false
    this.#resolveExit(exit)
  }

  stop(): void {
    this.stops++
    if (this.#behaviour.onStop !== 'ignores') this.exit(report(this.#behaviour.onStop))
  }

  async kill(): Promise<'exited' | 'zombie'> {
    this.kills++
    switch (this.#behaviour.onKill) {
      case 'exits':
        this.exit(report('shutdown', 'killed'))
        return 'exited'
      case 'exits-mute':
        this.live = false
        return 'exited'
      case 'zombie':
        return 'zombie'
      case 'rejects':
        throw new Error('the port broke')
      default:
        return await new Promise<never>(() => undefined)
    }
  }
}

export class SimulatedPort implements ChildPort {
  readonly runs: SimulatedRun[] = []
  /** How each run was to be run. */
  readonly terms: StartTerms[] = []
  behaviour: Behaviour
  failStart: Error | undefined
  /** Set when a run was started beside a live one: what must never happen. */
  doubled = false

  constructor(behaviour: Partial<Behaviour> = {}) {
    this.behaviour = { ...cooperative, ...behaviour }
  }

  start = (incarnation: number, terms: StartTerms = { level: 'thread', canary: false }): SimulatedRun => {
    this.terms.push(terms)
    if (this.runs.some((run) => run.live)) this.doubled = true
    if (this.failStart !== undefined) throw this.failStart
    const run = new SimulatedRun(incarnation, this.behaviour)
    this.runs.push(run)
    return run
  }

  get run(): SimulatedRun {
    const last = this.runs.at(-1)
    if (last === undefined) throw new Error('nothing was started')
    return last
  }
}

/** An admission that is opened and closed by hand. */
export class SimulatedAdmission implements AdmissionPort {
  #admission: Admission
  readonly #listeners = new Set<() => void>()

  constructor(reason?: string) {
    this.#admission = reason === undefined ? { kind: 'open' } : { kind: 'waiting', reason }
  }

  readonly state = (): Admission => this.#admission

  readonly onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  become(reason?: string): void {
    this.#admission = reason === undefined ? { kind: 'open' } : { kind: 'waiting', reason }
    for (const listener of this.#listeners) listener()
  }

  get listeners(): number {
    return this.#listeners.size
  }
}

/** Lets everything that is due without time passing happen. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/**
 * Simulated time in which promises get their turn: it stops at each instant at which a timer falls due and lets everything
 * settle there. A plain `advance` would let deadlines pass before a promise that was resolved at once is heard.
 */
export class SettlingClock implements Clock {
  readonly #clock = new SimulatedClock()
  readonly #due = new Set<number>()
  /** How often the next reading of the time fails. */
  failures = 0
  /** How often the time was read: a measure of work that does not depend on the machine. */
  readings = 0

  readonly wallMs = this.#clock.wallMs
  readonly monotonicNs = (): bigint => {
    this.readings++
    if (this.failures === 0) return this.#clock.monotonicNs()
    this.failures--
    throw new Error('no time')
  }
  readonly after = (delayMs: number, fire: () => void): (() => void) => {
    this.#due.add(this.wallMs() + delayMs)
    return this.#clock.after(delayMs, fire)
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.wallMs() + ms
    for (;;) {
      const next = Math.min(untilMs, ...this.#due)
      this.#due.delete(next)
      this.#clock.advance(Math.max(0, next - this.wallMs()))
      await settle()
      if (next === untilMs && !this.#due.has(untilMs)) return
    }
  }

  get pendingTimers(): number {
    return this.#clock.pendingTimers
  }
}

export class SimulatedTree {
  readonly clock: SettlingClock
  readonly events: HealthEventDraft[] = []
  readonly fences: string[] = []
  readonly tree: SupervisionTree
  random = 1 - Number.EPSILON

  constructor(
    plans: readonly (ChildPlan | SupervisorPlan)[],
    more: Partial<SupervisionTreeOptions> & { readonly clock?: SettlingClock } = {},
  ) {
    this.clock = more.clock ?? new SettlingClock()
    this.tree = new SupervisionTree({
      name: 'root',
      children: plans,
      clock: this.clock,
      random: () => this.random,
      onEvent: (event) => this.events.push(event),
      onFence: (id, incarnation) => this.fences.push(`${id}#${incarnation}`),
      ...more,
    })
  }

  /** Starts the tree and lets it settle, without waiting for a start that may never end. */
  async start(): Promise<void> {
    void this.tree.start()
    await settle()
  }

  async pass(ms: number): Promise<void> {
    await this.clock.pass(ms)
  }

  view(id: string): ChildView {
    const found = this.tree.children().find((child) => child.id === id)
    if (found === undefined) throw new Error(`no child ${id}`)
    return found
  }

  states(): ChildState[] {
    return this.tree.children().map((child) => child.state)
  }

  /** `type child` of each event since the last call. */
  told(): string[] {
    return this.events.splice(0).map((event) => [event.type, event.child ?? ''].join(' ').trim())
  }
}

export function supervisor(
  name: string,
  children: readonly (ChildPlan | SupervisorPlan)[],
  more: Partial<SupervisorPlan> = {},
): SupervisorPlan {
  return { kind: 'supervisor', name, children, ...more }
}

export function plan(id: string, port: ChildPort, more: Partial<Omit<ChildPlan, 'id' | 'port'>> = {}): ChildPlan {
  const childId: ChildId = parseChildId(id)
  return { id: childId, restart: 'permanent', shutdownMs: 5_000, trust: 'unknown', port, ...more }
}
