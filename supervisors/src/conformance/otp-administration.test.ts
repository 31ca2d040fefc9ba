import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { ChildPlan } from '../child-port.js'
import { plan, SimulatedPort, SimulatedTree, settle, supervisor } from '../simulated-port.test.support.js'
import type { SupervisorPlan } from '../supervisor-plan.js'
import { crash, hourMs, id, OtpTree, pool, stop } from './otp-rig.test.support.js'

// OTP 27.3 supervisor_SUITE, cases 23–28, 40 and 58–64: administrative calls, and what a supervisor keeps.

it('23. child_adm: every call answers as Erlang does, in every state', async () => {
  const tree = await OtpTree.started()
  expect(await tree.add({ id: 'child' })).toEqual({ kind: 'started', child: 'child' })
  expect(await tree.add({ id: 'child' })).toEqual({ kind: 'already-started', child: 'child' })
  expect(await tree.terminate('other')).toBe('not-found')
  expect(await tree.restart('child')).toBe('running')
  expect(await tree.remove('child')).toBe('running')
  expect(tree.counts()).toEqual([1, 1, 0, 1])
  expect(await tree.terminate('child')).toBe('terminated')
  expect(tree.counts()).toEqual([1, 0, 0, 1])
  expect(await tree.terminate('child')).toBe('terminated')
  expect(await tree.add({ id: 'child' })).toEqual({ kind: 'already-present', child: 'child' })
  expect(await tree.restart('child')).toBe('started')
  expect([tree.pids('child'), tree.counts()]).toEqual([[2], [1, 1, 0, 1]])
  expect(await tree.terminate('child')).toBe('terminated')
  expect(await tree.remove('child')).toBe('deleted')
  expect(tree.counts()).toEqual([0, 0, 0, 0])
  for (const call of [tree.restart, tree.remove, tree.terminate])
    expect(await call.call(tree, 'child')).toBe('not-found')
})

it('23. child_adm: calls to a supervisor that is not there, or not any more', async () => {
  const tree = await OtpTree.started([{ id: 'child' }])
  expect(await tree.add({ id: 'a' }, 'nobody')).toEqual({ kind: 'no-supervisor' })
  expect(await tree.add({ id: 'b' }, 'child')).toEqual({ kind: 'no-supervisor' })
  await tree.stop()
  for (const call of [tree.restart, tree.remove, tree.terminate]) {
    expect(await call.call(tree, 'child')).toBe('no-supervisor')
  }
  expect(tree.counts()).toBe('noproc')
  expect(tree.tree.whichChildren('root')).toEqual({ kind: 'no-supervisor' })
  expect(tree.tree.getChildSpec('root', id('child'))).toEqual({ kind: 'no-supervisor' })
  expect(await tree.tree.changeSpec('root', tree.upgrade([]))).toEqual({ kind: 'no-supervisor' })
})

it('24. child_adm_simple: a pool ends its members, and refuses what concerns plans', async () => {
  const tree = await pool()
  await tree.member('one')
  await tree.member('two')
  expect(await tree.restart('one')).toBe('pool')
  expect(await tree.remove('one')).toBe('pool')
  expect(await tree.terminate('other')).toBe('not-found')
  expect(await tree.terminate('one')).toBe('terminated')
  expect(tree.counts()).toEqual([1, 1, 0, 1])
  expect(await tree.terminate('one')).toBe('not-found')
  expect(tree.pids('two')).toEqual([1])
  expect(await tree.member('one')).toEqual({ kind: 'started', child: 'one' })
  const named = [await tree.member(), await tree.member()]
  expect(named).toEqual([
    { kind: 'started', child: 'root-1' },
    { kind: 'started', child: 'root-2' },
  ])
})

describe('what cannot be meant is refused with its own words', () => {
  const port = new SimulatedPort()
  const good = plan('good', port)
  const make =
    (children: readonly (ChildPlan | SupervisorPlan)[], flags: object = {}) =>
    () =>
      new SimulatedTree(children, flags)

  it.each<[string, object, RegExp]>([
    ['restart', { restart: 'now and then' }, /restart is `now and then`; one of `permanent`, `transient`, `temporary`/],
    ['shutdown', { shutdownMs: -10 }, /shutdownMs is `-10`/],
    ['shutdown', { shutdownMs: 'soon' }, /shutdownMs is `soon`/],
    ['start', { port: undefined }, /port has no `start`/],
    ['start deadline', { startMs: 0 }, /startMs is `0`/],
  ])('26. child_specs: %s', (_, field, message) => {
    expect(make([{ ...good, ...field } as ChildPlan])).toThrow(message)
  })

  it('26. child_specs: duplicate ids, and a pool with children of its own', () => {
    expect(make([good, good])).toThrow('two children are called `good`')
    expect(make([good, supervisor('inner', [good])])).toThrow('two children are called `good`')
    const template = { restart: 'permanent', trust: 'unknown', port: () => port } as const
    expect(make([good], { template })).toThrow(/has a template and children of its own/)
    expect(make([], { template })).not.toThrow()
  })

  it('26. child_specs: every legal combination passes', () => {
    for (const restart of ['permanent', 'transient', 'temporary'] as const) {
      for (const shutdownMs of [0, 1, 5_000, 'infinity'] as const) {
        expect(make([{ ...good, restart, shutdownMs }])).not.toThrow()
        expect(make([supervisor('inner', [], { restart, shutdownMs })])).not.toThrow()
      }
    }
  })

  it('27. child_specs_map: significance, restart type and auto-shutdown over their whole product', () => {
    for (const restart of ['permanent', 'transient', 'temporary', undefined] as const) {
      for (const significant of [true, false, undefined]) {
        for (const autoShutdown of ['never', 'any_significant', 'all_significant', undefined] as const) {
          const isLegal = significant !== true || (isOnce(restart) && (autoShutdown ?? 'never') !== 'never')
          const fields = { ...(restart && { restart }), ...(significant === undefined ? {} : { significant }) }
          const { restart: _, ...bare } = good
          const flags = { ...(autoShutdown && { autoShutdown }) }
          const attempts = [make([{ ...bare, ...fields }], flags), make([supervisor('inner', [], fields)], flags)]
          for (const attempt of attempts) {
            if (isLegal) expect(attempt).not.toThrow()
            else expect(attempt).toThrow(/is significant/)
          }
        }
      }
    }
    expect(make([{ ...good, restart: 'transient', significant: true }])).toThrow(
      /`good` is significant under autoShutdown `never`/,
    )
  })

  it('28. sup_flags: strategy, intensity, period, auto-shutdown and profile', () => {
    const bad: readonly [object, RegExp][] = [
      [{ strategy: 'one_for_some' }, /strategy is `one_for_some`/],
      [{ intensity: { restarts: Number.POSITIVE_INFINITY, withinMs: 1 } }, /intensity.restarts is `Infinity`/],
      [{ intensity: { restarts: -1, withinMs: 1 } }, /intensity.restarts is `-1`/],
      [{ intensity: { restarts: 1, withinMs: 0 } }, /intensity.withinMs is `0`/],
      [{ intensity: { restarts: 1, withinMs: Number.POSITIVE_INFINITY } }, /intensity.withinMs is `Infinity`/],
      [{ autoShutdown: 'sometimes' }, /autoShutdown is `sometimes`/],
      [{ profile: 'akka' }, /profile is `akka`/],
      [{ childrenMax: 1_001 }, /childrenMax is `1001`/],
      [{ name: 'Root' }, /is not a supervisor name/],
    ]
    for (const [flags, message] of bad) expect(make([good], flags)).toThrow(message)
    expect(make([good], { intensity: { restarts: 0, withinMs: 1 }, unknown: true })).not.toThrow()
  })

  it('28. sup_flags: sixteen supervisors below one another are possible, and no more', () => {
    const deep = (levels: number): SupervisorPlan =>
      supervisor(`s${levels}`, levels === 1 ? [good] : [deep(levels - 1)])
    expect(make([deep(15)])).not.toThrow()
    expect(make([deep(16)])).toThrow('`s1` is 17 supervisors deep; at most 16 are possible')
  })
})

function isOnce(restart: string | undefined): boolean {
  return restart === 'transient' || restart === 'temporary'
}

describe('what is kept', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void

  it('40. simple_one_for_one_corruption: what a temporary member was given is not kept for it', async () => {
    const heard: unknown[] = []
    const tree = new SimulatedTree([], {
      template: {
        restart: 'temporary',
        trust: 'unknown',
        port: (_, args) => {
          heard.push((args as { readonly name: string }).name)
          return new SimulatedPort()
        },
      },
    })
    await tree.start()
    const given = await (async () => {
      const args = { name: 'first' }
      await tree.tree.startChild('root', { id: id('one'), args })
      return new WeakRef(args)
    })()
    await settle()
    collect()
    expect([heard, given.deref(), tree.states()]).toEqual([['first'], undefined, ['running']])
  })

  it('62. do_not_save_start_parameters_for_temporary_children: when it is gone, so is its plan', async () => {
    const tree = await OtpTree.started()
    const given = await (async () => {
      const port = new SimulatedPort()
      const child = plan('one', port, { restart: 'temporary' })
      await tree.done(tree.tree.startChild('root', child))
      port.run.exit(stop)
      await settle()
      return new WeakRef(child)
    })()
    await settle()
    collect()
    expect([given.deref(), tree.counts()]).toEqual([undefined, [0, 0, 0, 0]])
  })

  it.each(['one_for_one', 'rest_for_one', 'one_for_all'] as const)(
    '63. do_not_save_child_specs_for_temporary_children: under %s',
    async (strategy) => {
      for (const exit of ['kill', 'normal', 'crash', 'by the supervisor'] as const) {
        const tree = await OtpTree.started(
          (['permanent', 'transient', 'temporary'] as const).map((restart) => ({ id: restart, restart })),
          { strategy, intensity: { restarts: 5, withinMs: hourMs } },
        )
        for (const name of ['permanent', 'transient', 'temporary']) {
          if (exit === 'by the supervisor') await tree.terminate(name)
          else await tree.exit(name, exit === 'normal' ? stop : crash)
          if (name === 'temporary') expect(tree.status(name)).toBe('gone')
        }
        const isBack = exit !== 'by the supervisor'
        const isTransientBack = exit === 'kill' || exit === 'crash'
        expect(await tree.add({ id: 'permanent' })).toMatchObject({
          kind: isBack ? 'already-started' : 'already-present',
        })
        expect(await tree.add({ id: 'transient', restart: 'transient' })).toMatchObject({
          kind: isTransientBack ? 'already-started' : 'already-present',
        })
        expect(await tree.add({ id: 'temporary', restart: 'temporary' })).toMatchObject({ kind: 'started' })
      }
    },
  )
})

describe('counting', () => {
  it('58. count_children: 500, then 1,000 members, and none when they are gone', async () => {
    const tree = await pool('temporary')
    for (let i = 0; i < 500; i++) await tree.tree.startChild('root', {})
    expect(tree.counts()).toEqual([1, 500, 0, 500])
    for (let i = 0; i < 500; i++) await tree.tree.startChild('root', {})
    expect(tree.counts()).toEqual([1, 1_000, 0, 1_000])
    expect(await tree.member()).toEqual({ kind: 'max-children', max: 1_000 })
    for (const port of tree.ports.values()) port.run.exit(crash)
    await settle()
    expect(tree.counts()).toEqual([1, 0, 0, 0])
  })

  it('59. count_children_supervisor: the same with supervisors', async () => {
    const tree = await OtpTree.started()
    for (let i = 0; i < 100; i++) {
      const inner = supervisor(`s${i}`, [plan(`c${i}`, new SimulatedPort())], { restart: 'temporary' })
      await tree.done(tree.tree.startChild('root', inner))
    }
    expect(tree.counts()).toEqual([100, 100, 100, 0])
    expect(tree.counts('s99')).toEqual([1, 1, 0, 1])
    expect(await tree.terminate('s99')).toBe('terminated')
    expect([tree.counts(), tree.counts('s99')]).toEqual([[99, 99, 99, 0], 'noproc'])
  })

  it('60. count_restarting_children: those in retry are workers and not active; they can be terminated', async () => {
    const tree = await pool('permanent', { intensity: { restarts: 1_000, withinMs: hourMs } })
    for (const name of ['a', 'b', 'c']) await tree.member(name)
    for (const name of ['a', 'b']) {
      tree.port(name).behaviour = { ready: 'fails', onStop: 'shutdown', onKill: 'exits' }
      await tree.exit(name)
    }
    expect(tree.counts()).toEqual([1, 1, 0, 3])
    for (const name of ['a', 'b']) {
      tree.port(name).behaviour = { ready: 'at-once', onStop: 'shutdown', onKill: 'exits' }
    }
    await tree.pass(2_000)
    expect(tree.counts()).toEqual([1, 3, 0, 3])
    for (const name of ['a', 'b', 'c']) expect(await tree.terminate(name)).toBe('terminated')
    expect(tree.counts()).toEqual([1, 0, 0, 0])
  })

  it('64. simple_one_for_one_scale_many_temporary_children: to end ten times as many is ten times the work', async () => {
    const work = async (members: number): Promise<number> => {
      const tree = await pool('temporary')
      for (let i = 0; i < members; i++) await tree.tree.startChild('root', {})
      const before = tree.simulated.clock.readings
      await tree.stop()
      return tree.simulated.clock.readings - before
    }
    const [few, many] = [await work(50), await work(500)]
    expect(many).toBeLessThan(11 * few)
  })
})

describe('the bound of a pool', () => {
  it('max_children: refuses the one too many, and takes it when another is gone', async () => {
    const tree = await pool('transient', { childrenMax: 2 })
    await tree.member('a')
    await tree.member('b')
    expect(await tree.member('c')).toEqual({ kind: 'max-children', max: 2 })
    await tree.exit('a', stop)
    expect(await tree.member('c')).toMatchObject({ kind: 'started' })
    expect(await tree.member('d')).toEqual({ kind: 'max-children', max: 2 })
    expect(await tree.terminate('b')).toBe('terminated')
    expect(await tree.member('d')).toMatchObject({ kind: 'started' })
  })

  it('max_children: what had nothing to run, and what could not be started, takes no place', async () => {
    const tree = await pool('transient', { childrenMax: 1 })
    for (const ready of ['ignored', 'fails'] as const) {
      tree.ports.set(ready, new SimulatedPort({ ready }))
      await tree.member(ready)
    }
    expect(tree.counts()).toEqual([1, 0, 0, 0])
    expect(await tree.member('one')).toMatchObject({ kind: 'started' })
    expect(await tree.member('two')).toEqual({ kind: 'max-children', max: 1 })
  })
})
