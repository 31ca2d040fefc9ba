import { expect, it } from 'vitest'
import { report, settle } from '../simulated-port.test.support.js'
import { OtpTree, pool } from './otp-rig.test.support.js'

// OTP 27.3 supervisor_SUITE, cases 16–22: how children are stopped.

it('16. sup_stop_infinity: both a component and a supervisor may take as long as they need', async () => {
  const rig = new OtpTree()
  const tree = await OtpTree.started([
    { id: 'slow', shutdownMs: 'infinity', behaviour: { onStop: 'ignores' } },
    rig.nested('inner', [{ id: 'child', shutdownMs: 'infinity', behaviour: { onStop: 'ignores' } }]),
  ])
  const child = rig.port('child').run
  const stopped = tree.tree.stop()
  await tree.pass(1e9)
  expect([child.kills, tree.port('slow').run.stops]).toEqual([0, 0])
  child.exit(report('shutdown'))
  await tree.pass(1e9)
  expect([tree.port('slow').run.stops, tree.port('slow').run.kills]).toEqual([1, 0])
  tree.port('slow').run.exit(report('shutdown'))
  await stopped
  expect(tree.tree.children().map(({ state, lastExit }) => [state, lastExit?.class])).toEqual([
    ['stopped', 'shutdown'],
    ['stopped', 'shutdown'],
  ])
})

it('17. sup_stop_timeout: the responsive one exits, the hung one is killed after its time', async () => {
  const tree = await OtpTree.started([
    { id: 'responsive', shutdownMs: 1_000 },
    { id: 'hung', shutdownMs: 1_000, behaviour: { onStop: 'ignores' } },
  ])
  const stopped = tree.tree.stop()
  await tree.pass(999)
  expect(tree.port('hung').run.kills).toBe(0)
  await tree.pass(1)
  await stopped
  expect([tree.port('hung').run.kills, tree.port('responsive').run.kills]).toEqual([1, 0])
})

it('18. sup_stop_timeout_dynamic: in a pool all get the same time together', async () => {
  const tree = await pool('permanent', {}, { shutdownMs: 1_000, behaviour: { onStop: 'ignores' } })
  for (const name of ['a', 'b', 'c']) await tree.member(name)
  const stopped = tree.tree.stop()
  await settle()
  expect(tree.simulated.clock.pendingTimers).toBe(1)
  tree.port('b').run.exit(report('shutdown'))
  await tree.pass(999)
  expect(['a', 'b', 'c'].map((name) => tree.port(name).run.kills)).toEqual([0, 0, 0])
  await tree.pass(1)
  await stopped
  expect(['a', 'b', 'c'].map((name) => tree.port(name).run.kills)).toEqual([1, 0, 1])
  expect(tree.simulated.clock.wallMs()).toBe(1_000)
})

it('19. sup_stop_brutal_kill: one without grace is killed at once, the other is asked', async () => {
  const tree = await OtpTree.started([{ id: 'asked' }, { id: 'brutal', shutdownMs: 0 }])
  await tree.stop()
  const [asked, brutal] = [tree.port('asked').run, tree.port('brutal').run]
  expect([asked.stops, asked.kills, brutal.stops, brutal.kills]).toEqual([1, 0, 0, 1])
})

it('20. sup_stop_brutal_kill_dynamic: a pool of ten, all killed', async () => {
  const tree = await pool('permanent', {}, { shutdownMs: 0, behaviour: { onStop: 'ignores' } })
  for (let i = 0; i < 10; i++) await tree.member()
  await tree.stop()
  expect([...tree.ports.values()].map(({ run }) => [run.stops, run.kills])).toEqual(Array(10).fill([0, 1]))
})

it('21. sup_stop_race: whatever exits by itself during the stop, nothing comes back and each reason is kept', async () => {
  const reasons = ['normal', 'shutdown', 'crash', 'resource'] as const
  const specs = (['permanent', 'transient', 'temporary'] as const).flatMap((restart) =>
    reasons.map((faultClass) => ({ id: `${restart}-${faultClass}`, restart, faultClass })),
  )
  const tree = await OtpTree.started([...specs, { id: 'hung', behaviour: { onStop: 'ignores' } }])
  const stopped = tree.tree.stop()
  for (const { id, faultClass } of specs) tree.port(id).run.exit(report(faultClass, `by itself: ${faultClass}`))
  await tree.pass(5_000)
  await stopped
  for (const { id, faultClass } of specs) {
    expect(tree.port(id).runs).toHaveLength(1)
    expect(tree.simulated.view(id).reason).toBe(`by itself: ${faultClass}`)
  }
  expect(tree.told().filter((event) => event.startsWith('child.restarting'))).toEqual([])
})

it('22. sup_stop_non_shutdown_exit_dynamic: odd reasons neither break nor prolong the stop of a pool', async () => {
  for (const onStop of ['normal', 'crash', 'resource', 'host'] as const) {
    const tree = await pool('permanent', {}, { behaviour: { onStop } })
    for (let i = 0; i < 3; i++) await tree.member()
    await tree.tree.stop()
    expect(tree.simulated.clock.wallMs()).toBe(0)
    expect(tree.tree.children().map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped'])
  }
})
