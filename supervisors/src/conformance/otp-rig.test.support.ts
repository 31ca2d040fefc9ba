import { type ChildId, parseChildId } from '@bulkhead/vocabulary'
import type { ListedChild, StartChildResult } from '../administration-results.js'
import type { ChildPlan } from '../child-port.js'
import type { RestartType } from '../planning/restart-spec.js'
import { type Behaviour, plan, report, SimulatedPort, SimulatedTree, settle } from '../simulated-port.test.support.js'
import type { SupervisionTree, SupervisionTreeOptions } from '../supervision-tree.js'
import type { SupervisorPlan } from '../supervisor-plan.js'

// Erlang's vocabulary over a tree of profile `otp`: crash = abnormal exit, stop = normal exit, sd = exit `shutdown`,
// counts = [specs, active, supervisors, workers]. Unless a case says otherwise: one_for_one, 2 restarts in an hour.

export const id = parseChildId
export const hourMs = 3_600_000

export const crash = report('crash', 'boom')
export const stop = report('normal', 'done')
export const sd = report('shutdown', 'asked to')

type Flags = Partial<
  Pick<SupervisionTreeOptions, 'strategy' | 'intensity' | 'autoShutdown' | 'template' | 'childrenMax' | 'profile'>
>

/** A child as the cases name it: its id, and how it is restarted. */
export type Spec = {
  readonly id: string
  readonly restart?: RestartType
  readonly significant?: boolean
  readonly shutdownMs?: ChildPlan['shutdownMs']
  readonly behaviour?: Partial<Behaviour>
}

export class OtpTree {
  readonly ports = new Map<string, SimulatedPort>()
  readonly simulated: SimulatedTree
  readonly #flags: Flags

  constructor(specs: readonly (Spec | SupervisorPlan)[] = [], flags: Flags = {}) {
    this.#flags = { profile: 'otp', intensity: { restarts: 2, withinMs: hourMs }, ...flags }
    const children = specs.map((spec) => ('kind' in spec ? spec : this.plan(spec)))
    this.simulated = new SimulatedTree(children, this.#flags)
  }

  static async started(specs: readonly (Spec | SupervisorPlan)[] = [], flags: Flags = {}): Promise<OtpTree> {
    const tree = new OtpTree(specs, flags)
    await tree.start()
    return tree
  }

  get tree(): SupervisionTree {
    return this.simulated.tree
  }

  /** A child's plan over a simulated port of its own; the port of an id stays the same. */
  plan({ id: name, behaviour, restart, significant, shutdownMs }: Spec): ChildPlan {
    const port = this.ports.get(name) ?? new SimulatedPort(behaviour)
    this.ports.set(name, port)
    return plan(name, port, {
      ...(restart === undefined ? {} : { restart }),
      ...(significant === undefined ? {} : { significant }),
      ...(shutdownMs === undefined ? {} : { shutdownMs }),
    })
  }

  /** A nested supervisor of the same profile and budget. */
  nested(name: string, specs: readonly (Spec | SupervisorPlan)[], flags: Partial<SupervisorPlan> = {}): SupervisorPlan {
    const children = specs.map((spec) => ('kind' in spec ? spec : this.plan(spec)))
    return {
      kind: 'supervisor',
      name,
      profile: 'otp',
      intensity: { restarts: 2, withinMs: hourMs },
      children,
      ...flags,
    }
  }

  /** The flags and children of a live upgrade. */
  upgrade(specs: readonly Spec[], flags: Flags = {}): SupervisorPlan {
    const { template, ...rest } = { ...this.#flags, ...flags }
    const children = specs.map((spec) => this.plan(spec))
    return { kind: 'supervisor', name: 'root', ...rest, children, ...(template === undefined ? {} : { template }) }
  }

  async start(): Promise<void> {
    await this.simulated.start()
  }

  port(name: string): SimulatedPort {
    const port = this.ports.get(name)
    if (port === undefined) throw new Error(`no port of ${name}`)
    return port
  }

  /** Ends the present run of a child, and lets what follows happen. */
  async exit(name: string, exit = crash): Promise<void> {
    this.port(name).run.exit(exit)
    await settle()
  }

  async crash(name: string, times = 1): Promise<void> {
    for (let i = 0; i < times; i++) await this.exit(name, crash)
  }

  /** Everyone's present run, by its incarnation; 0 for who has none. */
  pids(...names: string[]): number[] {
    return names.map((name) => {
      const run = this.ports.get(name)?.runs.at(-1)
      return run?.live === true ? run.incarnation : 0
    })
  }

  get isAlive(): boolean {
    return !['stopping', 'escalating', 'stopped'].includes(this.tree.state)
  }

  counts(supervisor = 'root'): number[] | 'noproc' {
    const counts = this.tree.countChildren(supervisor)
    if (counts.kind === 'no-supervisor') return 'noproc'
    return [counts.specs, counts.active, counts.supervisors, counts.workers]
  }

  which(supervisor = 'root'): readonly (readonly [string, ListedChild['status']])[] {
    const listed = this.tree.whichChildren(supervisor)
    return listed.kind === 'children' ? listed.children.map((child) => [child.id, child.status] as const) : []
  }

  status(name: string, supervisor = 'root'): ListedChild['status'] | 'gone' {
    return this.which(supervisor).find(([child]) => child === name)?.[1] ?? 'gone'
  }

  async add(spec: Spec, supervisor = 'root'): Promise<StartChildResult> {
    return await this.done(this.tree.startChild(supervisor, this.plan(spec)))
  }

  async member(name?: string, args?: unknown): Promise<StartChildResult> {
    return await this.done(this.tree.startChild('root', { ...(name === undefined ? {} : { id: id(name) }), args }))
  }

  async terminate(name: string, supervisor = 'root'): Promise<string> {
    return (await this.done(this.tree.terminateChild(supervisor, id(name)))).kind
  }

  async restart(name: string, supervisor = 'root'): Promise<string> {
    return (await this.done(this.tree.restartChild(supervisor, id(name)))).kind
  }

  async remove(name: string, supervisor = 'root'): Promise<string> {
    return (await this.done(this.tree.deleteChild(supervisor, id(name)))).kind
  }

  async pass(ms: number): Promise<void> {
    await this.simulated.pass(ms)
  }

  /** Stops the tree; bounded by an hour of simulated time. */
  async stop(): Promise<void> {
    const stopped = this.tree.stop()
    await settle()
    if (this.tree.state !== 'stopped') await this.pass(hourMs)
    await stopped
  }

  async done<Answer>(answer: Promise<Answer>): Promise<Answer> {
    // A refusal is the caller's to see, and not the process's while time is made to pass.
    answer.catch(() => undefined)
    await settle()
    return await answer
  }

  /** `type child` of each event since the last call. */
  told(): string[] {
    return this.simulated.told()
  }
}

/** A pool whose members' ports are simulated, in `ports` by their ids. */
export async function pool(
  restart: RestartType = 'permanent',
  flags: Flags = {},
  more: Partial<Spec> = {},
): Promise<OtpTree> {
  const tree: OtpTree = new OtpTree([], {
    ...flags,
    template: {
      restart,
      shutdownMs: more.shutdownMs ?? 5_000,
      trust: 'unknown',
      port: (child: ChildId) => {
        const port = tree.ports.get(child) ?? new SimulatedPort(more.behaviour)
        tree.ports.set(child, port)
        return port
      },
    },
  })
  await tree.start()
  return tree
}
