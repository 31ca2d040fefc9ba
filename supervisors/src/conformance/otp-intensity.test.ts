import { describe, expect, it } from 'vitest'
import { type Behaviour, settle } from '../simulated-port.test.support.js'
import type { Strategy } from '../supervisor-plan.js'
import { crash, hourMs, OtpTree, pool, sd, stop } from './otp-rig.test.support.js'

// OTP 27.3 supervisor_SUITE, cases 29–44, and the arithmetic of the budget. Ours counts milliseconds where OTP counts whole
// seconds, so its window is exactly P: no gap of a test lies between P and P + 1 s, where OTP itself is not sure.

const fails: Behaviour = { ready: 'fails', onStop: 'shutdown', onKill: 'exits' }
const works: Behaviour = { ready: 'at-once', onStop: 'shutdown', onKill: 'exits' }

it('29. multiple_restarts: one crash every 2.1 s, four times, survives one in 1 s', async () => {
  const tree = await OtpTree.started([{ id: 'child' }], { intensity: { restarts: 1, withinMs: 1_000 } })
  for (let i = 0; i < 4; i++) {
    await tree.crash('child')
    await tree.pass(2_100)
  }
  expect([tree.isAlive, tree.pids('child')]).toEqual([true, [5]])
})

it('31. one_for_one: a sibling is not touched; the third crash ends the supervisor', async () => {
  const tree = await OtpTree.started([{ id: 'child' }, { id: 'sibling' }])
  await tree.crash('child', 2)
  expect([tree.pids('child', 'sibling'), tree.port('sibling').run.stops]).toEqual([[3, 1], 0])
  await tree.crash('child')
  expect([tree.isAlive, tree.pids('child', 'sibling')]).toEqual([false, [0, 0]])
  expect(tree.port('sibling').run.stops).toBe(1)
  expect(tree.simulated.events.at(-1)).toMatchObject({ type: 'supervisor.stopped', class: 'shutdown' })
})

it('32. one_for_one_escalation: a child that fails at each attempt spends the budget, and its siblings with it', async () => {
  const tree = await OtpTree.started([{ id: 'child' }, { id: 'sibling' }])
  tree.port('child').behaviour = fails
  await tree.crash('child')
  // The first run, and as many attempts as there are restarts.
  expect(tree.port('child').runs).toHaveLength(3)
  expect([tree.isAlive, tree.pids('sibling')]).toEqual([false, [0]])
  expect(tree.simulated.clock.wallMs()).toBe(0)
})

it('33. one_for_all: all are replaced, a group counts as one, the third ends the supervisor', async () => {
  const tree = await OtpTree.started([{ id: 'a' }, { id: 'b' }, { id: 'c' }], { strategy: 'one_for_all' })
  await tree.crash('b')
  expect(tree.pids('a', 'b', 'c')).toEqual([2, 2, 2])
  await tree.crash('c')
  expect(tree.pids('a', 'b', 'c')).toEqual([3, 3, 3])
  await tree.crash('a')
  expect([tree.isAlive, tree.pids('a', 'b', 'c')]).toEqual([false, [0, 0, 0]])
})

it('34. one_for_all_escalation: a member that never starts spends the budget', async () => {
  const tree = await OtpTree.started([{ id: 'child' }, { id: 'other' }], { strategy: 'one_for_all' })
  tree.port('other').behaviour = fails
  await tree.crash('child')
  expect([tree.isAlive, tree.pids('child', 'other')]).toEqual([false, [0, 0]])
  expect(tree.port('other').runs).toHaveLength(3)
})

it('35. one_for_all_other_child_fails_restart: what is up already is stopped, and the group started again whole', async () => {
  const tree = await OtpTree.started([{ id: 'first' }, { id: 'second' }, { id: 'third' }], { strategy: 'one_for_all' })
  tree.port('second').behaviour = { ...works, ready: 'when-told' }
  await tree.crash('first')
  expect(tree.pids('first', 'second', 'third')).toEqual([2, 2, 0])
  tree.port('second').behaviour = works
  await tree.exit('second', crash)
  expect(tree.port('first').runs[1]?.stops).toBe(1)
  expect(tree.pids('first', 'second', 'third')).toEqual([3, 3, 2])
  expect(tree.simulated.view('first').lastExit).toMatchObject({ class: 'shutdown' })
})

it('36. simple_one_for_one: siblings are not touched, the budget is one, the third crash ends the pool', async () => {
  const tree = await pool()
  await tree.member('a')
  await tree.member('b')
  await tree.crash('a')
  await tree.crash('b')
  expect([tree.pids('a', 'b'), tree.counts()]).toEqual([
    [2, 2],
    [1, 2, 0, 2],
  ])
  await tree.crash('a')
  expect(tree.isAlive).toBe(false)
  expect(tree.simulated.events.at(-1)).toMatchObject({ type: 'supervisor.stopped', class: 'shutdown' })
})

it('37. simple_one_for_one_shutdown: slow members get their whole time, the slowest is killed', async () => {
  const tree = await pool('permanent', {}, { shutdownMs: 5_000, behaviour: { onStop: 'ignores' } })
  for (const name of ['slow', 'slower', 'slowest']) await tree.member(name)
  const stopped = tree.tree.stop()
  await tree.pass(1_000)
  await tree.exit('slow', sd)
  await tree.pass(3_000)
  await tree.exit('slower', sd)
  await tree.pass(1_000)
  await stopped
  expect(['slow', 'slower', 'slowest'].map((name) => tree.port(name).run.kills)).toEqual([0, 0, 1])
})

it('39. simple_one_for_one_escalation: a member that fails at each attempt spends the budget', async () => {
  const tree = await pool()
  await tree.member('a')
  await tree.member('b')
  tree.port('a').behaviour = fails
  await tree.crash('a')
  expect([tree.isAlive, tree.pids('b'), tree.port('a').runs.length]).toEqual([false, [0], 3])
})

describe('41. simple_one_for_one_restart_ignore', () => {
  it.each(['transient', 'permanent'] as const)(
    'a %s member whose restart has nothing to run is dropped',
    async (restart) => {
      const tree = await pool(restart)
      await tree.member('a')
      tree.port('a').behaviour = { ...works, ready: 'ignored' }
      await tree.crash('a')
      await tree.pass(1e6)
      expect([tree.isAlive, tree.counts(), tree.port('a').runs.length]).toEqual([true, [1, 0, 0, 0], 2])
    },
  )
})

it('42. rest_for_one: later siblings only are replaced; the third crash ends the supervisor', async () => {
  const tree = await OtpTree.started([{ id: 'a' }, { id: 'b' }, { id: 'c' }], { strategy: 'rest_for_one' })
  await tree.crash('b')
  expect(tree.pids('a', 'b', 'c')).toEqual([1, 2, 2])
  await tree.crash('c')
  expect(tree.pids('a', 'b', 'c')).toEqual([1, 2, 3])
  await tree.crash('b')
  expect([tree.isAlive, tree.pids('a', 'b', 'c')]).toEqual([false, [0, 0, 0]])
})

it('43. rest_for_one_escalation: a later sibling that never starts spends the budget', async () => {
  const tree = await OtpTree.started([{ id: 'child' }, { id: 'other' }], { strategy: 'rest_for_one' })
  tree.port('other').behaviour = fails
  await tree.crash('child')
  expect([tree.isAlive, tree.pids('child', 'other')]).toEqual([false, [0, 0]])
})

it('44. rest_for_one_other_child_fails_restart: those before the one that failed are not started again', async () => {
  const tree = await OtpTree.started([{ id: 'first' }, { id: 'second' }, { id: 'third' }], { strategy: 'rest_for_one' })
  tree.port('second').behaviour = { ...works, ready: 'when-told' }
  await tree.crash('first')
  tree.port('second').behaviour = works
  await tree.exit('second', crash)
  expect(tree.pids('first', 'second', 'third')).toEqual([2, 3, 2])
  expect(tree.port('first').run.stops).toBe(0)
})

describe('the arithmetic', () => {
  it.each([0, 1, 2, 5])('%i crashes in the window are survived, and one more is not', async (restarts) => {
    const tree = await OtpTree.started([{ id: 'child' }], { intensity: { restarts, withinMs: hourMs } })
    await tree.crash('child', restarts)
    expect([tree.isAlive, tree.tree.tree().restartsLeft]).toEqual([true, 0])
    await tree.crash('child')
    expect(tree.isAlive).toBe(false)
  })

  it('the edge of the window belongs to it; a millisecond later the old one is forgotten', async () => {
    for (const [gapMs, isAlive] of [
      [1_000, false],
      [1_001, true],
    ] as const) {
      const tree = await OtpTree.started([{ id: 'child' }], { intensity: { restarts: 1, withinMs: 1_000 } })
      await tree.crash('child')
      await tree.pass(gapMs)
      await tree.crash('child')
      expect(tree.isAlive).toBe(isAlive)
    }
  })

  it('on exhaustion the others are stopped in reverse order, and the reason is shutdown', async () => {
    const tree = await OtpTree.started([{ id: 'a' }, { id: 'b' }, { id: 'c' }], {
      intensity: { restarts: 0, withinMs: 1 },
    })
    tree.told()
    await tree.crash('b')
    expect(tree.told()).toEqual([
      'child.exited b',
      'child.stopped b',
      'supervisor.escalated b',
      'child.exited c',
      'child.stopped c',
      'child.exited a',
      'child.stopped a',
      'supervisor.stopped',
    ])
  })

  it.each([
    ['transient', 1],
    ['permanent', 2],
  ] as const)('a %s supervisor that spent its budget is started %i times in all', async (restart, lives) => {
    const rig = new OtpTree()
    const inner = rig.nested('inner', [{ id: 'child' }], { restart, intensity: { restarts: 0, withinMs: 1 } })
    const tree = await OtpTree.started([inner, { id: 'sibling' }])
    rig.port('child').run.exit(crash)
    await settle()
    expect([rig.port('child').runs.length, tree.isAlive, tree.pids('sibling')]).toEqual([lives, true, [1]])
  })

  it('what ends in order and comes back counts too; what does not come back does not', async () => {
    const tree = await OtpTree.started([{ id: 'permanent' }, { id: 'transient', restart: 'transient' }], {
      intensity: { restarts: 1, withinMs: hourMs },
    })
    await tree.exit('transient', stop)
    await tree.exit('permanent', stop)
    expect(tree.isAlive).toBe(true)
    await tree.exit('permanent', sd)
    expect(tree.isAlive).toBe(false)
  })
})

describe('trying again', () => {
  it.each<Strategy>(['one_for_one', 'one_for_all', 'rest_for_one'])(
    'a child is restarted when trying again (%s)',
    async (strategy) => {
      const tree = await OtpTree.started([{ id: 'child' }, { id: 'other' }], { strategy })
      tree.port('child').behaviour = { ...works, ready: 'when-told' }
      await tree.crash('child')
      tree.port('child').behaviour = works
      await tree.exit('child', crash)
      expect([tree.isAlive, tree.pids('child')]).toEqual([true, [3]])
      expect(tree.counts()).toEqual([2, 2, 0, 2])
    },
  )

  it.each<Strategy>(['one_for_one', 'one_for_all', 'rest_for_one'])(
    'a child spends the whole budget when trying again (%s)',
    async (strategy) => {
      const tree = await OtpTree.started([{ id: 'child' }], { strategy })
      tree.port('child').behaviour = fails
      await tree.crash('child')
      expect([tree.isAlive, tree.port('child').runs.length]).toEqual([false, 3])
    },
  )
})
