import { describe, expect, it } from 'vitest'
import { eventReasonCharsMax } from '../limits.js'
import { StormGuard } from '../planning/storm-guard.js'
import { plan, report, SimulatedPort, SimulatedTree, settle, supervisor } from '../simulated-port.test.support.js'
import type { Strategy } from '../supervisor-plan.js'
import { crash, hourMs, id, OtpTree, pool, stop } from './otp-rig.test.support.js'

// OTP 27.3 supervisor_SUITE, cases 56–57 and 65–77: what a supervisor has to withstand.

it('56. child_unlink: a child that ignores its stop cannot hang the call that ends it', async () => {
  const tree = await OtpTree.started([{ id: 'deaf', shutdownMs: 1_000, behaviour: { onStop: 'ignores' } }])
  const terminated = tree.tree.terminateChild('root', id('deaf'))
  await settle()
  await tree.pass(1_000)
  expect(await terminated).toEqual({ kind: 'terminated' })
  expect([tree.port('deaf').run.kills, tree.status('deaf')]).toEqual([1, 'undefined'])
})

it('56. child_unlink: one that a kill does not end is a zombie, and is said to be one', async () => {
  const behaviour = { onStop: 'ignores', onKill: 'zombie' } as const
  const tree = await OtpTree.started([{ id: 'undead', shutdownMs: 0, behaviour }])
  expect(await tree.terminate('undead')).toBe('zombie')
  expect([await tree.restart('undead'), await tree.remove('undead')]).toEqual(['running', 'running'])
  tree.port('undead').run.exit(crash)
  await settle()
  expect(await tree.remove('undead')).toBe('deleted')
})

describe('57. tree', () => {
  async function nested() {
    const rig = new OtpTree()
    const inner = rig.nested('inner', [{ id: 'a' }, { id: 'b' }])
    const other = rig.nested('other', [{ id: 'c' }])
    const tree = await OtpTree.started([inner, other, { id: 'worker' }], { strategy: 'one_for_all' })
    for (const [name, port] of rig.ports) tree.ports.set(name, port)
    return tree
  }

  it('57. tree: supervisors and workers are counted as what they are', async () => {
    const tree = await nested()
    expect([tree.counts(), tree.counts('inner')]).toEqual([
      [3, 3, 2, 1],
      [2, 2, 0, 2],
    ])
  })

  it('57. tree: a crash within restarts only its own', async () => {
    const tree = await nested()
    await tree.crash('a', 2)
    expect(tree.pids('a', 'b', 'c', 'worker')).toEqual([3, 1, 1, 1])
  })

  it('57. tree: exhaustion within escalates: the static children are rebuilt, the others are not', async () => {
    const tree = await nested()
    await tree.add({ id: 'dynamic' }, 'inner')
    await tree.add({ id: 'kept' })
    expect(await tree.terminate('other')).toBe('terminated')
    expect(tree.counts('inner')).toEqual([3, 3, 0, 3])
    await tree.crash('a', 3)
    expect(tree.counts('inner')).toEqual([2, 2, 0, 2])
    expect(tree.status('dynamic', 'inner')).toBe('gone')
    // What was terminated before comes back with its group, and what was added to the group belongs to it.
    expect(tree.counts()).toEqual([4, 4, 2, 2])
    expect(tree.pids('a', 'b', 'c', 'worker', 'dynamic', 'kept')).toEqual([4, 2, 2, 2, 0, 2])
  })

  it('57. tree: incarnations go on over the lives of a supervisor', async () => {
    const tree = await nested()
    await tree.crash('a', 3)
    await tree.crash('a')
    expect(tree.port('a').runs.map(({ incarnation }) => incarnation)).toEqual([1, 2, 3, 4, 5])
    expect(tree.simulated.fences.filter((fence) => fence.startsWith('a#'))).toEqual(['a#1', 'a#2', 'a#3', 'a#4'])
  })
})

it('65. simple_global_supervisor: a name means whoever bears it now', async () => {
  const rig = new OtpTree()
  const inner = rig.nested('inner', [{ id: 'worker' }], { intensity: { restarts: 1, withinMs: hourMs } })
  const tree = await OtpTree.started([inner])
  const exit = async (exits: typeof crash): Promise<void> => {
    rig.port('worker').run.exit(exits)
    await settle()
  }
  await exit(crash)
  expect([rig.port('worker').runs.length, tree.counts('inner')]).toEqual([2, [1, 1, 0, 1]])
  await exit(stop)
  expect([rig.port('worker').runs.length, tree.counts('inner')]).toEqual([3, [1, 1, 0, 1]])
  expect(await tree.terminate('worker', 'inner')).toBe('terminated')
  expect(await tree.restart('worker', 'inner')).toBe('started')
  expect(await tree.terminate('inner')).toBe('terminated')
  expect(await tree.restart('worker', 'inner')).toBe('no-supervisor')
  expect([await tree.restart('inner'), tree.counts('inner')]).toEqual(['started', [1, 1, 0, 1]])
  await tree.stop()
  expect([tree.counts('inner'), rig.port('worker').run.live]).toEqual(['noproc', false])
})

/** A supervisor whose child is in the middle of attempts that fail: the storm guard makes each wait for its turn. */
async function hanging(strategy: Strategy, ids: readonly string[]): Promise<OtpTree> {
  const tree = await OtpTree.started(
    ids.map((name) => ({ id: name })),
    { strategy, intensity: { restarts: 1_000, withinMs: hourMs } },
  )
  tree.port('stuck').behaviour = { ready: 'fails', onStop: 'shutdown', onKill: 'exits' }
  await tree.crash('stuck')
  expect(tree.status('stuck')).toBe('restarting')
  return tree
}

it('66. hanging_restart_loop: a child in the middle of its attempts is listed, and ended at once', async () => {
  const tree = await hanging('one_for_one', ['stuck', 'sibling'])
  expect(await tree.add({ id: 'stuck' })).toMatchObject({ kind: 'already-present' })
  expect([await tree.restart('stuck'), await tree.remove('stuck')]).toEqual(['restarting', 'restarting'])
  expect([tree.counts(), tree.pids('sibling')]).toEqual([[2, 1, 0, 2], [1]])
  expect(await tree.terminate('stuck')).toBe('terminated')
  expect([tree.status('stuck'), tree.simulated.clock.wallMs()]).toEqual(['undefined', 0])
  const runs = tree.port('stuck').runs.length
  await tree.pass(10_000)
  expect(tree.port('stuck').runs).toHaveLength(runs)
})

it('66. hanging_restart_loop: the supervisor stops at once', async () => {
  const tree = await hanging('one_for_one', ['stuck', 'sibling'])
  await tree.tree.stop()
  expect([tree.tree.state, tree.simulated.clock.wallMs(), tree.simulated.clock.pendingTimers]).toEqual([
    'stopped',
    0,
    0,
  ])
})

it('67. hanging_restart_loop_rest_for_one: later siblings are down, the earlier one lives', async () => {
  const tree = await hanging('rest_for_one', ['earlier', 'stuck', 'later'])
  expect(tree.which()).toEqual([
    ['later', 'undefined'],
    ['stuck', 'restarting'],
    ['earlier', 'running'],
  ])
  expect([await tree.restart('stuck'), await tree.remove('stuck')]).toEqual(['restarting', 'restarting'])
  expect(await tree.terminate('stuck')).toBe('terminated')
  await tree.pass(10_000)
  expect(tree.which()).toEqual([
    ['later', 'undefined'],
    ['stuck', 'undefined'],
    ['earlier', 'running'],
  ])
  expect([await tree.restart('later'), tree.isAlive]).toEqual(['started', true])
})

it('68. hanging_restart_loop_simple: the same in a pool, whose member is ended by its old name', async () => {
  const tree = await pool('permanent', { intensity: { restarts: 1_000, withinMs: hourMs } })
  for (const name of ['stuck', 'sibling']) await tree.member(name)
  tree.port('stuck').behaviour = { ready: 'fails', onStop: 'shutdown', onKill: 'exits' }
  await tree.crash('stuck')
  expect([tree.status('stuck'), tree.counts()]).toEqual(['restarting', [1, 1, 0, 2]])
  expect(await tree.terminate('stuck')).toBe('terminated')
  expect([tree.counts(), tree.simulated.clock.wallMs()]).toEqual([[1, 1, 0, 1], 0])
  await tree.tree.stop()
  expect(tree.simulated.clock.pendingTimers).toBe(0)
})

it('69. code_change: new flags count, new children are not started, changed ones are not restarted, old ones stay', async () => {
  const tree = await OtpTree.started([{ id: 'old' }, { id: 'both' }], { intensity: { restarts: 5, withinMs: hourMs } })
  const next = tree.upgrade([{ id: 'new' }, { id: 'both', shutdownMs: 0 }], {
    intensity: { restarts: 0, withinMs: hourMs },
  })
  expect(await tree.tree.changeSpec('root', next)).toEqual({ kind: 'changed' })
  expect(tree.which()).toEqual([
    ['old', 'running'],
    ['both', 'running'],
    ['new', 'undefined'],
  ])
  expect([tree.pids('old', 'both'), tree.port('new').runs.length]).toEqual([[1, 1], 0])
  expect(await tree.terminate('both')).toBe('terminated')
  expect([tree.port('both').run.stops, tree.port('both').run.kills]).toEqual([0, 1])
  expect([await tree.restart('new'), tree.pids('new')]).toEqual(['started', [1]])
  await tree.crash('old')
  expect(tree.isAlive).toBe(false)
})

it('70. code_change_map: a faulty plan changes nothing', async () => {
  const tree = await OtpTree.started([{ id: 'child' }])
  const faulty = [
    { ...tree.upgrade([{ id: 'child' }]), strategy: 'one_for_some' },
    { ...tree.upgrade([{ id: 'child' }, { id: 'new' }]), intensity: { restarts: 1, withinMs: 0 } },
    { ...tree.upgrade([{ id: 'child', shutdownMs: -1 }]) },
    { ...tree.upgrade([{ id: 'child' }, { id: 'child' }]) },
    { ...tree.upgrade([{ id: 'child' }]), name: 'another' },
    { ...tree.upgrade([{ id: 'child' }]), profile: 'default' },
    { ...tree.upgrade([{ id: 'root' }]) },
    { ...tree.upgrade([]), children: [supervisor('child', [])] },
  ]
  for (const plan of faulty) {
    await expect(tree.tree.changeSpec('root', plan as never)).rejects.toThrow(
      expect.objectContaining({ code: 'usage' }),
    )
  }
  expect(tree.which()).toEqual([['child', 'running']])
  await tree.crash('child', 2)
  expect([tree.isAlive, tree.pids('child')]).toEqual([true, [3]])
})

it('71. code_change_simple: members live on, and what is started from now on follows the new template', async () => {
  const tree = await pool('permanent')
  await tree.member('one')
  const { template, ...flags } = tree.upgrade([])
  if (template === undefined) throw new Error('a pool has a template')
  const next = { ...flags, template: { ...template, restart: 'temporary' as const, shutdownMs: 0 } }
  expect(await tree.tree.changeSpec('root', next)).toEqual({ kind: 'changed' })
  expect(tree.pids('one')).toEqual([1])
  await tree.crash('one')
  expect([tree.counts(), tree.port('one').runs.length]).toEqual([[1, 0, 0, 0], 1])
  await tree.member('two')
  expect(await tree.terminate('two')).toBe('terminated')
  expect(tree.port('two').run.kills).toBe(1)
})

it('72. code_change_simple_map: a pool stays one, with exactly one template', async () => {
  const tree = await pool()
  const { template, ...none } = tree.upgrade([])
  if (template === undefined) throw new Error('a pool has a template')
  const faulty = [none, tree.upgrade([{ id: 'child' }]), { ...none, template: { ...template, shutdownMs: -1 } }]
  for (const plan of faulty) {
    await expect(tree.tree.changeSpec('root', plan)).rejects.toThrow(expect.objectContaining({ code: 'usage' }))
  }
  const plain = await OtpTree.started([{ id: 'child' }])
  await expect(plain.tree.changeSpec('root', { ...none, template })).rejects.toThrow('cannot become a pool')
})

it('73. order_of_children: started as given, a group stopped in reverse, all stopped in reverse', async () => {
  const ids = ['five', 'four', 'three', 'two', 'one']
  const tree = await OtpTree.started(
    ids.map((name) => ({ id: name })),
    { strategy: 'rest_for_one' },
  )
  const order = (type: string): string[] =>
    tree
      .told()
      .filter((event) => event.startsWith(`${type} `))
      .map((event) => event.slice(type.length + 1))
  expect(order('child.starting')).toEqual(ids)
  await tree.crash('three')
  const told = tree.told()
  expect(told.filter((event) => /child.(exited|starting)/.test(event))).toEqual([
    'child.exited three',
    'child.exited one',
    'child.exited two',
    'child.starting three',
    'child.starting two',
    'child.starting one',
  ])
  await tree.stop()
  expect(order('child.exited')).toEqual(ids.toReversed())
})

it('74. scale_start_stop_many_children: ten times as many are ten times the work', async () => {
  const work = async (children: number): Promise<number> => {
    const ids = Array.from({ length: children }, (_, i) => ({ id: `c${i}` }))
    const tree = await OtpTree.started(ids)
    await tree.stop()
    return tree.simulated.clock.readings
  }
  const [few, many] = [await work(100), await work(1_000)]
  expect(many).toBeLessThan(11 * few)
})

it('75. format_log_1: an event names the supervisor, what happened, why, and to whom', async () => {
  const tree = await OtpTree.started([{ id: 'child' }])
  tree.simulated.events.splice(0)
  await tree.crash('child', 3)
  const common = { supervisor: 'root', child: 'child' }
  expect(tree.simulated.events).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...common, type: 'child.exited', class: 'crash', reason: 'boom', incarnation: 1 }),
      expect.objectContaining({ ...common, type: 'child.restarting', restartsLeft: 1 }),
      expect.objectContaining({ ...common, type: 'supervisor.escalated', reason: 'boom' }),
    ]),
  )
})

it('76. format_log_2: a reason is cut at its bound', async () => {
  const tree = await OtpTree.started([{ id: 'child' }])
  await tree.exit('child', report('crash', 'x'.repeat(100_000)))
  const reasons = tree.simulated.events.flatMap(({ reason }) => (reason === undefined ? [] : [reason.length]))
  expect(Math.max(...reasons)).toBe(eventReasonCharsMax)
})

it('77. already_started_outside_supervisor: a start that finds another one running is a failed start', async () => {
  const foreign = new SimulatedPort()
  foreign.start(1)
  const tree = await OtpTree.started()
  const port = new SimulatedPort()
  port.failStart = new Error('already started')
  const answer = await tree.done(tree.tree.startChild('root', plan('child', port)))
  expect(answer).toMatchObject({ kind: 'failed', report: { reason: 'the start failed: already started' } })
  expect([foreign.run.live, foreign.run.stops, tree.counts()]).toEqual([true, 0, [0, 0, 0, 0]])
})

it('terminates with mixed children: what ends by itself, what is stopped and what must be killed', async () => {
  const tree = await pool('temporary', {}, { shutdownMs: 1_000 })
  tree.ports.set('deaf', new SimulatedPort({ onStop: 'ignores' }))
  tree.ports.set('odd', new SimulatedPort({ onStop: 'crash' }))
  for (const name of ['deaf', 'odd', 'plain', 'gone']) await tree.member(name)
  await tree.exit('gone', stop)
  await tree.stop()
  expect(['deaf', 'odd', 'plain', 'gone'].map((name) => tree.port(name).run.kills)).toEqual([1, 0, 0, 0])
})

it('terminates a restarting child', async () => {
  const tree = await hanging('one_for_all', ['stuck', 'sibling'])
  expect(await tree.terminate('stuck')).toBe('terminated')
  await tree.pass(hourMs)
  expect(tree.which()).toEqual([
    ['sibling', 'undefined'],
    ['stuck', 'undefined'],
  ])
})

it('a name of the tree is borne once', async () => {
  const tree = new SimulatedTree([supervisor('inner', [plan('taken', new SimulatedPort())])], {
    stormGuard: new StormGuard(),
  })
  await tree.start()
  for (const name of ['taken', 'root']) {
    await expect(tree.tree.startChild('root', plan(name, new SimulatedPort()))).rejects.toThrow(
      expect.objectContaining({ code: 'usage' }),
    )
  }
  await expect(tree.tree.startChild('inner', plan('inner', new SimulatedPort()))).rejects.toThrow(
    '`inner` is a child of',
  )
})
