import { type ChildId, parseChildId, SimulatedClock } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { createActor } from 'xstate'
import type { ChildState } from './child-state.js'
import { machineClock } from './machine-clock.js'
import { planGroup } from './planning/plan-group.js'
import { report } from './simulated-port.test.support.js'
import { type Ending, type SupervisorMachineEvent, supervisorMachine } from './supervisor.machine.js'
import type { Strategy } from './supervisor-plan.js'

const ids = ['a', 'b', 'c'].map(parseChildId)
const [a, b, c] = ids as [ChildId, ChildId, ChildId]

type Setting = {
  readonly strategy?: Strategy
  readonly otp?: boolean
  readonly commonShutdownMs?: number
  readonly temporary?: readonly ChildId[]
}

/** The machine alone, over children whose states the test sets. */
function walk({ strategy = 'one_for_one', otp = false, commonShutdownMs, temporary = [] }: Setting = {}) {
  const clock = new SimulatedClock()
  const calls: string[] = []
  const states = new Map<ChildId, ChildState>(ids.map((id) => [id, 'declared']))
  const due = new Set<ChildId>()
  const startable: readonly ChildState[] = ['declared', 'held', 'stopped', 'completed', 'failed']
  const stateOf = (id: ChildId): ChildState => states.get(id) ?? 'removed'
  const children = ids.map((id) => ({
    id,
    restart: temporary.includes(id) ? ('temporary' as const) : ('permanent' as const),
  }))
  const actor = createActor(supervisorMachine, {
    clock: machineClock(clock, (task) => task()),
    input: {
      world: {
        roster: () => ids,
        stateOf,
        lastExitOf: () => report('crash'),
        isDue: (id) => due.has(id),
        isStartable: (id) => startable.includes(stateOf(id)) || due.has(id),
        planGroup: (failed) => (strategy === 'one_for_one' ? undefined : planGroup(strategy, children, failed)),
        needsAllStarts: () => otp,
        abandonsGroups: () => otp,
        commonShutdownMs: () => commonShutdownMs,
        startChild: (id) => void calls.push(`start ${id}`),
        askTurn: (id) => void calls.push(`turn ${id}`),
        restartChild: (id) => void calls.push(`restart ${id}`),
        reserveChild: (id) => void calls.push(`reserve ${id}`),
        holdChild: (id) => void calls.push(`hold ${id}`),
        terminateChild: (id) => void calls.push(`terminate ${id}`),
        retireChild: (id) => void calls.push(`retire ${id}`),
        stopChild: (id, isTimedElsewhere) => void calls.push(`stop ${id}${isTimedElsewhere ? ' together' : ''}`),
        killChild: (id) => void calls.push(`kill ${id}`),
        reconcile: () => undefined,
        emitStarted: () => void calls.push('started'),
        emitHeld: (by, state) => void calls.push(`held by ${by}, ${state}`),
        emitReleased: () => void calls.push('released'),
        emitThrottled: (delayMs) => void calls.push(`throttled ${delayMs}`),
        emitEscalated: (ending) => void calls.push(`escalated ${ending.child}`),
        emitStopped: (ending) => void calls.push(ending === undefined ? 'stopped' : `stopped: ${ending.kind}`),
      },
    },
  }).start()
  const state = (): string => JSON.stringify(actor.getSnapshot().value).replace(/["{}]/g, '')
  const send = (event: SupervisorMachineEvent): string => {
    actor.send(event)
    return state()
  }
  return {
    clock,
    state,
    send,
    took: () => calls.splice(0),
    move: (id: ChildId, to: ChildState) => {
      const from = stateOf(id)
      states.set(id, to)
      due.delete(id)
      return send({ type: 'child.moved', child: id, state: to, from })
    },
    fallDue: (id: ChildId) => {
      due.add(id)
      return send({ type: 'child.due', child: id })
    },
  }
}

const escalation = (child: ChildId): Ending => ({ kind: 'escalated', child, report: report('crash') })
const running = 'active:roster:running,turns:open'
const groupIn = (phase: string): string => `active:roster:restarting-group:${phase},turns:open`

function started(setting: Setting = {}) {
  const tree = walk(setting)
  tree.send({ type: 'supervisor.start' })
  for (const id of ids) tree.move(id, 'running')
  tree.took()
  return tree
}

describe('the life of a supervisor, transition by transition', () => {
  it('73. starts in the given order, one after the other, however each start ends', () => {
    const tree = walk()
    expect(tree.state()).toBe('declared')
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

  it('passes over what was stopped before its first turn came', () => {
    const tree = walk()
    tree.send({ type: 'supervisor.start' })
    tree.move(b, 'stopped')
    tree.move(a, 'running')
    expect(tree.took()).toEqual(['start a', 'start c'])
  })

  it('73. stops in exactly the reverse order, each after the one before is down', () => {
    const tree = started()
    tree.move(b, 'completed')
    expect(tree.send({ type: 'supervisor.stop' })).toBe('stopping')
    expect(tree.took()).toEqual(['retire c', 'retire b', 'retire a', 'stop c'])
    tree.move(c, 'killing')
    expect(tree.took()).toEqual([])
    tree.move(c, 'zombie')
    expect(tree.took()).toEqual(['stop a'])
    expect(tree.move(a, 'stopped')).toBe('stopped')
    expect(tree.took()).toEqual(['stopped'])
  })

  it('asks for turns at once, and says when they are throttled', () => {
    const tree = started()
    expect(tree.fallDue(a)).toBe(running)
    expect(tree.send({ type: 'turns.throttled', delayMs: 50 })).toBe('active:roster:running,turns:throttled')
    tree.fallDue(b)
    expect(tree.took()).toEqual(['turn a', 'throttled 50', 'turn b'])
    expect(tree.send({ type: 'turns.open' })).toBe(running)
  })

  it('gives turns while it still starts others', () => {
    const tree = walk()
    tree.send({ type: 'supervisor.start' })
    tree.move(a, 'backoff')
    tree.took()
    expect(tree.fallDue(a)).toContain('starting')
    expect(tree.took()).toEqual(['turn a'])
  })

  it('gives no turn while it stops', () => {
    const tree = started()
    tree.send({ type: 'supervisor.stop' })
    tree.took()
    tree.fallDue(a)
    expect(tree.took()).toEqual([])
  })

  it('escalates once: stops the others in reverse order, abnormally', () => {
    const tree = started()
    tree.move(b, 'failed')
    expect(tree.send({ type: 'child.escalated', ending: escalation(b) })).toBe('escalating')
    expect(tree.took()).toEqual(['escalated b', 'retire c', 'retire b', 'retire a', 'stop c'])
    tree.send({ type: 'child.escalated', ending: escalation(a) })
    tree.send({ type: 'supervisor.stop' })
    tree.move(c, 'stopped')
    expect(tree.move(a, 'stopped')).toBe('stopped')
    expect(tree.took()).toEqual(['stop a', 'stopped: escalated'])
  })

  it('stops before it was ever started', () => {
    const tree = walk()
    for (const id of ids) tree.move(id, 'stopped')
    expect(tree.send({ type: 'supervisor.stop' })).toBe('stopped')
  })

  it('kills all at once, also in the middle of a stop', () => {
    const tree = started()
    tree.send({ type: 'supervisor.stop' })
    tree.took()
    expect(tree.send({ type: 'supervisor.kill' })).toBe('killing')
    expect(tree.took()).toEqual(['retire c', 'retire b', 'retire a', 'kill c', 'kill b', 'kill a'])
    tree.move(a, 'stopped')
    tree.move(b, 'zombie')
    expect(tree.move(c, 'stopped')).toBe('stopped')
  })

  it('18. stops all together under one timer, where they have one', () => {
    const tree = started({ commonShutdownMs: 1_000 })
    tree.send({ type: 'supervisor.stop' })
    expect(tree.took().slice(3)).toEqual(['stop c together', 'stop b together', 'stop a together'])
    tree.move(b, 'stopped')
    tree.clock.advance(999)
    expect(tree.state()).toBe('stopping')
    tree.clock.advance(1)
    expect(tree.state()).toBe('killing')
    expect(tree.took().slice(3)).toEqual(['kill c', 'kill a'])
  })

  it('ends with a significant child, once it is between two tasks', () => {
    const conclude = { type: 'child.concluded', ending: { ...escalation(a), kind: 'auto-shutdown' } } as const
    const tree = walk()
    tree.send({ type: 'supervisor.start' })
    tree.move(a, 'completed')
    expect(tree.send(conclude)).toContain('starting')
    tree.move(b, 'running')
    expect(tree.move(c, 'running')).toBe('stopping')
    tree.move(c, 'stopped')
    expect(tree.move(b, 'stopped')).toBe('stopped')
    expect(tree.took().at(-1)).toBe('stopped: auto-shutdown')
  })

  it('51. a first start that fails ends it, where all have to succeed', () => {
    const tree = walk({ otp: true })
    tree.send({ type: 'supervisor.start' })
    tree.move(a, 'running')
    tree.took()
    expect(tree.move(b, 'failed')).toBe('escalating')
    expect(tree.took()).toEqual(['escalated b', 'retire c', 'retire b', 'retire a', 'stop c'])
  })
})

describe('the life of a group', () => {
  it('stops in reverse, waits for the backoff, and starts in order', () => {
    const tree = started({ strategy: 'one_for_all' })
    expect(tree.move(b, 'backoff')).toBe(groupIn('stopping'))
    expect(tree.took()).toEqual(['reserve a', 'reserve b', 'reserve c', 'hold c'])
    tree.move(c, 'stopping')
    expect(tree.took()).toEqual([])
    tree.move(c, 'held')
    expect(tree.took()).toEqual(['hold a'])
    expect(tree.move(a, 'held')).toBe(groupIn('waiting'))
    expect(tree.took()).toEqual([])
    expect(tree.fallDue(b)).toBe(groupIn('queued'))
    expect(tree.move(a, 'starting')).toBe(groupIn('starting'))
    expect(tree.took()).toEqual(['turn a'])
    tree.move(a, 'running')
    tree.move(b, 'running')
    expect(tree.move(c, 'running')).toBe(running)
    // The group has had its turn with its first member.
    expect(tree.took()).toEqual(['restart b', 'restart c'])
  })

  it('rest_for_one leaves alone what was started before', () => {
    const tree = started({ strategy: 'rest_for_one' })
    tree.move(b, 'backoff')
    tree.move(c, 'held')
    tree.fallDue(b)
    tree.move(b, 'running')
    expect(tree.move(c, 'running')).toBe(running)
    expect(tree.took()).toEqual(['reserve b', 'reserve c', 'hold c', 'turn b', 'restart c'])
  })

  it('widens when an earlier one fails meanwhile', () => {
    const tree = started({ strategy: 'rest_for_one' })
    tree.move(c, 'backoff')
    expect(tree.state()).toBe(groupIn('waiting'))
    expect(tree.move(a, 'backoff')).toBe(groupIn('stopping'))
    expect(tree.move(b, 'held')).toBe(groupIn('waiting'))
    expect(tree.fallDue(a)).toBe(groupIn('waiting'))
    expect(tree.fallDue(c)).toBe(groupIn('queued'))
  })

  it('35. 44. a member that fails to start: all again under one_for_all, the rest only under rest_for_one', () => {
    const again = (strategy: Strategy): string[] => {
      const tree = started({ strategy })
      tree.move(a, 'backoff')
      tree.move(c, 'held')
      tree.move(b, 'held')
      tree.fallDue(a)
      tree.move(a, 'running')
      tree.took()
      tree.move(b, 'backoff')
      return tree.took()
    }
    expect(again('one_for_all')).toEqual(['reserve a', 'reserve b', 'reserve c', 'hold a'])
    expect(again('rest_for_one')).toEqual(['reserve b', 'reserve c'])
  })

  it('drops temporary bystanders', () => {
    const tree = started({ strategy: 'one_for_all', temporary: [c] })
    tree.move(a, 'backoff')
    expect(tree.took()).toEqual(['reserve a', 'reserve b', 'terminate c'])
    tree.move(c, 'removed')
    tree.move(b, 'held')
    tree.fallDue(a)
    tree.move(a, 'running')
    expect(tree.move(b, 'running')).toBe(running)
    expect(tree.took()).toEqual(['hold b', 'turn a', 'restart b'])
  })

  it('is held while a member is quarantined or a zombie', () => {
    for (const blocked of ['quarantined', 'zombie'] as const) {
      const tree = started({ strategy: 'one_for_all' })
      tree.move(a, 'backoff')
      tree.move(c, 'held')
      tree.took()
      expect(tree.move(b, blocked)).toBe('active:roster:held,turns:open')
      expect(tree.took()).toEqual([`held by b, ${blocked}`])
      tree.fallDue(a)
      expect(tree.state()).toContain('roster:held')
      tree.move(b, 'backoff')
      expect(tree.took()).toEqual(['released'])
      expect(tree.fallDue(b)).toBe(groupIn('queued'))
    }
  })

  it('67. whose failed child was terminated starts without it, and under otp stays down', () => {
    const settled = (otp: boolean): [string, string[]] => {
      const tree = started({ strategy: 'rest_for_one', otp })
      tree.move(b, 'backoff')
      tree.move(c, 'held')
      tree.took()
      return [tree.move(b, 'stopped'), tree.took()]
    }
    expect(settled(false)).toEqual([groupIn('queued'), ['turn c']])
    expect(settled(true)).toEqual([running, ['terminate c']])
  })
})
