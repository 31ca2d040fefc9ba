import type { ChildId, FaultClass, Hostility } from '@bulkhead/vocabulary'
import { accountsInMemory } from './account-book.js'
import type { ChildPlan } from './child-port.js'
import { childStates, ownsRun } from './child-state.js'
import type { Wall } from './planning/ladder.js'
import { levels } from './planning/ladder.js'
import type { RestartType } from './planning/restart-spec.js'
import {
  type Behaviour,
  plan,
  report,
  SettlingClock,
  SimulatedAdmission,
  SimulatedPort,
  SimulatedTree,
  settle,
  supervisor,
} from './simulated-port.test.support.js'
import { ChildStory } from './simulated-story.test.support.js'
import type { AutoShutdown, Strategy, SupervisorPlan } from './supervisor-plan.js'
import type { SupervisorView } from './tree-view.js'

// A whole tree of supervisors under everything that can happen to it, on simulated time, by a seed: what holds after each
// step is checked here. The same seed makes the same tree and tells the same story.

/** mulberry32: small, seeded, good enough to wander. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const faults: readonly FaultClass[] = ['normal', 'shutdown', 'crash', 'crash', 'resource', 'security', 'host', 'host']
const hostilities: readonly Hostility[] = ['forged-handle', 'type-violation', 'digest-mismatch', 'injection']
const acts = [
  'exit',
  'exit',
  'exit',
  'exit',
  'ready',
  'stuck',
  'lose',
  'behave',
  'refuse',
  'admit',
  'fault',
  'observe',
] as const
const calls = ['start', 'restart', 'terminate', 'delete', 'release', 'grow', 'change'] as const

export class SimulatedWorld {
  readonly random: () => number
  readonly clock = new SettlingClock()
  readonly log: string[] = []
  readonly tree: SimulatedTree
  readonly #ports = new Map<string, SimulatedPort>()
  readonly #plans = new Map<string, ChildPlan>()
  readonly #stories = new Map<string, ChildStory>()
  readonly #admissions: SimulatedAdmission[] = []
  readonly #supervisors: string[] = ['root']
  readonly #restartsAtMs: number[] = []
  readonly #wrong: unknown[] = []
  readonly #root: SupervisorPlan

  constructor(seed: number) {
    this.random = randomFrom(seed)
    this.#root = this.#supervisor('root', 1)
    this.tree = new SimulatedTree([], {
      ...this.#root,
      // The root outlives the story: it forgives what its supervisors cannot.
      intensity: { restarts: 1_000, withinMs: 1_000 },
      profile: 'default',
      clock: this.clock,
      random: this.random,
      walls: new Set<Wall>(this.random() < 0.7 ? ['bubblewrap'] : []),
      accounts: accountsInMemory(),
      onFence: (id, incarnation) => this.log.push(`fence ${id}#${incarnation}`),
      onEvent: (event) => {
        if (event.child === undefined || !event.type.match(/^(child|security)\./)) return
        this.#note(() => this.#storyOf(event.child ?? '').hear(event))
        if (event.type === 'child.starting' && event.from === 'backoff') this.#restartsAtMs.push(this.clock.wallMs())
      },
    })
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)] as Item
  }

  async step(): Promise<void> {
    const kind = this.random()
    if (kind < 0.55) this.#act(this.pick([...this.#ports.keys()]))
    else if (kind < 0.7) this.#call()
    else await this.tree.pass(this.pick([1, 50, 200, 1_000, 20_000, 61_000, 301_000]))
    if (this.random() < 0.7) await settle()
  }

  /** What holds at any moment. */
  check(): void {
    const [wrong] = this.#wrong
    if (wrong !== undefined) throw wrong
    for (const [id, port] of this.#ports) {
      if (port.doubled) throw new Error(`${id} ran twice at once`)
      // Per child: start n, fence n, start n + 1, fence n + 1… and nothing else.
      const own = this.log.filter((entry) => entry.endsWith(` ${id}`) || entry.includes(` ${id}#`)).slice(-4)
      for (const [k, entry] of own.entries()) {
        const before = own[k - 1]
        if (before === undefined) continue
        if (before.split(' ')[0] === entry.split(' ')[0]) throw new Error(`${before}, then ${entry}`)
      }
    }
    for (const view of this.tree.tree.children()) {
      if (!childStates.includes(view.state)) throw new Error(`${view.id} is ${view.state}`)
      if (!levels.includes(view.level)) throw new Error(`${view.id} is at ${view.level}`)
      if (view.restartsLeft < 0 || view.restartsLeft > 1_000) throw new Error(`${view.id}: ${view.restartsLeft} left`)
      if (view.score < 0 || view.score > 3) throw new Error(`${view.id} has ${view.score} points`)
      if ((view.reason ?? '').includes('a fault in its supervision')) throw new Error(`${view.id}: ${view.reason}`)
      const untilMs = view.quarantinedUntil ?? 0
      if (untilMs - this.clock.wallMs() > 20 * 60_000) throw new Error(`${view.id} is quarantined until ${untilMs}`)
    }
    this.#checkNames(this.tree.tree.tree(), new Set())
    const recent = this.#restartsAtMs.filter((instant) => instant > this.clock.wallMs() - 1_000)
    if (recent.length > 20) throw new Error(`${recent.length} restarts within a second`)
  }

  /** What holds once everything is heard. */
  checkAtRest(): void {
    const views = new Map(this.tree.tree.children().map((view) => [view.id as string, view]))
    for (const [id, port] of this.#ports) {
      const view = views.get(id)
      const live = port.runs.find((run) => run.live)
      if (live !== undefined && (view === undefined || !ownsRun(view.state) || view.incarnation !== live.incarnation)) {
        throw new Error(
          `run ${live.incarnation} of ${id} is an orphan: it is ${view?.state ?? 'gone'} at ${view?.incarnation}`,
        )
      }
      const story = this.#storyOf(id)
      if (view !== undefined && !story.agrees(view.state))
        throw new Error(`${id} is ${view.state}, and told ${story.told}`)
    }
  }

  /** Stops the tree, and checks that the children of each supervisor were asked in reverse order. */
  async stop(): Promise<void> {
    const asked: string[] = []
    for (const [id, port] of this.#ports) {
      for (const run of port.runs) {
        if (!run.live) continue
        const { stop, kill } = run
        run.stop = () => {
          asked.push(id)
          stop.call(run)
        }
        run.kill = async () => {
          if (!asked.includes(id)) asked.push(id)
          return await kill.call(run)
        }
      }
    }
    const before = this.tree.tree.tree()
    const stopped = this.tree.tree.stop()
    // In pieces: what a promise sets off begins its time when it is heard, not when it was made.
    for (let piece = 0; piece < 40; piece++) {
      await settle()
      await this.tree.pass(10_000)
    }
    await stopped
    this.check()
    this.#checkOrder(before, asked)
  }

  #checkOrder(view: SupervisorView, asked: readonly string[]): void {
    if (!view.isPool && view.state === 'running') {
      const order = view.children.flatMap((child) =>
        child.kind === 'child' && child.state === 'running' ? [child.id] : [],
      )
      const own = asked.filter((id) => order.includes(id as ChildId))
      const expected = order.toReversed().filter((id) => own.includes(id))
      if (own.join() !== expected.join()) throw new Error(`${view.name} stopped ${own.join()} of ${order.join()}`)
    }
    for (const child of view.children) if (child.kind === 'supervisor') this.#checkOrder(child, asked)
  }

  #checkNames(view: SupervisorView, seen: Set<string>): void {
    for (const child of view.children) {
      const name = child.kind === 'child' ? child.id : child.name
      if (seen.has(name)) throw new Error(`${name} is there twice`)
      seen.add(name)
      if (child.kind === 'supervisor') this.#checkNames(child, seen)
    }
  }

  /** What goes wrong inside of a listener or a port is kept for the next check: thrown there it would be somebody else's. */
  #note(tell: () => void): void {
    try {
      tell()
    } catch (error) {
      this.#wrong.push(error)
    }
  }

  #storyOf(id: string): ChildStory {
    const known = this.#stories.get(id) ?? new ChildStory()
    this.#stories.set(id, known)
    return known
  }

  #act(id: string): void {
    const port = this.#ports.get(id)
    const run = port?.runs.at(-1)
    if (port === undefined) return
    switch (this.pick(acts)) {
      case 'exit':
        run?.exit(
          this.random() < 0.03 ? report('security', 'forged', this.pick(hostilities)) : report(this.pick(faults)),
        )
        break
      case 'ready':
        run?.becomeReady()
        break
      case 'stuck':
        if (this.random() < 0.1) run?.getStuck()
        break
      case 'lose':
        if (this.random() < 0.1) run?.loseExit(new Error('lost'))
        break
      case 'behave':
        port.behaviour = this.#behaviour()
        break
      case 'refuse':
        port.failStart = this.random() < 0.2 ? new Error('no thread') : undefined
        break
      case 'admit':
        if (this.#admissions.length > 0)
          this.pick(this.#admissions).become(this.random() < 0.3 ? 'approval-required' : undefined)
        break
      case 'fault':
        this.tree.tree.fault(id as ChildId, {
          class: this.pick(['resource', 'security', 'crash']),
          reason: 'seen by others',
        })
        break
      case 'observe':
        this.tree.tree.observe(
          id as ChildId,
          this.random() < 0.6
            ? { source: this.pick(['lifecycle', 'quota', 'cpu']), verdict: 'ill', reason: 'unwell' }
            : { source: this.pick(['lifecycle', 'quota', 'cpu']), verdict: 'well' },
        )
        break
    }
  }

  /** An administrative call. Nobody waits for its answer; a call that cannot be meant is refused and harms nobody. */
  #call(): void {
    const { tree } = this.tree
    const name = this.pick(this.#supervisors)
    const id = this.pick([...this.#ports.keys()]) as ChildId
    const known = this.#plans.get(id)
    const answer = ((): Promise<unknown> => {
      switch (this.pick(calls)) {
        case 'start':
          return known === undefined ? Promise.resolve() : tree.startChild(name, known)
        case 'restart':
          return tree.restartChild(name, id)
        case 'terminate':
          return tree.terminateChild(name, id)
        case 'delete':
          return tree.deleteChild(name, id)
        case 'grow':
          return tree.startChild(name, {})
        case 'change':
          return tree.changeSpec('root', {
            ...this.#root,
            profile: 'default',
            intensity: { restarts: 1_000, withinMs: 1_000 },
          })
        case 'release':
          tree.release(id, 'looked at', this.random() < 0.3 ? 'thread' : undefined)
          return Promise.resolve()
      }
    })()
    void answer.catch(() => undefined)
  }

  #supervisor(name: string, depth: number): SupervisorPlan {
    const isPool = depth > 1 && this.random() < 0.25
    if (name !== 'root') this.#supervisors.push(name)
    const common = {
      intensity: this.pick([
        { restarts: 3, withinMs: 60_000 },
        { restarts: 1, withinMs: 5_000 },
      ]),
      profile: depth > 1 && this.random() < 0.2 ? ('otp' as const) : ('default' as const),
    }
    if (isPool) {
      const restart = this.pick<RestartType>(['permanent', 'transient', 'temporary'])
      const template = { restart, shutdownMs: 500, trust: 'unknown' as const, port: (id: ChildId) => this.#port(id) }
      return supervisor(name, [], { ...common, template, childrenMax: 4 })
    }
    const autoShutdown =
      depth > 1 ? this.pick<AutoShutdown>(['never', 'never', 'any_significant', 'all_significant']) : 'never'
    const children = Array.from({ length: 2 + Math.floor(this.random() * 2) }, (_, i) =>
      depth < 3 && (depth === 1 || this.random() < 0.3)
        ? this.#supervisor(`${name}-${i}`, depth + 1)
        : this.#child(`${name}-${i}`, autoShutdown),
    )
    const strategy = this.pick<Strategy>(['one_for_one', 'one_for_all', 'rest_for_one'])
    return supervisor(name, children, { ...common, strategy, autoShutdown })
  }

  #child(id: string, autoShutdown: AutoShutdown): ChildPlan {
    const restart = this.pick<RestartType>(['permanent', 'permanent', 'transient', 'temporary'])
    const admission = new SimulatedAdmission()
    this.#admissions.push(admission)
    const made = plan(id, this.#port(id), {
      restart,
      significant: autoShutdown !== 'never' && restart !== 'permanent' && this.random() < 0.5,
      trust: this.pick(['unknown', 'unknown', 'unknown', 'dev-mode', 'trusted']),
      shutdownMs: this.pick([0, 100, 5_000]),
      startMs: this.pick([50, 10_000]),
      admission,
      identity: { tenant: id, origin: '/srv', codeDigest: id },
    })
    this.#plans.set(id, made)
    return made
  }

  #port(id: string): SimulatedPort {
    const known = this.#ports.get(id)
    if (known !== undefined) return known
    const port = new SimulatedPort(this.#behaviour())
    const start = port.start
    port.start = (incarnation, terms) => {
      this.log.push(`start ${id}#${incarnation}`)
      this.#note(() => this.#storyOf(id).start(terms?.level ?? 'thread', terms?.canary === true))
      return start(incarnation, terms)
    }
    this.#ports.set(id, port)
    return port
  }

  #behaviour(): Behaviour {
    return {
      ready: this.pick(['at-once', 'at-once', 'at-once', 'when-told', 'never']),
      onStop: this.pick(['shutdown', 'shutdown', 'normal', 'crash', 'security', 'ignores']),
      onKill: this.pick(['exits', 'exits', 'exits', 'exits', 'exits-mute', 'zombie', 'silent', 'rejects']),
    }
  }
}
