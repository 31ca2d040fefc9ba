import { parseChildId } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { plan, report, SimulatedPort, SimulatedTree, settle, supervisor } from './simulated-port.test.support.js'

// Restart storms over a whole tree: 20 restarts a second for the host, and nobody healthy pays for it.

const crash = report('crash', 'trap: unreachable')

function ports(count: number): SimulatedPort[] {
  return Array.from({ length: count }, () => new SimulatedPort())
}

/** Four supervisors of fifty, and one of two. */
async function storm() {
  const stormy = ports(200)
  const quiet = ports(2)
  const groups = [0, 1, 2, 3].map((group) => {
    const members = stormy.slice(group * 50, group * 50 + 50)
    return supervisor(
      `stormy-${group}`,
      members.map((port, index) => plan(`s${group}-${index}`, port)),
    )
  })
  const tree = new SimulatedTree([
    ...groups,
    supervisor(
      'quiet',
      quiet.map((port, index) => plan(`q${index}`, port)),
    ),
  ])
  await tree.start()
  const back = (): number => stormy.filter(({ runs }) => runs.length > 1).length
  return { tree, stormy, quiet, back }
}

describe('200 children that crash at once', () => {
  it('come back at 20 a second, all of them', async () => {
    const { tree, stormy, back } = await storm()
    for (const port of stormy) port.run.exit(crash)
    await settle()
    await tree.pass(200)
    expect(back()).toBe(20)
    for (let second = 1; second <= 9; second++) {
      await tree.pass(1_000)
      expect(back()).toBe(20 + 20 * second)
    }
    expect(stormy.every(({ run }) => run.live)).toBe(true)
    expect(tree.events.filter(({ type }) => type === 'supervisor.throttled')).toHaveLength(4)
    expect(tree.tree.tree().children.map(({ state }) => state)).toEqual(Array(5).fill('running'))
  })

  it('do not touch the healthy, and a healthy one that crashes meanwhile is back within a second', async () => {
    const { tree, stormy, quiet, back } = await storm()
    for (const port of stormy) port.run.exit(crash)
    await settle()
    await tree.pass(2_000)
    const [steady, unlucky] = quiet as [SimulatedPort, SimulatedPort]
    unlucky.run.exit(crash)
    await settle()
    await tree.pass(1_200)
    expect([unlucky.runs.length, unlucky.run.live, back() < 100]).toEqual([2, true, true])
    expect([steady.runs.length, steady.run.stops, steady.run.kills]).toEqual([1, 0, 0])
  })

  it('hold up neither a child that is started by a call nor the stop of the tree', async () => {
    const { tree, stormy } = await storm()
    for (const port of stormy) port.run.exit(crash)
    await settle()
    await tree.pass(200)
    const added = new SimulatedPort()
    expect(await tree.tree.startChild('quiet', plan('added', added))).toMatchObject({ kind: 'started' })
    await tree.tree.stop()
    expect([stormy.filter(({ run }) => run.live).length, tree.clock.pendingTimers]).toEqual([0, 0])
  })
})

describe('a group', () => {
  const group = (strategy: 'one_for_all' | 'rest_for_one', name: string, members: readonly SimulatedPort[]) =>
    supervisor(
      name,
      members.map((port, index) => plan(`${name}-${index}`, port)),
      { strategy },
    )

  it('of 1,000 takes one turn, and is back after one backoff', async () => {
    const members = ports(1_000)
    const tree = new SimulatedTree([group('one_for_all', 'all', members)])
    await tree.start()
    members.at(-1)?.run.exit(crash)
    await settle()
    await tree.pass(300)
    expect(members.every(({ runs, run }) => runs.length === 2 && run.live)).toBe(true)
    expect(tree.events.filter(({ type }) => type === 'supervisor.throttled')).toEqual([])
  })

  it('waits for its turn like a child: 30 groups of four that crash at once come back at 20 a second', async () => {
    const groups = Array.from({ length: 30 }, () => ports(4))
    const tree = new SimulatedTree(groups.map((members, index) => group('rest_for_one', `g${index}`, members)))
    await tree.start()
    for (const [first] of groups) first?.run.exit(crash)
    await settle()
    const back = (): number => groups.filter((members) => members.every(({ runs }) => runs.length === 2)).length
    await tree.pass(300)
    expect(back()).toBe(20)
    await tree.pass(1_000)
    expect(back()).toBe(30)
  })

  it('asks again when the member whose turn it waits for is taken away', async () => {
    const stormy = ports(40)
    const members = ports(3)
    const children = stormy.map((port, index) => plan(`s${index}`, port))
    const tree = new SimulatedTree([supervisor('stormy', children), group('one_for_all', 'all', members)])
    await tree.start()
    for (const port of stormy) port.run.exit(crash)
    await settle()
    await tree.pass(210)
    members[1]?.run.exit(crash)
    await settle()
    await tree.pass(300)
    expect(members.map(({ runs }) => runs.length)).toEqual([1, 1, 1])
    expect(await tree.tree.terminateChild('all', parseChildId('all-0'))).toMatchObject({ kind: 'terminated' })
    await tree.pass(2_000)
    expect(members.map(({ runs }) => runs.length)).toEqual([1, 2, 2])
  })
})

it('crash loops cost at most 20 starts a second, whatever the budget says', async () => {
  const looping = ports(50)
  const intensity = { restarts: 1_000, withinMs: 60_000 }
  const children = looping.map((port, index) => plan(`l${index}`, port))
  const tree = new SimulatedTree([supervisor('loops', children, { profile: 'otp', intensity })])
  await tree.start()
  for (const port of looping) {
    port.behaviour = { ready: 'fails', onStop: 'shutdown', onKill: 'exits' }
    port.run.exit(crash)
  }
  await settle()
  await tree.pass(10_000)
  const restarts = looping.reduce((sum, { runs }) => sum + runs.length - 1, 0)
  expect(restarts).toBeLessThanOrEqual(20 * 11)
  expect(restarts).toBeGreaterThan(20 * 9)
})
