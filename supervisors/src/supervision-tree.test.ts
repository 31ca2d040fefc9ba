import { type HealthEventDraft, parseChildId, SimulatedClock } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import type { AdmissionPort, ChildPlan } from './child-port.js'
import type { Trust } from './planning/restart-spec.js'
import { StormGuard } from './planning/storm-guard.js'
import {
  plan,
  report,
  SettlingClock,
  SimulatedAdmission,
  SimulatedPort,
  SimulatedTree,
  settle,
} from './simulated-port.test.support.js'
import { SupervisionTree } from './supervision-tree.js'

const crash = report('crash', 'trap: unreachable')

/** Crashes the child's present run and lets its backoff pass: 30 s is the longest there is. */
async function crashAndReturn(tree: SimulatedTree, port: SimulatedPort): Promise<void> {
  port.run.exit(crash)
  await settle()
  await tree.pass(30_000)
}

describe('starting', () => {
  it('1. an empty supervisor starts, settles and stops', async () => {
    const tree = new SimulatedTree([])
    await tree.tree.start()
    expect(await tree.tree.settled).toMatchObject({ outcome: 'settled', met: true })
    await tree.tree.stop()
    expect(tree.told()).toEqual(['supervisor.started', 'supervisor.stopped'])
  })

  it('73. starts the next child when the one before is ready, and tells it in order', async () => {
    const slow = new SimulatedPort({ ready: 'when-told' })
    const quick = new SimulatedPort()
    const tree = new SimulatedTree([plan('slow', slow), plan('quick', quick)])
    let started = false
    void tree.tree.start().then(() => {
      started = true
    })
    await settle()
    expect([slow.runs.length, quick.runs.length, started]).toEqual([1, 0, false])
    expect(tree.tree.state).toBe('starting')
    slow.run.becomeReady()
    await settle()
    expect([quick.runs.length, started]).toEqual([1, true])
    expect(tree.tree.state).toBe('running')
    expect(tree.told()).toEqual([
      'child.starting slow',
      'child.ready slow',
      'child.starting quick',
      'child.ready quick',
      'supervisor.started',
    ])
  })

  it('32. one child that cannot start blocks no other, and exhausts its own account by trying', async () => {
    const broken = new SimulatedPort({ ready: 'never' })
    const fine = new SimulatedPort()
    const tree = new SimulatedTree([plan('broken', broken), plan('fine', fine)])
    await tree.start()
    broken.run.exit(crash)
    await settle()
    expect(tree.states()).toEqual(['backoff', 'running'])
    for (let i = 0; i < 3; i++) {
      await tree.pass(1_000)
      broken.run.exit(crash)
      await settle()
    }
    expect(tree.states()).toEqual(['quarantined', 'running'])
    expect(broken.runs).toHaveLength(4)
    expect(fine.runs).toHaveLength(1)
  })

  it('a port that throws at start is our own fault: retried without charge', async () => {
    const port = new SimulatedPort()
    port.failStart = new Error('no thread')
    const tree = new SimulatedTree([plan('a', port)])
    await tree.start()
    expect(tree.view('a')).toMatchObject({ state: 'backoff', restartsLeft: 3, reason: 'the start failed: no thread' })
    port.failStart = undefined
    await tree.pass(200)
    expect(tree.view('a')).toMatchObject({ state: 'running', incarnation: 2 })
  })

  it('what is not ready within its start deadline is killed, and the next one starts', async () => {
    const hung = new SimulatedPort({ ready: 'never' })
    const next = new SimulatedPort()
    const tree = new SimulatedTree([plan('hung', hung, { startMs: 300, restart: 'temporary' }), plan('next', next)])
    await tree.start()
    await tree.pass(299)
    expect([hung.run.kills, next.runs.length]).toEqual([0, 0])
    await tree.pass(1)
    expect([hung.run.kills, next.runs.length]).toEqual([1, 1])
    expect(tree.view('hung')).toMatchObject({ state: 'failed', reason: 'not ready within 300 ms' })
    expect(tree.view('hung').lastExit).toMatchObject({ class: 'resource', commandExitCode: 124 })
  })

  it('26. refuses a plan that cannot be meant, each with its reason', () => {
    const good = plan('a', new SimulatedPort())
    const make =
      (children: readonly ChildPlan[], more: object = {}) =>
      () =>
        new SimulatedTree(children, more)
    const bad = [
      make([good, good]),
      make([{ ...good, shutdownMs: -10 }]),
      make([{ ...good, shutdownMs: Number.POSITIVE_INFINITY }]),
      make([{ ...good, shutdownMs: 0.5 }]),
      make([{ ...good, startMs: 0 }]),
      make([good], { name: 'Root' }),
      make([good], { intensity: { restarts: -1, withinMs: 1_000 } }),
      make([good], { intensity: { restarts: 1_001, withinMs: 1_000 } }),
      make([good], { intensity: { restarts: 1, withinMs: 0 } }),
      make(Array.from({ length: 1_001 }, (_, i) => plan(`c${i}`, new SimulatedPort()))),
    ]
    for (const attempt of bad) expect(attempt).toThrow(expect.objectContaining({ code: 'usage' }))
    expect(make([{ ...good, shutdownMs: 0, startMs: 1 }], { intensity: { restarts: 0, withinMs: 1 } })).not.toThrow()
    expect(make(Array.from({ length: 1_000 }, (_, i) => plan(`c${i}`, new SimulatedPort())))).not.toThrow()
  })
})

describe('restarting', () => {
  it('31. P5. restarts the one that crashed and touches no sibling', async () => {
    const [first, crashing, last] = [new SimulatedPort(), new SimulatedPort(), new SimulatedPort()]
    const tree = new SimulatedTree([plan('first', first), plan('crashing', crashing), plan('last', last)])
    await tree.start()
    for (let i = 0; i < 4; i++) await crashAndReturn(tree, crashing)
    for (const sibling of [first, last]) {
      expect(sibling.runs).toHaveLength(1)
      expect([sibling.run.stops, sibling.run.kills]).toEqual([0, 0])
    }
    expect(tree.view('first').restartsLeft).toBe(3)
    expect(crashing.doubled).toBe(false)
  })

  it('restarts with the next incarnation, fenced before, and tells every step', async () => {
    const port = new SimulatedPort()
    const tree = new SimulatedTree([plan('acme/a', port)])
    tree.random = 0
    await tree.start()
    tree.events.splice(0)
    port.run.exit(crash)
    await settle()
    expect(tree.fences).toEqual(['acme/a#1'])
    expect(port.runs).toHaveLength(1)
    await tree.pass(99)
    expect(port.runs).toHaveLength(1)
    await tree.pass(1)
    expect(port.runs.map((run) => run.incarnation)).toEqual([1, 2])
    const common = { supervisor: 'root', child: 'acme/a', tenant: 'acme' }
    const reason = 'trap: unreachable'
    expect(tree.events).toEqual([
      { ...common, type: 'child.exited', incarnation: 1, class: 'crash', reason },
      {
        ...common,
        type: 'child.restarting',
        incarnation: 1,
        from: 'evaluating',
        to: 'backoff',
        class: 'crash',
        reason,
        delayMs: 100,
        restartsLeft: 2,
      },
      { ...common, type: 'child.starting', incarnation: 2, from: 'backoff', to: 'starting' },
      { ...common, type: 'child.ready', incarnation: 2, from: 'starting', to: 'running' },
      {
        ...common,
        type: 'child.restarted',
        incarnation: 2,
        from: 'starting',
        to: 'running',
        tookMs: 0,
        restartsLeft: 2,
      },
    ])
  })

  it('29. multiple restarts: what crashes rarely enough is restarted for ever', async () => {
    const port = new SimulatedPort()
    const tree = new SimulatedTree([plan('a', port)], { intensity: { restarts: 1, withinMs: 1_000 } })
    await tree.start()
    for (let i = 0; i < 8; i++) {
      await tree.pass(15_000)
      await crashAndReturn(tree, port)
    }
    expect(tree.view('a')).toMatchObject({ state: 'running', incarnation: 9, restarts: 8 })
  })

  it('the delays double, and start over after health', async () => {
    const port = new SimulatedPort()
    const tree = new SimulatedTree([plan('a', port)], { intensity: { restarts: 100, withinMs: 1_000 } })
    await tree.start()
    const delays = async (): Promise<number> => {
      port.run.exit(crash)
      await settle()
      const delayMs = tree.events.findLast((event) => event.type === 'child.restarting')?.delayMs ?? -1
      await tree.pass(delayMs)
      return delayMs
    }
    expect([await delays(), await delays(), await delays()]).toEqual([200, 400, 800])
    await tree.pass(9_999)
    expect(await delays()).toBe(1_600)
    await tree.pass(10_000)
    expect(await delays()).toBe(200)
  })

  it('46. 47. transient and temporary children that end normally are completed', async () => {
    const [transient, temporary] = [new SimulatedPort(), new SimulatedPort()]
    const tree = new SimulatedTree([
      plan('transient', transient, { restart: 'transient' }),
      plan('temporary', temporary, { restart: 'temporary' }),
    ])
    await tree.start()
    transient.run.exit(report('normal', 'exit code 0'))
    temporary.run.exit(report('normal', 'exit code 0'))
    expect(await tree.tree.settled).toMatchObject({ outcome: 'settled', met: true })
    expect(tree.states()).toEqual(['completed', 'completed'])
    await tree.pass(1e6)
    expect([transient.runs.length, temporary.runs.length]).toEqual([1, 1])
    expect(tree.events.findLast((event) => event.child === 'temporary')).toMatchObject({
      type: 'child.stopped',
      to: 'completed',
    })
  })

  it('45. 48. a permanent child is restarted after normal exit and after shutdown', async () => {
    const port = new SimulatedPort()
    const tree = new SimulatedTree([plan('a', port)])
    await tree.start()
    await tree.pass(6_000)
    port.run.exit(report('normal'))
    await settle()
    await tree.pass(6_000)
    port.run.exit(report('shutdown'))
    await settle()
    await tree.pass(6_000)
    expect(tree.view('a')).toMatchObject({ state: 'running', incarnation: 3, restartsLeft: 3 })
  })

  it('60. a waiting child delays nobody', async () => {
    const [waiting, quick] = [new SimulatedPort(), new SimulatedPort()]
    const tree = new SimulatedTree([plan('waiting', waiting), plan('quick', quick)], {
      intensity: { restarts: 50, withinMs: 1_000 },
    })
    await tree.start()
    for (const delayMs of [200, 400, 800]) {
      waiting.run.exit(crash)
      await tree.pass(delayMs)
    }
    waiting.run.exit(crash)
    quick.run.exit(crash)
    await settle()
    await tree.pass(200)
    expect(tree.states()).toEqual(['backoff', 'running'])
  })
})

describe('quarantine and escalation', () => {
  it('the 4th crash within 60 s quarantines an untrusted child; its supervisor and siblings live', async () => {
    const [hostile, sibling] = [new SimulatedPort(), new SimulatedPort()]
    const tree = new SimulatedTree([plan('hostile', hostile, { expect: 'quarantined' }), plan('sibling', sibling)])
    await tree.start()
    for (const delayMs of [200, 400, 800, 0]) {
      hostile.run.exit(crash)
      await settle()
      await tree.pass(delayMs)
    }
    expect(tree.view('hostile')).toMatchObject({
      state: 'quarantined',
      incarnation: 4,
      restarts: 3,
      restartsLeft: 0,
      quarantinedUntil: 1_400 + 300_000,
      metExpectation: true,
      reason: '3 restarts within 60 s did not help; last: trap: unreachable',
    })
    expect(tree.view('sibling')).toMatchObject({ state: 'running', incarnation: 1 })
    expect(tree.tree.state).toBe('running')
    expect(tree.events.at(-1)).toMatchObject({ type: 'child.quarantined', class: 'crash', delayMs: 300_000 })
    await tree.pass(299_000)
    expect(tree.view('hostile').state).toBe('quarantined')
    await tree.tree.stop()
    expect(tree.view('hostile')).toMatchObject({ state: 'quarantined', metExpectation: true })
    expect(tree.clock.pendingTimers).toBe(0)
  })

  it('proof of hostility quarantines at once, with its own event', async () => {
    const kinds = [
      ['forged-handle', 'security.forged-handle'],
      ['type-violation', 'security.type-violation'],
      ['digest-mismatch', 'security.digest-mismatch'],
      ['injection', 'security.violation'],
    ] as const
    for (const [hostility, type] of kinds) {
      const port = new SimulatedPort()
      const tree = new SimulatedTree([plan('a', port, { trust: 'trusted' })])
      await tree.start()
      tree.told()
      port.run.exit(report('security', 'a handle nobody gave', hostility))
      await settle()
      expect(tree.told()).toEqual(['child.exited a', `${type} a`, 'child.quarantined a'])
      expect(tree.view('a')).toMatchObject({ state: 'quarantined', reason: 'a handle nobody gave' })
      expect(tree.view('a')).not.toHaveProperty('quarantinedUntil')
      expect(port.runs).toHaveLength(1)
    }
  })

  it('31. a trusted child that exhausts its account takes its supervisor down, the others in reverse order', async () => {
    const ports = ['a', 'b', 'c'].map(() => new SimulatedPort())
    const [a, b, c] = ports as [SimulatedPort, SimulatedPort, SimulatedPort]
    const tree = new SimulatedTree([plan('a', a), plan('b', b, { trust: 'trusted' }), plan('c', c)], {
      intensity: { restarts: 0, withinMs: 1_000 },
    })
    await tree.start()
    tree.told()
    b.run.exit(crash)
    const settlement = await tree.tree.settled
    expect(settlement).toMatchObject({ outcome: 'escalated', reason: 'b: trap: unreachable', met: false })
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
    expect(tree.states()).toEqual(['stopped', 'failed', 'stopped'])
    await tree.tree.stop()
  })
})

describe('stopping', () => {
  it('17. the responsive exits by itself, the hung is killed after its timeout, in reverse order', async () => {
    const responsive = new SimulatedPort()
    const hung = new SimulatedPort({ onStop: 'ignores' })
    const tree = new SimulatedTree([plan('responsive', responsive), plan('hung', hung, { shutdownMs: 2_000 })])
    await tree.start()
    tree.told()
    const stopped = tree.tree.stop()
    await settle()
    expect([hung.run.stops, responsive.run.stops]).toEqual([1, 0])
    await tree.pass(1_999)
    expect(hung.run.kills).toBe(0)
    await tree.pass(1)
    await stopped
    expect([hung.run.kills, responsive.run.stops, responsive.run.kills]).toEqual([1, 1, 0])
    expect(tree.states()).toEqual(['stopped', 'stopped'])
    expect(tree.told()).toEqual([
      'child.exited hung',
      'child.stopped hung',
      'child.exited responsive',
      'child.stopped responsive',
      'supervisor.stopped',
    ])
    expect(await tree.tree.settled).toMatchObject({ outcome: 'stopped' })
  })

  it('19. no grace means a kill at once, beside one that is asked', async () => {
    const [brutal, gentle] = [new SimulatedPort(), new SimulatedPort()]
    const tree = new SimulatedTree([plan('gentle', gentle), plan('brutal', brutal, { shutdownMs: 0 })])
    await tree.start()
    await tree.tree.stop()
    expect([brutal.run.stops, brutal.run.kills, gentle.run.stops, gentle.run.kills]).toEqual([0, 1, 1, 0])
  })

  it('21. during a stop children of all types exit by themselves with all reasons: nothing is restarted, each reason is kept', async () => {
    const hung = new SimulatedPort({ onStop: 'ignores' })
    const others = (['permanent', 'transient', 'temporary'] as const).flatMap((restart) =>
      (['normal', 'shutdown', 'crash', 'resource', 'host'] as const).map((faultClass) => ({
        port: new SimulatedPort(),
        faultClass,
        restart,
      })),
    )
    const plans = others.map(({ port, restart, faultClass }) => plan(`${restart}-${faultClass}`, port, { restart }))
    const tree = new SimulatedTree([...plans, plan('hung', hung)])
    await tree.start()
    const stopped = tree.tree.stop()
    for (const { port, faultClass } of others) port.run.exit(report(faultClass, `by itself: ${faultClass}`))
    await settle()
    await tree.pass(5_000)
    await stopped
    await tree.pass(1e6)
    for (const { port, restart, faultClass } of others) {
      expect(port.runs).toHaveLength(1)
      expect(tree.view(`${restart}-${faultClass}`).reason).toBe(`by itself: ${faultClass}`)
    }
    expect(new Set(tree.states())).toEqual(new Set(['stopped', 'completed', 'failed']))
    expect(tree.events.some((event) => event.type === 'child.restarting')).toBe(false)
  })

  it('66. a child in its backoff, or stuck in a failing start, is stopped at once', async () => {
    const [waiting, starting] = [new SimulatedPort(), new SimulatedPort({ ready: 'never' })]
    const tree = new SimulatedTree([plan('waiting', waiting), plan('starting', starting)])
    await tree.start()
    waiting.run.exit(crash)
    await settle()
    expect(tree.states()).toEqual(['backoff', 'starting'])
    await tree.tree.stop()
    expect(tree.states()).toEqual(['stopped', 'stopped'])
    expect(starting.run.stops).toBe(1)
    await tree.pass(1e6)
    expect([waiting.runs.length, starting.runs.length]).toEqual([1, 1])
    expect(tree.clock.pendingTimers).toBe(0)
  })

  it('never hangs: ports that ignore stops and answer no kill cost the sum of the deadlines, and are told of as zombies', async () => {
    const kills = ['zombie', 'silent', 'rejects', 'exits-mute'] as const
    const plans = kills.map((onKill) =>
      plan(onKill, new SimulatedPort({ onStop: 'ignores', onKill }), { shutdownMs: 1_000 }),
    )
    const tree = new SimulatedTree(plans)
    await tree.start()
    let isDone = false
    const stopped = tree.tree.stop().then(() => {
      isDone = true
    })
    await tree.pass(6_999)
    expect(isDone).toBe(false)
    // Four times a grace of 1 s, and twice a kill that is waited for in vain for 1.5 s.
    await tree.pass(1)
    await stopped
    expect(tree.states()).toEqual(['zombie', 'zombie', 'zombie', 'stopped'])
    expect(tree.tree.zombies()).toBe(3)
    expect(tree.told().filter((event) => event.startsWith('child.zombie'))).toEqual([
      'child.zombie rejects',
      'child.zombie silent',
      'child.zombie zombie',
    ])
  })

  it('stops before it started, and then does not start', async () => {
    const port = new SimulatedPort()
    const tree = new SimulatedTree([plan('a', port)])
    await tree.tree.stop()
    await expect(tree.tree.start()).rejects.toMatchObject({ code: 'usage' })
    expect(port.runs).toHaveLength(0)
    expect(tree.states()).toEqual(['stopped'])
  })

  it('stops in the middle of a start, which then resolves', async () => {
    const [slow, never] = [new SimulatedPort({ ready: 'never' }), new SimulatedPort()]
    const tree = new SimulatedTree([plan('slow', slow), plan('never', never)])
    const starting = tree.tree.start()
    await settle()
    await Promise.all([tree.tree.stop(), tree.tree.stop(), starting])
    expect(never.runs).toHaveLength(0)
    expect(tree.states()).toEqual(['stopped', 'stopped'])
  })
})

describe('zombies', () => {
  it('56. a run that cannot be killed holds its slot and is not restarted beside itself, until its exit is seen', async () => {
    const port = new SimulatedPort()
    const sibling = new SimulatedPort()
    const tree = new SimulatedTree([plan('a', port), plan('sibling', sibling)])
    await tree.start()
    port.run.getStuck()
    await settle()
    expect(tree.view('a').state).toBe('zombie')
    expect(tree.tree.zombies()).toBe(1)
    await tree.pass(1e6)
    expect(port.runs).toHaveLength(1)
    expect(tree.fences).toEqual([])
    port.run.exit(report('resource', 'deadline of 2 s passed'))
    await settle()
    expect([tree.view('a').state, tree.tree.zombies()]).toEqual(['backoff', 0])
    await tree.pass(200)
    expect(tree.view('a')).toMatchObject({ state: 'running', incarnation: 2, restartsLeft: 2 })
    expect(sibling.runs).toHaveLength(1)
  })

  it('a zombie whose exit is seen after the tree stopped is fenced and stays stopped', async () => {
    const port = new SimulatedPort({ onStop: 'ignores', onKill: 'zombie' })
    const tree = new SimulatedTree([plan('a', port, { shutdownMs: 0 })])
    await tree.start()
    await tree.tree.stop()
    expect(tree.states()).toEqual(['zombie'])
    port.run.exit(crash)
    await settle()
    await tree.pass(1e6)
    expect(tree.states()).toEqual(['stopped'])
    expect(tree.fences).toEqual(['a#1'])
    expect(port.runs).toHaveLength(1)
  })
})

describe('the storm guard', () => {
  it('lets 20 of 30 restart at once and queues the rest, oldest first', async () => {
    const ports = Array.from({ length: 30 }, () => new SimulatedPort())
    const tree = new SimulatedTree(ports.map((port, i) => plan(`c${i}`, port)))
    await tree.start()
    for (const port of ports) port.run.exit(crash)
    await settle()
    await tree.pass(200)
    const restarted = (): number => ports.filter((port) => port.runs.length === 2).length
    expect(restarted()).toBe(20)
    expect(tree.tree.state).toBe('throttled')
    expect(tree.events.filter((event) => event.type === 'supervisor.throttled')).toHaveLength(1)
    await tree.pass(999)
    expect(restarted()).toBe(20)
    await tree.pass(1)
    expect(restarted()).toBe(30)
    expect(tree.tree.state).toBe('running')
  })

  it('is one for all trees that share it', async () => {
    const stormGuard = new StormGuard()
    const clock = new SettlingClock()
    const trees = [1, 2].map(() => {
      const ports = Array.from({ length: 15 }, () => new SimulatedPort())
      const tree = new SimulatedTree(
        ports.map((port, i) => plan(`c${i}`, port)),
        { stormGuard, clock },
      )
      return { ports, tree }
    })
    for (const { tree } of trees) await tree.start()
    for (const { ports } of trees) for (const port of ports) port.run.exit(crash)
    await settle()
    await clock.pass(200)
    expect(trees.flatMap(({ ports }) => ports).filter((port) => port.runs.length === 2)).toHaveLength(20)
    expect(trees.map(({ tree }) => tree.tree.state)).toEqual(['running', 'throttled'])
  })

  it('a queued child that is stopped takes no turn', async () => {
    const ports = Array.from({ length: 25 }, () => new SimulatedPort())
    const tree = new SimulatedTree(ports.map((port, i) => plan(`c${i}`, port)))
    await tree.start()
    for (const port of ports) port.run.exit(crash)
    await settle()
    await tree.pass(200)
    await tree.tree.stop()
    await tree.pass(10_000)
    expect(ports.filter((port) => port.runs.length === 2)).toHaveLength(20)
  })
})

describe('settling', () => {
  it('waits for a permanent child that runs, and for a quarantined one unless that was expected of it', async () => {
    const [steady, hostile] = [new SimulatedPort(), new SimulatedPort()]
    const tree = new SimulatedTree([plan('steady', steady), plan('hostile', hostile, { expect: 'quarantined' })])
    let settled = false
    void tree.tree.settled.then(() => {
      settled = true
    })
    await tree.start()
    hostile.run.exit(report('security', 'forged', 'forged-handle'))
    await settle()
    expect(settled).toBe(false)
    steady.run.exit(report('security', 'forged', 'forged-handle'))
    await settle()
    expect(settled).toBe(false)
    expect(tree.view('hostile').metExpectation).toBe(true)
    await tree.tree.deleteChild('root', tree.view('steady').id)
    await settle()
    await settle()
    expect(settled).toBe(true)
  })

  it('says whether each child ended as expected', async () => {
    const ends = [
      ['completed', 'normal', true],
      ['failed', 'crash', true],
      ['quarantined', 'security', true],
      ['completed', 'crash', false],
      ['failed', 'normal', false],
      [undefined, 'normal', true],
      [undefined, 'crash', false],
    ] as const
    for (const [expected, faultClass, met] of ends) {
      const port = new SimulatedPort()
      const more = expected === undefined ? {} : { expect: expected }
      const tree = new SimulatedTree([plan('a', port, { restart: 'temporary', ...more })])
      await tree.start()
      port.run.exit(report(faultClass, faultClass, faultClass === 'security' ? 'forged-handle' : undefined))
      expect(await tree.tree.settled).toMatchObject({ outcome: 'settled', met, children: [{ metExpectation: met }] })
    }
  })

  it('adds up what all incarnations used', async () => {
    const port = new SimulatedPort()
    const tree = new SimulatedTree([plan('a', port, { restart: 'transient' })])
    await tree.start()
    await crashAndReturn(tree, port)
    port.run.exit(report('normal'))
    await settle()
    expect(tree.view('a').usage).toEqual({
      wallMs: 20,
      cpuMs: 10,
      memoryPeak: 1_000,
      checksGranted: 4,
      checksDenied: 2,
    })
  })
})

describe('waiting for admission', () => {
  it('delays no sibling, says what it waits for, and starts by itself when admitted', async () => {
    const [unknown, sibling] = [new SimulatedPort(), new SimulatedPort()]
    const admission = new SimulatedAdmission('approval-required')
    const tree = new SimulatedTree([plan('unknown', unknown, { admission }), plan('sibling', sibling)])
    let started = false
    void tree.tree.start().then(() => {
      started = true
    })
    await settle()
    expect(started).toBe(true)
    expect(tree.states()).toEqual(['waiting', 'running'])
    expect(tree.view('unknown')).toMatchObject({ reason: 'approval-required', incarnation: 0 })
    expect(tree.events[0]).toMatchObject({ type: 'child.waiting', from: 'declared', reason: 'approval-required' })
    expect(unknown.runs).toHaveLength(0)
    tree.told()
    admission.become('approval-denied')
    expect(tree.view('unknown').reason).toBe('approval-denied')
    admission.become()
    await settle()
    expect(tree.told()).toEqual(['child.waiting unknown', 'child.starting unknown', 'child.ready unknown'])
    expect(tree.view('unknown')).toMatchObject({ state: 'running', incarnation: 1, restarts: 0 })
    expect(tree.view('unknown')).not.toHaveProperty('reason')
  })

  it('a child that runs is not stopped when its admission closes; its restart waits', async () => {
    const port = new SimulatedPort()
    const admission = new SimulatedAdmission()
    const tree = new SimulatedTree([plan('a', port, { admission })])
    await tree.start()
    admission.become('approval-required')
    await settle()
    expect(tree.view('a').state).toBe('running')
    port.run.exit(crash)
    await settle()
    await tree.pass(200)
    expect(tree.view('a')).toMatchObject({ state: 'waiting', reason: 'approval-required', incarnation: 1 })
    await tree.pass(60_000)
    expect(port.runs).toHaveLength(1)
    admission.become()
    await settle()
    expect(tree.view('a')).toMatchObject({ state: 'running', incarnation: 2, restarts: 1 })
  })

  it('is no end of a story: a tree whose others are done goes on, until it is stopped', async () => {
    const [done, unknown] = [new SimulatedPort(), new SimulatedPort()]
    const admission = new SimulatedAdmission('approval-required')
    const tree = new SimulatedTree([
      plan('done', done, { restart: 'transient' }),
      plan('unknown', unknown, { restart: 'transient', admission }),
    ])
    let outcome: string | undefined
    void tree.tree.settled.then((settlement) => {
      outcome = settlement.outcome
    })
    await tree.start()
    done.run.exit(report('normal'))
    await tree.pass(1e6)
    expect(outcome).toBeUndefined()
    await tree.tree.stop()
    await settle()
    expect(outcome).toBe('stopped')
    expect(tree.states()).toEqual(['completed', 'stopped'])
    expect(admission.listeners).toBe(0)
    admission.become()
    await settle()
    expect(unknown.runs).toHaveLength(0)
  })

  it('settles once the one that waited was admitted and is done too', async () => {
    const port = new SimulatedPort()
    const admission = new SimulatedAdmission('approval-required')
    const tree = new SimulatedTree([plan('a', port, { restart: 'transient', admission })])
    await tree.start()
    admission.become()
    await settle()
    port.run.exit(report('normal'))
    expect(await tree.tree.settled).toMatchObject({ outcome: 'settled', met: true })
  })

  it('an admission that cannot be told is none, and costs nobody else', async () => {
    const [broken, sibling] = [new SimulatedPort(), new SimulatedPort()]
    const admission: AdmissionPort = {
      state: () => {
        throw new Error('the store is gone')
      },
      onChange: () => () => undefined,
    }
    const tree = new SimulatedTree([plan('broken', broken, { admission }), plan('sibling', sibling)])
    await tree.start()
    expect(tree.states()).toEqual(['waiting', 'running'])
    expect(tree.view('broken').reason).toBe('its admission cannot be told: the store is gone')
  })

  it('is told once of many changes, and survives a flood of them', async () => {
    const port = new SimulatedPort()
    const admission = new SimulatedAdmission('approval-required')
    const tree: SimulatedTree = new SimulatedTree([plan('a', port, { admission })], {
      onEvent: (event) => {
        // In the middle of the machine's own step.
        if (event.type === 'child.waiting') for (let n = 0; n < 1_000; n++) admission.become('approval-required')
      },
    })
    await tree.start()
    expect(tree.view('a').state).toBe('waiting')
    admission.become()
    await settle()
    expect(tree.view('a').state).toBe('running')
  })

  it('trust that is given as a function is determined again at each start', async () => {
    const port = new SimulatedPort()
    let trust: Trust = 'trusted'
    const tree = new SimulatedTree([plan('a', port, { trust: () => trust })], {
      intensity: { restarts: 1, withinMs: 60_000 },
    })
    await tree.start()
    trust = 'unknown'
    port.run.exit(crash)
    await settle()
    await tree.pass(200)
    port.run.exit(crash)
    await settle()
    expect(tree.view('a').state).toBe('quarantined')
    expect(tree.tree.state).toBe('running')
  })
})

describe('X1. faults of our own', () => {
  it('a fence that throws keeps its child down and nobody else', async () => {
    const [a, b] = [new SimulatedPort(), new SimulatedPort()]
    const onFence = (): void => {
      throw new Error('the table is gone')
    }
    const tree = new SimulatedTree([plan('a', a), plan('b', b)], { onFence })
    await tree.start()
    a.run.exit(crash)
    await settle()
    await tree.pass(1e6)
    expect(tree.view('a')).toMatchObject({ state: 'failed', reason: 'a fault in its supervision: the table is gone' })
    expect(a.runs).toHaveLength(1)
    expect(tree.view('b').state).toBe('running')
    expect(tree.events.at(-1)).toMatchObject({ type: 'child.stopped', child: 'a', to: 'failed', class: 'host' })
    await tree.tree.stop()
    expect(tree.tree.state).toBe('stopped')
  })

  it('a machine that fails over a live run: the reaper ends the run, the siblings run on, the tree still stops', async () => {
    const clock = new SettlingClock()
    const [a, b] = [new SimulatedPort(), new SimulatedPort({ ready: 'when-told' })]
    const tree = new SimulatedTree([plan('a', a), plan('b', b)], { clock })
    await tree.start()
    clock.failures = 1
    b.run.becomeReady()
    await settle()
    expect(tree.view('b')).toMatchObject({ state: 'failed', reason: 'a fault in its supervision: no time' })
    expect([b.run.kills, b.run.live]).toEqual([1, false])
    expect(tree.fences).toEqual(['b#1'])
    expect([a.run.kills, tree.view('a').state]).toEqual([0, 'running'])
    await tree.tree.stop()
    expect(tree.states()).toEqual(['stopped', 'failed'])
  })

  it('what a listener throws is an uncaught exception, and harms no child', async () => {
    const port = new SimulatedPort()
    const uncaught: unknown[] = []
    const catchIt = (error: unknown): void => void uncaught.push(error)
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', catchIt)
    try {
      const clock = new SimulatedClock()
      const onEvent = (event: HealthEventDraft): void => {
        if (event.type === 'child.ready') throw new Error('listener')
      }
      const id = parseChildId('a')
      const tree = new SupervisionTree({
        name: 'root',
        children: [{ ...plan('a', port), id }],
        clock,
        random: () => 0,
        onEvent,
      })
      await tree.start()
      await settle()
      expect(tree.children()[0]?.state).toBe('running')
      await tree.stop()
      expect(uncaught).toEqual([new Error('listener')])
    } finally {
      process.removeListener('uncaughtException', catchIt)
      for (const listener of others) process.on('uncaughtException', listener)
    }
  })
})
