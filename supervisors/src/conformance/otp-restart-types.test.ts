import { describe, expect, it } from 'vitest'
import { report, SimulatedPort, settle } from '../simulated-port.test.support.js'
import { crash, hourMs, OtpTree, sd, stop } from './otp-rig.test.support.js'

// OTP 27.3 supervisor_SUITE, cases 45–55: who is restarted after what.

const term = report('shutdown', 'asked to, because of maintenance')
type Restart = 'permanent' | 'transient' | 'temporary'

/** The whole matrix: whether the child is back, and what is left of it when it is not. */
const cases: readonly [name: string, Restart, typeof crash, 'back' | 'stays' | 'gone'][] = [
  ['45. permanent_normal', 'permanent', stop, 'back'],
  ['46. transient_normal', 'transient', stop, 'stays'],
  ['47. temporary_normal', 'temporary', stop, 'gone'],
  ['48. permanent_shutdown', 'permanent', sd, 'back'],
  ['48. permanent_shutdown with a term', 'permanent', term, 'back'],
  ['49. transient_shutdown', 'transient', sd, 'stays'],
  ['49. transient_shutdown with a term', 'transient', term, 'stays'],
  ['50. temporary_shutdown', 'temporary', sd, 'gone'],
  ['50. temporary_shutdown with a term', 'temporary', term, 'gone'],
  ['52. permanent_abnormal', 'permanent', crash, 'back'],
  ['53. transient_abnormal', 'transient', crash, 'back'],
  ['54. temporary_abnormal', 'temporary', crash, 'gone'],
]

it.each(cases)('%s', async (_, restart, exit, then) => {
  const tree = await OtpTree.started([{ id: 'child', restart }])
  await tree.exit('child', exit)
  expect(tree.isAlive).toBe(true)
  expect(tree.port('child').runs).toHaveLength(then === 'back' ? 2 : 1)
  expect(tree.counts()).toEqual({ back: [1, 1, 0, 1], stays: [1, 0, 0, 1], gone: [0, 0, 0, 0] }[then])
  if (then === 'stays') expect([await tree.restart('child'), tree.pids('child')]).toEqual(['started', [2]])
  if (then === 'gone') expect(await tree.add({ id: 'child', restart })).toMatchObject({ kind: 'started' })
})

it('51. faulty_application_shutdown: the failure of a first start reaches the top, and what was started is stopped', async () => {
  const rig = new OtpTree()
  rig.ports.set('broken', new SimulatedPort({ ready: 'fails' }))
  const inner = rig.nested('inner', [{ id: 'first' }, { id: 'broken' }, { id: 'never' }])
  const tree = new OtpTree([{ id: 'outer-first' }, inner])
  await tree.start()
  await settle()
  expect(await tree.tree.settled).toMatchObject({
    outcome: 'escalated',
    reason: 'inner: child `broken` could not be started: the start failed',
  })
  expect([rig.port('first').run.stops, rig.port('never').runs.length, tree.port('outer-first').run.stops]).toEqual([
    1, 0, 1,
  ])
})

describe('55. temporary_bystander', () => {
  it.each(['one_for_all', 'rest_for_one'] as const)(
    'under %s it is stopped, not restarted, and costs nothing',
    async (strategy) => {
      const tree = await OtpTree.started(
        [{ id: 'child' }, { id: 'bystander', restart: 'temporary' }, { id: 'last', restart: 'transient' }],
        { strategy, intensity: { restarts: 1, withinMs: hourMs } },
      )
      await tree.crash('child')
      expect(tree.pids('child', 'bystander', 'last')).toEqual([2, 0, 2])
      expect(tree.port('bystander').run.stops).toBe(1)
      expect([tree.counts(), tree.isAlive]).toEqual([[2, 2, 0, 2], true])
      await tree.crash('child')
      expect(tree.isAlive).toBe(false)
    },
  )
})
