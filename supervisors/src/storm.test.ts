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
