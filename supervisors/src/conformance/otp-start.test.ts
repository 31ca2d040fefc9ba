import { expect, it } from 'vitest'
import type { ChildPlan } from '../child-port.js'
import { plan, SimulatedPort, SimulatedTree, settle, supervisor } from '../simulated-port.test.support.js'
import { crash, id, OtpTree, pool } from './otp-rig.test.support.js'

// OTP 27.3 supervisor_SUITE, cases 1–15: how supervisors and children start.

it('1. sup_start_normal: an empty supervisor starts, and stops for the reason it was asked to', async () => {
  const tree = await OtpTree.started()
  expect(tree.counts()).toEqual([0, 0, 0, 0])
  await tree.stop()
  expect(tree.told()).toEqual(['supervisor.started', 'supervisor.stopped'])
  expect(await tree.tree.settled).toMatchObject({ outcome: 'settled' })
})

it('3. sup_start_ignore_child: a permanent child with nothing to run keeps its plan, and the next one starts', async () => {
  const tree = await OtpTree.started([{ id: 'ignored', behaviour: { ready: 'ignored' } }, { id: 'child' }])
  expect(tree.which()).toEqual([
    ['child', 'running'],
    ['ignored', 'undefined'],
  ])
  expect(tree.counts()).toEqual([2, 1, 0, 2])
})

it('4. sup_start_ignore_temporary_child: a temporary child with nothing to run is not kept', async () => {
  const ignored = { id: 'ignored', restart: 'temporary', behaviour: { ready: 'ignored' } } as const
  const tree = await OtpTree.started([ignored, { id: 'child' }])
  expect(tree.counts()).toEqual([1, 1, 0, 1])
})

it('5. sup_start_ignore_temporary_child_start_child: the same through startChild', async () => {
  const tree = await OtpTree.started([{ id: 'child' }])
  const ignored = { id: 'ignored', restart: 'temporary', behaviour: { ready: 'ignored' } } as const
  expect(await tree.add(ignored)).toEqual({ kind: 'ignored', child: 'ignored' })
  expect(tree.counts()).toEqual([1, 1, 0, 1])
})

it('6. sup_start_ignore_temporary_child_start_child_simple: the same in a pool', async () => {
  const tree = await pool('temporary', {}, { behaviour: { ready: 'ignored' } })
  expect(await tree.member('one')).toMatchObject({ kind: 'ignored' })
  expect(tree.counts()).toEqual([1, 0, 0, 0])
})

it('7. sup_start_ignore_permanent_child_start_child_simple: a pool drops what has nothing to run, and stops cleanly', async () => {
  const tree = await pool('permanent', {}, { behaviour: { ready: 'ignored' } })
  expect(await tree.member('one')).toMatchObject({ kind: 'ignored' })
  expect(tree.counts()).toEqual([1, 0, 0, 0])
  await tree.stop()
  expect(tree.tree.state).toBe('stopped')
})

it('8. sup_start_error_return: a plan that is none is refused, and nothing is started', () => {
  const started: number[] = []
  const port = new SimulatedPort()
  const junk = [42, { ...plan('a', port), id: undefined }, { ...plan('b', port), port: 'boom' }]
  for (const child of junk) {
    expect(() => new SimulatedTree([plan('first', port), child as unknown as ChildPlan])).toThrow(
      expect.objectContaining({ code: 'usage' }),
    )
  }
  expect([port.runs.length, started.length]).toEqual([0, 0])
})

it('9. sup_start_fail: what a start throws is the reason with which the supervisor ends', async () => {
  const port = new SimulatedPort()
  port.failStart = new Error('no thread')
  const tree = new SimulatedTree([plan('a', port)], { profile: 'otp' })
  await tree.start()
  expect(await tree.tree.settled).toMatchObject({ outcome: 'escalated', reason: 'a: the start failed: no thread' })
  expect(tree.events.at(-1)).toMatchObject({
    type: 'supervisor.stopped',
    reason: 'child `a` could not be started: the start failed: no thread',
  })
})

it('10. sup_start_restart_child_returns_error: a restart by hand that fails says so, and nobody tries again', async () => {
  const tree = await OtpTree.started([{ id: 'child' }])
  expect(await tree.terminate('child')).toBe('terminated')
  tree.port('child').behaviour = { ready: 'fails', onStop: 'shutdown', onKill: 'exits' }
  expect(await tree.restart('child')).toBe('failed')
  await tree.pass(1e6)
  expect(tree.port('child').runs).toHaveLength(2)
  expect(tree.which()).toEqual([['child', 'undefined']])
  expect(tree.isAlive).toBe(true)
})

it('11. sup_start_child_returns_error: a child that cannot be started is not added', async () => {
  const tree = await OtpTree.started()
  const failing = { id: 'child', behaviour: { ready: 'fails' } } as const
  expect(await tree.add(failing)).toMatchObject({ kind: 'failed', report: { reason: 'the start failed' } })
  expect(tree.counts()).toEqual([0, 0, 0, 0])
  expect(tree.told()).toContain('child.removed child')
})

it('12. sup_start_child_returns_error_simple: the same in a pool, with the error as it is', async () => {
  const tree = await pool('permanent', {}, { behaviour: { ready: 'fails' } })
  expect(await tree.member('one')).toMatchObject({ kind: 'failed', report: { reason: 'the start failed' } })
  expect(tree.counts()).toEqual([1, 0, 0, 0])
})

it('13. sup_start_map: what a plan leaves out is permanent, 5 s for a component and no limit for a supervisor', async () => {
  const port = new SimulatedPort()
  const tree = new SimulatedTree([{ id: id('worker'), trust: 'unknown', port }, supervisor('inner', [])])
  await tree.start()
  expect(tree.tree.getChildSpec('root', id('worker'))).toMatchObject({
    kind: 'found',
    plan: { id: 'worker', restart: 'permanent', shutdownMs: 5_000, significant: false },
  })
  expect(tree.tree.getChildSpec('root', id('inner'))).toMatchObject({ kind: 'found', plan: { name: 'inner' } })
  expect(tree.tree.getChildSpec('root', id('other'))).toEqual({ kind: 'not-found' })
  expect(tree.tree.getChildSpec('inner', id('worker'))).toEqual({ kind: 'not-found' })
})

it('14. sup_start_map_simple: a pool tells the plan of a member, and knows no other', async () => {
  const tree = await pool('transient')
  await tree.member('one')
  expect(tree.tree.getChildSpec('root', id('one'))).toMatchObject({ kind: 'found', plan: { restart: 'transient' } })
  expect(tree.tree.getChildSpec('root', id('two'))).toEqual({ kind: 'not-found' })
})

it('15. sup_start_map_faulty_specs: a missing id, a missing start and what is no plan each have their error', async () => {
  const tree = await OtpTree.started()
  const good = tree.plan({ id: 'good' })
  const faulty: readonly [object, RegExp][] = [
    [{ ...good, id: undefined }, /without an id/],
    [{ id: 'a' }, /without a port/],
    [{ ...good, port: {} }, /port has no `start`/],
    [{ ...good, restart: 'sometimes' }, /restart is `sometimes`/],
  ]
  for (const [child, message] of faulty) {
    await expect(tree.tree.startChild('root', child as ChildPlan)).rejects.toThrow(message)
  }
  const { kind } = await tree.done(tree.tree.startChild('root', { ...good, unknown: 1 } as ChildPlan))
  expect(kind).toBe('started')
  await settle()
  expect(tree.counts()).toEqual([1, 1, 0, 1])
  await tree.exit('good', crash)
  expect(tree.pids('good')).toEqual([2])
})
