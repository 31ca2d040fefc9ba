import { parseChildId } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import {
  plan,
  report,
  SimulatedAdmission,
  SimulatedPort,
  SimulatedTree,
  settle,
} from './simulated-port.test.support.js'
import type { Strategy } from './supervisor-plan.js'

// Groups under profile `default`: accounts of their own, backoff, and what a quarantine means to siblings.

const crash = report('crash', 'trap: unreachable')
const forged = report('security', 'a handle nobody gave', 'forged-handle')

async function group(strategy: Strategy, ...names: readonly string[]) {
  const ports = names.map(() => new SimulatedPort())
  const children = names.map((name, index) => plan(name, ports[index] as SimulatedPort))
  const tree = new SimulatedTree(children, { strategy })
  await tree.start()
  tree.told()
  return {
    tree,
    ports: ports as [SimulatedPort, SimulatedPort, SimulatedPort],
    runs: () => ports.map(({ runs }) => runs.length),
  }
}

describe('a group under backoff', () => {
  it('waits as held, and only the one that failed pays', async () => {
    const { tree, ports, runs } = await group('one_for_all', 'a', 'b', 'c')
    ports[1].run.exit(crash)
    await settle()
    expect([tree.states(), tree.tree.state]).toEqual([['held', 'backoff', 'held'], 'restarting-group'])
    expect(tree.told()).toEqual([
      'child.exited b',
      'child.restarting b',
      'child.exited c',
      'child.held c',
      'child.exited a',
      'child.held a',
    ])
    await tree.pass(199)
    expect(runs()).toEqual([1, 1, 1])
    await tree.pass(1)
    expect([runs(), tree.states()]).toEqual([
      [2, 2, 2],
      ['running', 'running', 'running'],
    ])
    expect(['a', 'b', 'c'].map((id) => tree.view(id).restartsLeft)).toEqual([3, 2, 3])
    expect(tree.told().filter((event) => event.startsWith('child.starting'))).toEqual([
      'child.starting a',
      'child.starting b',
      'child.starting c',
    ])
  })

  it('rest_for_one holds those after it only', async () => {
    const { tree, ports, runs } = await group('rest_for_one', 'a', 'b', 'c')
    ports[1].run.exit(crash)
    await settle()
    expect(tree.states()).toEqual(['running', 'backoff', 'held'])
    await tree.pass(200)
    expect([runs(), tree.states()]).toEqual([
      [1, 2, 2],
      ['running', 'running', 'running'],
    ])
  })

  it('widens when an earlier one fails meanwhile, and starts when both are due', async () => {
    const { tree, ports, runs } = await group('rest_for_one', 'a', 'b', 'c')
    ports[1].run.exit(crash)
    await settle()
    await tree.pass(100)
    ports[0].run.exit(crash)
    await settle()
    expect(tree.states()).toEqual(['backoff', 'backoff', 'held'])
    await tree.pass(199)
    expect(runs()).toEqual([1, 1, 1])
    await tree.pass(1)
    expect(runs()).toEqual([2, 2, 2])
  })

  it('a member that crashes by itself while its group goes down is held like the others, and not charged', async () => {
    const ports = [new SimulatedPort(), new SimulatedPort(), new SimulatedPort({ onStop: 'ignores' })] as const
    const tree = new SimulatedTree([plan('a', ports[0]), plan('b', ports[1]), plan('c', ports[2])], {
      strategy: 'one_for_all',
    })
    await tree.start()
    ports[0].run.exit(crash)
    await settle()
    expect(tree.states()).toEqual(['backoff', 'running', 'stopping'])
    ports[1].run.exit(crash)
    await settle()
    expect([tree.view('b').state, tree.view('b').restartsLeft]).toEqual(['held', 3])
    await tree.pass(5_000)
    expect([tree.states(), tree.view('c').restartsLeft]).toEqual([['running', 'running', 'running'], 3])
  })

  it('a security fault of a member that goes down is a security fault', async () => {
    const ports = [new SimulatedPort(), new SimulatedPort({ onStop: 'ignores' })] as const
    const tree = new SimulatedTree([plan('a', ports[0]), plan('b', ports[1])], { strategy: 'one_for_all' })
    await tree.start()
    ports[0].run.exit(crash)
    await settle()
    ports[1].run.exit(forged)
    await settle()
    expect([tree.states(), tree.tree.state]).toEqual([['backoff', 'quarantined'], 'held'])
  })

  it('what waits for its admission is held too, and asked again with the group', async () => {
    const ports = [new SimulatedPort(), new SimulatedPort()] as const
    const admission = new SimulatedAdmission('approval-required')
    const tree = new SimulatedTree([plan('a', ports[0]), plan('b', ports[1], { admission })], {
      strategy: 'one_for_all',
    })
    await tree.start()
    ports[0].run.exit(crash)
    await settle()
    expect(tree.states()).toEqual(['backoff', 'held'])
    admission.become()
    await settle()
    expect(ports[1].runs).toHaveLength(0)
    await tree.pass(200)
    expect(tree.states()).toEqual(['running', 'running'])
  })

  it('is stopped in the middle of everything', async () => {
    for (const passMs of [0, 100, 200]) {
      const { tree, ports } = await group('one_for_all', 'a', 'b', 'c')
      ports[1].run.exit(crash)
      await settle()
      await tree.pass(passMs)
      await tree.tree.stop()
      expect(tree.states()).toEqual(['stopped', 'stopped', 'stopped'])
      expect(ports.some(({ run }) => run.live)).toBe(false)
      expect(tree.clock.pendingTimers).toBe(0)
    }
  })
})

describe('a group with a quarantined member', () => {
  it('is held, its supervisor degraded, until the member is released', async () => {
    const { tree, ports, runs } = await group('one_for_all', 'a', 'b', 'c')
    ports[1].run.exit(forged)
    await settle()
    expect([tree.states(), tree.tree.state]).toEqual([['held', 'quarantined', 'held'], 'held'])
    expect(tree.tree.tree().health).toEqual({ status: 'degraded', reasons: ['b is quarantined'] })
    expect(tree.events.at(-1)).toMatchObject({
      type: 'supervisor.held',
      child: 'b',
      reason: '`b` is quarantined, and its group with it',
    })
    await tree.pass(1e7)
    expect(runs()).toEqual([1, 1, 1])
    expect(tree.tree.release(parseChildId('b'), 'the cause is known')).toEqual({ kind: 'released' })
    await tree.pass(1_000)
    expect([tree.states(), runs(), tree.tree.state]).toEqual([['running', 'running', 'running'], [2, 2, 2], 'running'])
    expect(tree.told()).toContain('supervisor.released')
  })

  it('rest_for_one: those before it run on', async () => {
    const { tree, ports } = await group('rest_for_one', 'a', 'b', 'c')
    ports[1].run.exit(forged)
    await settle()
    expect(tree.states()).toEqual(['running', 'quarantined', 'held'])
    expect(ports[0].run.stops).toBe(0)
  })

  it('goes on without it when it is deleted', async () => {
    const { tree, ports } = await group('one_for_all', 'a', 'b', 'c')
    ports[1].run.exit(forged)
    await settle()
    expect(await tree.tree.deleteChild('root', parseChildId('b'))).toEqual({ kind: 'deleted' })
    await settle()
    expect([tree.states(), tree.tree.state]).toEqual([['running', 'running'], 'running'])
  })

  it('is held by a zombie too, until its end is seen', async () => {
    const { tree, ports, runs } = await group('one_for_all', 'a', 'b', 'c')
    ports[2].run.getStuck()
    await settle()
    ports[0].run.exit(crash)
    await settle()
    await tree.pass(1_000)
    expect([tree.states(), tree.tree.state]).toEqual([['backoff', 'held', 'zombie'], 'held'])
    ports[2].run.exit(report('resource', 'deadline of 2 s passed'))
    await settle()
    await tree.pass(1_000)
    expect([tree.states(), runs()]).toEqual([
      ['running', 'running', 'running'],
      [2, 2, 2],
    ])
  })

  it('a child outside the group is not touched: that is what groups are declared for', async () => {
    const { tree, ports } = await group('one_for_one', 'a', 'b', 'c')
    ports[1].run.exit(forged)
    await settle()
    expect(tree.states()).toEqual(['running', 'quarantined', 'running'])
    expect([ports[0].run.stops, ports[2].run.stops, tree.tree.state]).toEqual([0, 0, 'running'])
  })
})

describe('administrative calls and groups', () => {
  it('a failed child that is terminated while its group waits leaves it, and the others come back', async () => {
    const { tree, ports } = await group('one_for_all', 'a', 'b', 'c')
    ports[1].run.exit(crash)
    await settle()
    expect(await tree.tree.terminateChild('root', parseChildId('b'))).toEqual({ kind: 'terminated' })
    await settle()
    expect([tree.states(), tree.tree.state]).toEqual([['running', 'stopped', 'running'], 'running'])
  })

  it('calls wait while a group is being stopped or started', async () => {
    const ports = [new SimulatedPort(), new SimulatedPort({ onStop: 'ignores' })] as const
    const tree = new SimulatedTree([plan('a', ports[0]), plan('b', ports[1])], { strategy: 'one_for_all' })
    await tree.start()
    ports[0].run.exit(crash)
    await settle()
    const added = tree.tree.startChild('root', plan('late', new SimulatedPort()))
    await settle()
    expect(tree.states()).toHaveLength(2)
    await tree.pass(5_000)
    expect(await added).toEqual({ kind: 'started', child: 'late' })
    expect(tree.states()).toEqual(['running', 'running', 'running'])
  })

  it('a child whose group goes down before it is ready is answered as held, and comes back with it', async () => {
    const { tree, ports } = await group('one_for_all', 'a', 'b', 'c')
    const late = new SimulatedPort({ ready: 'never' })
    const added = tree.tree.startChild('root', plan('late', late))
    await settle()
    late.behaviour = { ready: 'at-once', onStop: 'shutdown', onKill: 'exits' }
    ports[0].run.exit(crash)
    await settle()
    expect(await added).toEqual({ kind: 'waiting', child: 'late', reason: 'its group is down' })
    await tree.pass(200)
    expect(tree.states()).toEqual(['running', 'running', 'running', 'running'])
  })

  it('another strategy counts from the next failure on', async () => {
    const { tree, ports, runs } = await group('one_for_one', 'a', 'b', 'c')
    const children = ['a', 'b', 'c'].map((name, index) => plan(name, ports[index] as SimulatedPort))
    await tree.tree.changeSpec('root', { kind: 'supervisor', name: 'root', strategy: 'one_for_all', children })
    ports[0].run.exit(crash)
    await settle()
    await tree.pass(200)
    expect(runs()).toEqual([2, 2, 2])
  })
})
