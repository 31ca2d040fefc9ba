import { type ChildId, parseChildId, SimulatedClock } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { createActor } from 'xstate'
import type { ChildState } from './child-state.js'
import { machineClock } from './machine-clock.js'
import { report } from './simulated-port.test.support.js'
import { supervisorMachine } from './supervisor.machine.js'

const ids = ['a', 'b', 'c'].map(parseChildId)
const [a, b, c] = ids as [ChildId, ChildId, ChildId]

/** The machine alone, over children whose states the test sets, and a storm guard that gives `turns`. */
function walk() {
  const clock = new SimulatedClock()
  const calls: string[] = []
  const states = new Map<ChildId, ChildState>(ids.map((id) => [id, 'declared']))
  const queue: ChildId[] = []
  let turns = 100
  const actor = createActor(supervisorMachine, {
    clock: machineClock(clock, (task) => task()),
    input: {
      childrenInStartOrder: ids,
      world: {
        startChild: (id) => void calls.push(`start ${id}`),
        retireChild: (id) => void calls.push(`retire ${id}`),
        stopChild: (id) => void calls.push(`stop ${id}`),
        stateOf: (id) => states.get(id) ?? 'failed',
        askTurn: (id) => void queue.push(id),
        giveTurns: () => {
          while (turns > 0 && queue.length > 0) {
            turns--
            calls.push(`start ${queue.shift()}`)
          }
        },
        turnDelayMs: () => (queue.length > 0 ? 50 : 0),
        emitStarted: () => void calls.push('started'),
        emitThrottled: (delayMs) => void calls.push(`throttled ${delayMs}`),
        emitEscalated: (cause) => void calls.push(`escalated ${cause.child}`),
        emitStopped: (cause) => void calls.push(cause === undefined ? 'stopped' : 'stopped abnormally'),
      },
    },
  }).start()
  const state = (): string => JSON.stringify(actor.getSnapshot().value)
  return {
    clock,
    state,
    took: () => calls.splice(0),
    give: (more: number) => {
      turns = more
    },
    send: (event: Parameters<typeof actor.send>[0]) => {
      actor.send(event)
      return state()
    },
    move: (id: ChildId, to: ChildState) => {
      states.set(id, to)
      actor.send({ type: 'child.moved', child: id, state: to })
      return state()
    },
  }
}

const running = '{"active":{"roster":"running","turns":"open"}}'
const throttled = '{"active":{"roster":"running","turns":"throttled"}}'
function started() {
  const tree = walk()
  tree.send({ type: 'supervisor.start' })
  for (const id of ids) tree.move(id, 'running')
  tree.took()
  return tree
}

describe('the life of a supervisor, transition by transition', () => {
  it('73. starts in the given order, one after the other, however each start ends', () => {
    const tree = walk()
    expect(tree.state()).toBe('"declared"')
    tree.send({ type: 'supervisor.start' })
    tree.move(a, 'starting')
    expect(tree.took()).toEqual(['start a'])
    tree.move(a, 'running')
    expect(tree.took()).toEqual(['start b'])
    tree.move(b, 'killing')
    expect(tree.took()).toEqual([])
    tree.move(b, 'backoff')
    expect(tree.took()).toEqual(['start c'])
    expect(tree.move(c, 'failed')).toBe(running)
    expect(tree.took()).toEqual(['started'])
  })

  it('73. stops in exactly the reverse order, each after the one before is down', () => {
    const tree = started()
    tree.move(b, 'completed')
    expect(tree.send({ type: 'supervisor.stop' })).toBe('"stopping"')
    expect(tree.took()).toEqual(['retire c', 'retire b', 'retire a', 'stop c'])
    tree.move(c, 'killing')
    expect(tree.took()).toEqual([])
    tree.move(c, 'zombie')
    expect(tree.took()).toEqual(['stop a'])
    expect(tree.move(a, 'stopped')).toBe('"stopped"')
    expect(tree.took()).toEqual(['stopped'])
  })

  it('gives turns at once, and is throttled while some wait', () => {
    const tree = started()
    tree.give(1)
    expect(tree.send({ type: 'child.due', child: a })).toBe(running)
    expect(tree.send({ type: 'child.due', child: b })).toBe(throttled)
    expect(tree.send({ type: 'child.due', child: c })).toBe(throttled)
    expect(tree.took()).toEqual(['start a', 'throttled 50'])
    tree.give(1)
    tree.clock.advance(50)
    expect(tree.state()).toBe(throttled)
    tree.give(5)
    tree.clock.advance(50)
    expect(tree.state()).toBe(running)
    expect(tree.took()).toEqual(['start b', 'start c'])
  })

  it('gives turns while it still starts others', () => {
    const tree = walk()
    tree.send({ type: 'supervisor.start' })
    tree.move(a, 'backoff')
    tree.took()
    tree.send({ type: 'child.due', child: a })
    expect(tree.took()).toEqual(['start a'])
    expect(tree.state()).toContain('starting')
  })

  it('gives no turn while it stops', () => {
    const tree = started()
    tree.send({ type: 'supervisor.stop' })
    tree.took()
    tree.send({ type: 'child.due', child: a })
    expect(tree.took()).toEqual([])
  })

  it('escalates once: stops the others in reverse order, abnormally', () => {
    const tree = started()
    tree.move(b, 'failed')
    const cause = { child: b, report: report('crash') }
    expect(tree.send({ type: 'child.escalated', cause })).toBe('"escalating"')
    expect(tree.took()).toEqual(['escalated b', 'retire c', 'retire b', 'retire a', 'stop c'])
    tree.send({ type: 'child.escalated', cause: { child: a, report: report('crash') } })
    tree.send({ type: 'supervisor.stop' })
    tree.move(c, 'stopped')
    expect(tree.move(a, 'stopped')).toBe('"stopped"')
    expect(tree.took()).toEqual(['stop a', 'stopped abnormally'])
  })

  it('stops before it was ever started', () => {
    const tree = walk()
    for (const id of ids) tree.move(id, 'stopped')
    expect(tree.send({ type: 'supervisor.stop' })).toBe('"stopped"')
  })
})
