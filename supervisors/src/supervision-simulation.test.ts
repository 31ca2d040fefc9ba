import type { FaultClass } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import type { ChildPlan } from './child-port.js'
import { type ChildState, childStates, isDown, ownsRun } from './child-state.js'
import type { RestartType, Trust } from './planning/restart-spec.js'
import {
  type Behaviour,
  plan,
  report,
  SettlingClock,
  SimulatedAdmission,
  SimulatedPort,
  SimulatedTree,
  settle,
} from './simulated-port.test.support.js'

// A whole tree under random children, on simulated time, by a seed: a failure names the seed and the step, and running it
// again gives the same story.

const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
const stepsPerSeed = 500

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

/** A port that writes down when runs start, and when one does although it is not admitted. */
class WatchedPort extends SimulatedPort {
  readonly id: string
  readonly #log: string[]
  uninvited = false
  constructor(id: string, behaviour: Partial<Behaviour>, log: string[], admission: SimulatedAdmission) {
    super(behaviour)
    this.id = id
    this.#log = log
    const start = this.start
    this.start = (incarnation) => {
      this.#log.push(`start ${this.id}#${incarnation}`)
      if (admission.state().kind !== 'open') this.uninvited = true
      return start(incarnation)
    }
  }
}

class World {
  readonly random: () => number
  readonly log: string[] = []
  readonly ports: WatchedPort[]
  readonly admissions = Array.from({ length: 8 }, () => new SimulatedAdmission())
  readonly tree: SimulatedTree
  readonly clock = new SettlingClock()
  readonly restartsAtMs: number[] = []

  constructor(seed: number) {
    this.random = randomFrom(seed)
    this.ports = this.admissions.map((admission, i) => new WatchedPort(`c${i}`, this.behaviour(), this.log, admission))
    const plans = this.ports.map((port, i) => this.plan(port, i, this.admissions[i]))
    this.tree = new SimulatedTree(plans, {
      clock: this.clock,
      random: this.random,
      intensity: { restarts: 3, withinMs: 5_000 },
      onFence: (id, incarnation) => this.log.push(`fence ${id}#${incarnation}`),
      onEvent: (event) => {
        if (event.type === 'child.starting' && (event.incarnation ?? 0) > 1) this.restartsAtMs.push(this.clock.wallMs())
      },
    })
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)] as Item
  }

  behaviour(): Behaviour {
    return {
      ready: this.pick(['at-once', 'at-once', 'when-told', 'never']),
      onStop: this.pick(['shutdown', 'shutdown', 'normal', 'crash', 'ignores']),
      onKill: this.pick(['exits', 'exits', 'exits', 'exits-mute', 'zombie', 'silent', 'rejects']),
    }
  }

  plan(port: SimulatedPort, i: number, admission: SimulatedAdmission | undefined): ChildPlan {
    return plan(`c${i}`, port, {
      restart: this.pick<RestartType>(['permanent', 'permanent', 'transient', 'temporary']),
      trust: this.pick<Trust>(['unknown', 'unknown', 'unknown', 'dev-mode']),
      shutdownMs: this.pick([0, 100, 5_000]),
      startMs: this.pick([50, 10_000]),
      ...(admission === undefined ? {} : { admission }),
    })
  }

  async step(): Promise<void> {
    const port = this.pick(this.ports)
    const run = port.runs.at(-1)
    const exitClass = this.pick<FaultClass>([
      'normal',
      'shutdown',
      'crash',
      'crash',
      'resource',
      'host',
      'host',
      'host',
    ])
    switch (
      this.pick(['admit', 'exit', 'exit', 'exit', 'ready', 'stuck', 'lose', 'behave', 'refuse', 'time', 'time', 'time'])
    ) {
      case 'exit':
        run?.exit(report(exitClass))
        break
      case 'admit':
        this.pick(this.admissions).become(this.random() < 0.4 ? 'approval-required' : undefined)
        break
      case 'ready':
        run?.becomeReady()
        break
      case 'stuck':
        if (this.random() < 0.2) run?.getStuck()
        break
      case 'lose':
        if (this.random() < 0.2) run?.loseExit(new Error('lost'))
        break
      case 'behave':
        port.behaviour = this.behaviour()
        break
      case 'refuse':
        port.failStart = this.random() < 0.3 ? new Error('no thread') : undefined
        break
      default:
        await this.tree.pass(this.pick([1, 50, 200, 1_000, 20_000]))
    }
    if (this.random() < 0.7) await settle()
  }

  check(): void {
    for (const [i, port] of this.ports.entries()) {
      const id = `c${i}`
      expect(port.doubled, `${id} ran twice`).toBe(false)
      expect(port.uninvited, `${id} was started without admission`).toBe(false)
      expect(port.runs.filter((run) => run.live).length).toBeLessThanOrEqual(1)
      // Per child: start n, fence n, start n + 1, fence n + 1… and nothing else.
      const own = this.log.filter((entry) => entry.includes(` ${id}#`))
      const expected = own.map((_, k) => `${k % 2 === 0 ? 'start' : 'fence'} ${id}#${Math.floor(k / 2) + 1}`)
      expect(own).toEqual(expected)
    }
    for (const view of this.tree.tree.children()) {
      expect(childStates).toContain(view.state)
      expect(view.restartsLeft).toBeGreaterThanOrEqual(0)
      expect(view.restartsLeft).toBeLessThanOrEqual(3)
      expect(view.reason ?? '').not.toContain('a fault in its supervision')
    }
    const recent = this.restartsAtMs.filter((instant) => instant > this.clock.wallMs() - 1_000)
    expect(recent.length).toBeLessThanOrEqual(20)
  }

  /** True once everything is heard: a state without a run has none that lives. */
  checkAtRest(): void {
    for (const [i, port] of this.ports.entries()) {
      const { state } = this.tree.view(`c${i}`)
      if (!ownsRun(state))
        expect(
          port.runs.some((run) => run.live),
          `${state} with a live run`,
        ).toBe(false)
    }
  }
}

it.each(seeds)('keeps its invariants through 500 random steps (seed %i)', async (seed) => {
  const world = new World(seed)
  void world.tree.start()
  for (let step = 0; step < stepsPerSeed; step++) {
    await world.step()
    try {
      world.check()
      await settle()
      world.checkAtRest()
    } catch (error) {
      throw new Error(`seed ${seed}, step ${step}: ${world.log.slice(-20).join(', ')}`, { cause: error })
    }
  }
  const stopped = world.tree.tree.stop()
  await world.tree.pass(8 * (5_000 + 1_500) + 1_500)
  await stopped
  world.check()
  const states: ChildState[] = world.tree.states()
  for (const state of states) expect(isDown(state)).toBe(true)
  expect(world.tree.tree.zombies()).toBe(states.filter((state) => state === 'zombie').length)
  expect(world.clock.pendingTimers).toBe(0)
  expect(world.admissions.every(({ listeners }) => listeners === 0)).toBe(true)
  const before = world.log.length
  await world.tree.pass(100_000)
  expect(world.log.slice(before).filter((entry) => entry.startsWith('start'))).toEqual([])
})
