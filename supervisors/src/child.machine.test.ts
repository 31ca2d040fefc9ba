import { SimulatedClock } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { createActor } from 'xstate'
import { type ChildMachineEvent, type ChildMachineSpec, childMachine } from './child.machine.js'
import type { Admission } from './child-port.js'
import { defaultPlanner } from './exit-planner.js'
import { machineClock } from './machine-clock.js'
import { ladderTiming } from './planning/ladder-timing.js'
import { report } from './simulated-port.test.support.js'

const spec: ChildMachineSpec = {
  restart: 'permanent',
  intensity: { restarts: 3, withinMs: 60_000 },
  shutdownMs: 5_000,
  startMs: 10_000,
  isDroppedWhenIgnored: false,
  maySleep: false,
}

/** The machine alone, with a world that writes down what it is asked for. */
function walk(more: Partial<ChildMachineSpec> = {}) {
  const clock = new SimulatedClock()
  const calls: string[] = []
  const note = (what: string) => (incarnation: number) => void calls.push(`${what} ${incarnation}`)
  const actor = createActor(childMachine, {
    clock: machineClock(clock, (task) => task()),
    input: {
      spec: { ...spec, ...more },
      world: {
        nowMs: () => clock.wallMs(),
        planner: defaultPlanner(() => 0, { walls: new Set(['bubblewrap']), timing: ladderTiming() }),
        keep: () => undefined,
        renewed: (accounts) => accounts,
        emit: (event) => void calls.push(event.type),
        startRun: note('start'),
        stopRun: note('stop'),
        killRun: note('kill'),
        fence: note('fence'),
        isWanted: () => true,
        askTurn: () => void calls.push('turn'),
        escalate: () => void calls.push('escalate'),
        ended: () => void calls.push('ended'),
      },
    },
  }).start()
  const state = (): string => JSON.stringify(actor.getSnapshot().value).replace(/["{}]/g, '')
  const send = (...events: ChildMachineEvent[]): string => {
    for (const event of events) actor.send(event)
    return state()
  }
  const pass = (ms: number): string => {
    clock.advance(ms)
    return state()
  }
  return { send, pass, state, took: () => calls.splice(0), clock }
}

const open: Admission = { kind: 'open' }
const start: ChildMachineEvent = { type: 'child.start', clearance: { admission: open, trust: 'unknown' } }
const trusted: ChildMachineEvent = { type: 'child.start', clearance: { admission: open, trust: 'trusted' } }
const waitFor = (reason: string): ChildMachineEvent => ({
  type: 'child.start',
  clearance: { admission: { kind: 'waiting', reason }, trust: 'unknown' },
})
const changed = (admission: Admission): ChildMachineEvent => ({
  type: 'child.admission',
  clearance: { admission, trust: 'unknown' },
})
const stop: ChildMachineEvent = { type: 'child.stop' }
const retire: ChildMachineEvent = { type: 'child.retire' }
const ready = (incarnation = 1): ChildMachineEvent => ({ type: 'run.ready', incarnation })
const exited = (faultClass: Parameters<typeof report>[0], incarnation = 1): ChildMachineEvent => ({
  type: 'run.exited',
  incarnation,
  report: report(faultClass),
})

describe('the life of a child, transition by transition', () => {
  it('declared → starting → running → evaluating → backoff → starting, fencing in between', () => {
    const child = walk()
    expect(child.state()).toBe('declared')
    expect(child.send(start)).toBe('starting')
    expect(child.took()).toEqual(['child.starting', 'start 1'])
    expect(child.send(ready())).toBe('running')
    expect(child.took()).toEqual(['child.ready'])
    expect(child.send(exited('crash'))).toBe('backoff:waiting')
    expect(child.took()).toEqual(['child.exited', 'fence 1', 'child.restarting'])
    expect(child.pass(99)).toBe('backoff:waiting')
    expect(child.pass(1)).toBe('backoff:due')
    expect(child.took()).toEqual(['turn'])
    expect(child.send(start)).toBe('starting')
    expect(child.send(ready(2))).toBe('running')
    expect(child.took()).toEqual(['child.starting', 'start 2', 'child.ready', 'child.restarted'])
  })

  it('rests in completed, stopped and failed, and answers there', () => {
    const ends = [
      [{ restart: 'transient' }, exited('normal'), 'completed'],
      [{ restart: 'transient' }, exited('shutdown'), 'stopped'],
      [{ restart: 'temporary' }, exited('crash'), 'failed'],
      [{ restart: 'temporary' }, exited('security'), 'failed'],
    ] as const
    for (const [more, exit, end] of ends) {
      const child = walk(more)
      expect(child.send(start, ready(), exit)).toBe(end)
      child.took()
      expect(child.send(start, retire, stop, ready(), exited('crash'))).toBe(end)
      expect(child.pass(1e9)).toBe(end)
      expect(child.took()).toEqual([])
    }
  })

  it('ignores what an earlier run still says', () => {
    const child = walk()
    child.send(start, ready(), exited('crash'))
    child.pass(100)
    child.send(start)
    expect(child.send(ready(1))).toBe('starting')
    expect(child.send(exited('crash', 1))).toBe('starting')
    expect(child.send({ type: 'run.stuck', incarnation: 1 })).toBe('starting')
    expect(child.send(ready(2))).toBe('running')
  })

  it('kills what is not ready in time, and charges it', () => {
    const child = walk()
    child.send(start)
    child.took()
    expect(child.pass(9_999)).toBe('starting')
    expect(child.pass(1)).toBe('killing')
    expect(child.took()).toEqual(['kill 1'])
    expect(child.send(exited('shutdown'))).toBe('backoff:waiting')
    const late = walk({ restart: 'temporary' })
    late.send(start)
    late.pass(10_000)
    expect(late.send(exited('shutdown'))).toBe('failed')
  })

  it('a ready run is past its start deadline', () => {
    const child = walk()
    child.send(start, ready())
    expect(child.pass(1e9)).toBe('running')
  })

  it('stopping → killing → zombie → stopped, each at its deadline', () => {
    const child = walk()
    child.send(start, ready())
    child.took()
    expect(child.send(stop)).toBe('stopping')
    expect(child.pass(4_999)).toBe('stopping')
    expect(child.pass(1)).toBe('killing')
    expect(child.pass(1_499)).toBe('killing')
    expect(child.pass(1)).toBe('zombie')
    expect(child.took()).toEqual(['stop 1', 'kill 1', 'child.zombie'])
    expect(child.send(start)).toBe('zombie')
    expect(child.send(exited('crash'))).toBe('stopped')
    expect(child.took()).toEqual(['child.exited', 'fence 1', 'child.stopped'])
  })

  it('19. kills at once where there is no grace', () => {
    const child = walk({ shutdownMs: 0 })
    child.send(start, ready())
    child.took()
    expect(child.send(stop)).toBe('killing')
    expect(child.took()).toEqual(['kill 1'])
  })

  it('a zombie whose exit is seen after all is planned for, and only then started again', () => {
    const child = walk()
    child.send(start, ready())
    expect(child.send({ type: 'run.stuck', incarnation: 1 })).toBe('zombie')
    child.took()
    expect(child.pass(1e6)).toBe('zombie')
    expect(child.took()).toEqual([])
    expect(child.send(exited('resource'))).toBe('backoff:waiting')
  })

  it('believes a kill that the port vouches for, when the report never comes', () => {
    const child = walk()
    child.send(start, ready(), stop)
    child.pass(5_000)
    expect(child.send({ type: 'kill.exited', incarnation: 1 })).toBe('killing')
    expect(child.pass(1_500)).toBe('stopped')
  })

  it('a retiring child runs on, and is not restarted when it ends', () => {
    const child = walk()
    child.send(start, ready())
    expect(child.send(retire)).toBe('running')
    expect(child.send(exited('crash'))).toBe('stopped')
    const waiting = walk()
    waiting.send(start, ready(), exited('crash'))
    expect(waiting.send(retire)).toBe('stopped')
    expect(waiting.pass(1e6)).toBe('stopped')
    expect(walk().send(retire)).toBe('stopped')
    const completes = walk({ restart: 'transient' })
    expect(completes.send(start, ready(), retire, exited('normal'))).toBe('completed')
  })

  it('21. whatever it exits with while it is stopped, it ends in stopped', () => {
    for (const restart of ['permanent', 'transient', 'temporary'] as const) {
      for (const faultClass of ['normal', 'shutdown', 'crash', 'resource', 'security', 'host'] as const) {
        expect(walk({ restart }).send(start, ready(), stop, exited(faultClass))).toBe('stopped')
      }
    }
  })

  it('escalates a trusted child at exhaustion, unless its supervisor is ending anyhow', () => {
    const exhaust = (more: readonly ChildMachineEvent[]): readonly [string, string[]] => {
      const child = walk({ intensity: { restarts: 0, withinMs: 1_000 } })
      child.send(trusted, ready(), ...more, exited('crash'))
      return [child.state(), child.took()]
    }
    const [state, calls] = exhaust([])
    expect(state).toBe('failed')
    expect(calls.at(-1)).toBe('escalate')
    expect(exhaust([retire])[0]).toBe('stopped')
    expect(exhaust([retire])[1]).not.toContain('escalate')
  })

  it('is trusted as it was at its last start', () => {
    const child = walk({ intensity: { restarts: 1, withinMs: 60_000 } })
    expect(child.send(trusted, ready(), exited('crash'))).toBe('backoff:waiting')
    child.pass(100)
    expect(child.send(start, ready(2), exited('crash', 2))).toBe('quarantined:serving')
  })

  it('declared → waiting → starting, when its admission opens', () => {
    const child = walk()
    expect(child.send(waitFor('approval-required'))).toBe('waiting')
    expect(child.took()).toEqual(['child.waiting'])
    expect(child.send(changed({ kind: 'waiting', reason: 'approval-required' }))).toBe('waiting')
    expect(child.took()).toEqual([])
    expect(child.send(changed({ kind: 'waiting', reason: 'approval-denied' }))).toBe('waiting')
    expect(child.took()).toEqual(['child.waiting'])
    expect(child.send(changed(open))).toBe('starting')
    expect(child.send(ready())).toBe('running')
    expect(child.took()).toEqual(['child.starting', 'start 1', 'child.ready'])
  })

  it('backoff → waiting → starting, when its admission closed meanwhile; running stays running', () => {
    const child = walk()
    child.send(start, ready())
    expect(child.send(changed({ kind: 'waiting', reason: 'approval-required' }))).toBe('running')
    expect(child.send(exited('crash'), changed(open))).toBe('backoff:waiting')
    child.pass(100)
    child.took()
    expect(child.send(waitFor('capability-required'))).toBe('waiting')
    child.pass(60_000)
    expect(child.send(changed(open), ready(2))).toBe('running')
    expect(child.took()).toEqual(['child.waiting', 'child.starting', 'start 2', 'child.ready', 'child.restarted'])
  })

  it.each([stop, retire])('waiting → stopped ($type), and then no admission starts it', (event) => {
    const child = walk()
    child.send(waitFor('approval-required'))
    expect(child.send(event)).toBe('stopped')
    expect(child.send(changed(open))).toBe('stopped')
    expect(child.took()).toEqual(['child.waiting', 'child.stopped'])
  })

  it('tells the time from the exit to ready, without the backoff', () => {
    const took: (number | undefined)[] = []
    const clock = new SimulatedClock()
    const actor = createActor(childMachine, {
      clock: machineClock(clock, (task) => task()),
      input: {
        spec,
        world: {
          nowMs: () => clock.wallMs(),
          planner: defaultPlanner(() => 0, { walls: new Set(['bubblewrap']), timing: ladderTiming() }),
          keep: () => undefined,
          renewed: (accounts) => accounts,
          emit: (event) => void (event.type === 'child.restarted' && took.push(event.tookMs)),
          startRun: () => undefined,
          stopRun: () => undefined,
          killRun: () => undefined,
          fence: () => undefined,
          isWanted: () => true,
          askTurn: () => undefined,
          escalate: () => undefined,
          ended: () => undefined,
        },
      },
    }).start()
    for (const event of [start, ready(), exited('crash')]) actor.send(event)
    clock.advance(400)
    actor.send(start)
    clock.advance(7)
    actor.send(ready(2))
    expect(took).toEqual([7])
  })
})
