import { describe, expect, it } from 'vitest'
import { settle } from '../simulated-port.test.support.js'
import type { AutoShutdown, Strategy } from '../supervisor-plan.js'
import { crash, hourMs, OtpTree, sd, stop } from './otp-rig.test.support.js'

// OTP 27.3 supervisor_SUITE, cases 78–91: children whose end ends their supervisor.

const modes: readonly AutoShutdown[] = ['never', 'any_significant', 'all_significant']
const intensity = { restarts: 10, withinMs: hourMs }
const ends = { crash, stop, shutdown: sd }

type Restart = 'transient' | 'temporary'
const child = (id: string, restart: Restart, significant: boolean) => ({ id, restart, significant })

describe.each(modes)('without significance, under %s', (autoShutdown) => {
  it.each(['temporary', 'transient'] as const)('78. 79. nonsignificant: a %s child ends nobody', async (restart) => {
    for (const exit of Object.values(ends)) {
      const tree = await OtpTree.started([child('child', restart, false)], { autoShutdown, intensity })
      await tree.exit('child', exit)
      const isBack = restart === 'transient' && exit === crash
      expect([tree.isAlive, tree.pids('child')]).toEqual([true, [isBack ? 2 : 0]])
    }
    const tree = await OtpTree.started([child('child', restart, false)], { autoShutdown, intensity })
    await tree.terminate('child')
    expect(tree.isAlive).toBe(true)
  })
})

it('78. nonsignificant_temporary and 79. nonsignificant_transient: beside a significant one', async () => {
  for (const restart of ['temporary', 'transient'] as const) {
    const specs = [child('plain', restart, false), child('significant', 'transient', true)]
    const tree = await OtpTree.started(specs, { autoShutdown: 'any_significant', intensity })
    await tree.exit('plain', stop)
    expect([tree.isAlive, tree.pids('significant')]).toEqual([true, [1]])
  }
})

describe('80. significant_temporary', () => {
  it.each(Object.entries(ends))('any_significant: %s ends siblings, then the supervisor', async (_, exit) => {
    const specs = [child('first', 'temporary', true), child('second', 'temporary', true), { id: 'plain' }]
    const tree = await OtpTree.started(specs, { autoShutdown: 'any_significant', intensity })
    tree.told()
    await tree.exit('first', exit)
    expect([tree.isAlive, tree.pids('second', 'plain')]).toEqual([false, [0, 0]])
    expect(tree.told().filter((event) => event.startsWith('child.exited'))).toEqual([
      'child.exited first',
      'child.exited plain',
      'child.exited second',
    ])
    expect(tree.simulated.events.at(-1)).toBeUndefined()
    expect(await tree.tree.settled).toMatchObject({ outcome: 'concluded' })
  })

  it.each(Object.entries(ends))('all_significant: %s ends it after the last', async (_, exit) => {
    const specs = [child('first', 'temporary', true), child('second', 'temporary', true), { id: 'plain' }]
    const tree = await OtpTree.started(specs, { autoShutdown: 'all_significant', intensity })
    await tree.exit('first', exit)
    expect(tree.isAlive).toBe(true)
    await tree.exit('second', exit)
    expect(tree.isAlive).toBe(false)
    expect(tree.simulated.events.at(-1)).toMatchObject({ type: 'supervisor.stopped', class: 'shutdown' })
  })

  it.each(['any_significant', 'all_significant'] as const)(
    '%s: what is terminated by a call ends nobody',
    async (autoShutdown) => {
      const specs = [child('first', 'temporary', true), child('second', 'temporary', true)]
      const tree = await OtpTree.started(specs, { autoShutdown, intensity })
      expect([await tree.terminate('first'), await tree.terminate('second')]).toEqual(['terminated', 'terminated'])
      expect([tree.isAlive, tree.counts()]).toEqual([true, [0, 0, 0, 0]])
    },
  )
})

describe('81. significant_transient', () => {
  it.each(['any_significant', 'all_significant'] as const)(
    '%s: a call, a kill or a crash ends nobody',
    async (autoShutdown) => {
      const tree = await OtpTree.started([child('child', 'transient', true)], { autoShutdown, intensity })
      await tree.crash('child')
      expect([tree.isAlive, tree.pids('child')]).toEqual([true, [2]])
      expect(await tree.terminate('child')).toBe('terminated')
      expect(tree.isAlive).toBe(true)
      expect(await tree.restart('child')).toBe('started')
      await tree.exit('child', stop)
      expect(tree.isAlive).toBe(false)
    },
  )

  it('all_significant: after the last, one that was terminated before not counted', async () => {
    const specs = ['a', 'b', 'c'].map((id) => child(id, 'transient', true))
    const tree = await OtpTree.started(specs, { autoShutdown: 'all_significant', intensity })
    await tree.exit('a', stop)
    await tree.terminate('b')
    expect(tree.isAlive).toBe(true)
    await tree.exit('c', sd)
    expect(tree.isAlive).toBe(false)
  })
})

it('82. significant_simple: a pool ends with none of its members', async () => {
  const template = {
    restart: 'temporary',
    trust: 'unknown',
    port: () => ({
      start: () => {
        throw new Error('never')
      },
    }),
  } as const
  for (const autoShutdown of ['any_significant', 'all_significant'] as const) {
    expect(() => new OtpTree([], { autoShutdown, template })).toThrow(/a pool has no other than `never`/)
  }
  expect(() => new OtpTree([], { autoShutdown: 'never', template })).not.toThrow()
})

describe('83. significant_bystander', () => {
  const strategies: readonly Strategy[] = ['one_for_one', 'one_for_all', 'rest_for_one']
  it.each(strategies)('under %s a significant child stopped with its group ends nobody', async (strategy) => {
    for (const autoShutdown of ['any_significant', 'all_significant'] as const) {
      const specs = [{ id: 'crashing' }, child('transient', 'transient', true), child('temporary', 'temporary', true)]
      const tree = await OtpTree.started(specs, { strategy, autoShutdown, intensity })
      await tree.crash('crashing')
      const isGroup = strategy !== 'one_for_one'
      expect([tree.isAlive, tree.pids('crashing', 'transient', 'temporary')]).toEqual([
        true,
        isGroup ? [2, 2, 0] : [2, 1, 1],
      ])
    }
  })
})

describe('84. significant_escalation', () => {
  it.each([true, false])('an inner supervisor that concluded, significant: %s', async (significant) => {
    const rig = new OtpTree()
    const inner = rig.nested('inner', [child('child', 'transient', true)], {
      autoShutdown: 'any_significant',
      restart: 'transient',
      significant,
    })
    const tree = await OtpTree.started([inner, { id: 'sibling' }], { autoShutdown: 'any_significant' })
    rig.port('child').run.exit(stop)
    await settle()
    expect([tree.isAlive, tree.pids('sibling'), tree.counts('inner')]).toEqual([
      !significant,
      [significant ? 0 : 1],
      'noproc',
    ])
  })
})

describe('85.–90. significant_upgrade: another mode counts for later exits', () => {
  const upgrades: readonly (readonly [string, AutoShutdown, AutoShutdown])[] = [
    ['85. never_any', 'never', 'any_significant'],
    ['86. any_never', 'any_significant', 'never'],
    ['87. never_all', 'never', 'all_significant'],
    ['88. all_never', 'all_significant', 'never'],
    ['89. any_all', 'any_significant', 'all_significant'],
    ['90. all_any', 'all_significant', 'any_significant'],
  ]
  it.each(upgrades)('%s', async (_, from, to) => {
    const significant = (mode: AutoShutdown) => ['a', 'b'].map((id) => child(id, 'transient', mode !== 'never'))
    const tree = await OtpTree.started(significant(from), { autoShutdown: from, intensity })
    if (to === 'never') {
      const bad = tree.upgrade(significant(from), { autoShutdown: to })
      await expect(tree.tree.changeSpec('root', bad)).rejects.toThrow(/significant under autoShutdown `never`/)
    }
    // Children that the new plan does not name stay as they are: significant, and under `never` nobody asks.
    const next = tree.upgrade(to === 'never' ? [] : significant(to), { autoShutdown: to })
    expect(await tree.tree.changeSpec('root', next)).toEqual({ kind: 'changed' })
    expect(tree.pids('a', 'b')).toEqual([1, 1])
    await tree.exit('a', stop)
    expect(tree.isAlive).toBe(to !== 'any_significant')
    if (to === 'any_significant') return
    await tree.exit('b', stop)
    expect(tree.isAlive).toBe(to === 'never')
    if (to !== 'never') return
    await expect(tree.add(child('late', 'transient', true))).rejects.toThrow(/significant under autoShutdown `never`/)
  })
})

it('91. significant_upgrade_child: a child becomes significant while it runs, but not under never', async () => {
  const tree = await OtpTree.started([child('child', 'transient', false)], {
    autoShutdown: 'any_significant',
    intensity,
  })
  const flags = { autoShutdown: 'any_significant', intensity } as const
  expect(await tree.tree.changeSpec('root', tree.upgrade([child('child', 'transient', true)], flags))).toEqual({
    kind: 'changed',
  })
  expect(tree.pids('child')).toEqual([1])
  await tree.exit('child', stop)
  expect(tree.isAlive).toBe(false)
  const never = await OtpTree.started([child('child', 'transient', false)], { intensity })
  const bad = never.upgrade([child('child', 'transient', true)])
  await expect(never.tree.changeSpec('root', bad)).rejects.toThrow(/significant under autoShutdown `never`/)
})
