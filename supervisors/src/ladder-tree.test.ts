import { type ExitReport, type FaultClass, type Hostility, parseChildId } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { type AccountStore, accountsInMemory } from './account-book.js'
import type { Wall } from './planning/ladder.js'
import { type Scenario, scenarios } from './planning/ladder-scenarios.test.support.js'
import { plan, report, SettlingClock, SimulatedPort, SimulatedTree, settle } from './simulated-port.test.support.js'

const walls = new Set<Wall>(['bubblewrap'])
const minute = 60_000
const bad = parseChildId('bad')
const crash = report('crash', 'trap: unreachable')
const deadline = report('resource', 'deadline of 2 s passed')
const trip = report('security', '5 different filesystem requests were denied within 10 s')
const forgery = report('security', 'a handle was forged', 'forged-handle')

class TermsPort extends SimulatedPort {
  /** On which terms it was started last. */
  get last(): string {
    const terms = this.terms.at(-1)
    return `${terms?.level}${terms?.canary === true ? ' canary' : ''}`
  }
}

async function one(
  more: Parameters<typeof plan>[2] = {},
  options: ConstructorParameters<typeof SimulatedTree>[1] = {},
) {
  const port = new TermsPort()
  const tree = new SimulatedTree([plan('bad', port, more)], { walls, ...options })
  await tree.start()
  const exit = async (exitReport: ExitReport): Promise<void> => {
    port.run.exit(exitReport)
    await settle()
    await tree.pass(0)
  }
  return { port, tree, exit, view: () => tree.view('bad') }
}

describe('the table of scenarios, over the machine', () => {
  const hostilities: readonly string[] = ['forged-handle', 'type-violation', 'digest-mismatch', 'injection']
  const reportOf = (fault: FaultClass | Hostility): ExitReport =>
    hostilities.includes(fault) ? report('security', fault, fault as Hostility) : report(fault as FaultClass)

  async function outcomes({ restart, trust, walls: up, steps }: Scenario): Promise<string[]> {
    const port = new TermsPort()
    const more = { ...(restart === undefined ? {} : { restart }), ...(trust === undefined ? {} : { trust }) }
    const tree = new SimulatedTree([plan('bad', port, more)], { walls: up === 'none' ? new Set() : walls })
    await tree.start()
    const told: string[] = []
    for (const { fault, afterMs } of steps) {
      await tree.pass(afterMs)
      const before = tree.view('bad').level
      port.run.exit(reportOf(fault))
      await settle()
      const { state, level, next } = tree.view('bad')
      if (tree.tree.state === 'stopped') told.push('escalate')
      else if (state === 'quarantined') told.push(`quarantine ${causeOf(tree)}`)
      else if (level !== before) told.push(`climb ${level}`)
      else told.push(state === 'backoff' ? 'restart' : state)
      if (next?.what === 'restart') await tree.pass((next.atMs ?? 0) - tree.clock.wallMs())
      await tree.pass(1)
    }
    return told
  }

  /** The view names no cause, but what it says of the end and of the reason tells them apart. */
  function causeOf(tree: SimulatedTree): string {
    const { needsRelease, reason = '', lastExit } = tree.view('bad')
    if (lastExit?.hostility !== undefined) return 'hostility'
    if (needsRelease) return 'security'
    return reason.includes('did not help') ? 'exhausted' : 'resource'
  }

  // Where a long wait lets a step down fall due before the exit, the story on the clock is another one.
  const onTheClock = scenarios.filter(({ name }) => !name.includes('never forgotten'))
  it.each(onTheClock)('$name', async (scenario) => {
    expect(await outcomes(scenario)).toEqual(scenario.steps.map(({ then }) => then))
  })
})

describe('up', () => {
  it('restarts at once on the next rung, fenced, and says so', async () => {
    const { port, tree, exit, view } = await one()
    tree.told()
    await exit(trip)
    expect(tree.told()).toEqual([
      'child.exited bad',
      'security.violation bad',
      'child.reduced bad',
      'child.starting bad',
      'child.ready bad',
      'child.restarted bad',
    ])
    expect(port.last).toBe('reduced')
    expect(tree.fences).toEqual(['bad#1'])
    expect(view()).toMatchObject({ state: 'running', level: 'reduced', restartsLeft: 3, score: 0, needsRelease: true })
    expect(view().health).toEqual({ status: 'degraded', reasons: [`isolated at \`reduced\`: ${trip.reason}`] })
    await exit(trip)
    expect([port.last, tree.told().includes('child.isolated bad')]).toEqual(['process', true])
    await exit(trip)
    expect(view()).toMatchObject({ state: 'quarantined', level: 'quarantine', needsRelease: true })
    expect(view().next).toBeUndefined()
    await tree.pass(1e9)
    expect(view().state).toBe('quarantined')
  })

  it('shows the score on its way', async () => {
    const { exit, tree, view } = await one()
    await exit(deadline)
    expect(tree.events.find(({ type }) => type === 'child.restarting')).toMatchObject({ score: 2, restartsLeft: 2 })
    expect(view()).toMatchObject({ score: 2, level: 'thread' })
    await tree.pass(5 * minute)
    expect(view().score).toBe(1)
  })

  it('a temporary child ends, and is found on its rung when it is added again', async () => {
    const { port, tree, exit } = await one({ restart: 'temporary' })
    await exit(trip)
    expect(tree.states()).toEqual(['failed'])
    expect(await tree.tree.startChild('root', plan('bad', port, { restart: 'temporary' }))).toMatchObject({
      kind: 'started',
    })
    expect(port.last).toBe('reduced')
  })

  it('is climbed with its group, whose siblings keep their own rungs', async () => {
    const [first, second] = [new TermsPort(), new TermsPort()]
    const tree = new SimulatedTree([plan('a', first), plan('b', second)], { walls, strategy: 'one_for_all' })
    await tree.start()
    first.run.exit(trip)
    await settle()
    await tree.pass(10)
    expect([first.last, second.last]).toEqual(['reduced', 'thread'])
    expect([first.runs.length, second.runs.length]).toEqual([2, 2])
  })
})

describe('down by clean time', () => {
  it('one rung at a time, 10 minutes from `process`, 5 from `reduced`, in order and uncharged', async () => {
    const { port, tree, exit, view } = await one()
    for (let i = 0; i < 4; i++) {
      await exit(deadline)
      await tree.pass(200)
    }
    expect(port.last).toBe('process')
    expect(view().next).toMatchObject({ what: 'step-down' })
    tree.told()
    await tree.pass(10 * minute - 1_000)
    expect(port.last).toBe('process')
    await tree.pass(2_000)
    expect(port.last).toBe('reduced')
    expect(tree.events.find(({ type }) => type === 'child.healthy')).toMatchObject({ from: 'process', to: 'reduced' })
    expect(port.runs.at(-2)?.stops).toBe(1)
    await tree.pass(5 * minute + 1_000)
    expect(port.last).toBe('thread')
    expect(view()).toMatchObject({ level: 'thread', restartsLeft: 3, health: { status: 'healthy' } })
    await tree.pass(1e7)
    expect(port.runs).toHaveLength(7)
  })

  it('begins anew with every fault, and goes on over faults of the host', async () => {
    const { port, tree, exit } = await one()
    await exit(deadline)
    await tree.pass(200)
    await exit(deadline)
    await tree.pass(4 * minute)
    await exit(crash)
    await tree.pass(4 * minute)
    expect(port.last).toBe('reduced')
    await exit(report('host'))
    await tree.pass(minute + 1_000)
    expect(port.last).toBe('thread')
  })

  it('is closed after a security fault', async () => {
    const { port, tree, exit } = await one()
    await exit(trip)
    await tree.pass(1e8)
    expect(port.last).toBe('reduced')
    expect(port.runs).toHaveLength(2)
  })

  it('does not happen to a child that is being stopped, nor twice', async () => {
    const { port, tree, exit, view } = await one()
    await exit(deadline)
    await tree.pass(200)
    await exit(deadline)
    port.behaviour = { ...port.behaviour, onStop: 'ignores' }
    port.run.live = true
    const stopped = tree.tree.terminateChild('root', bad)
    await tree.pass(6_000)
    await stopped
    expect(view().state).toBe('stopped')
    await tree.pass(1e7)
    expect(view().state).toBe('stopped')
  })
})

describe('half-open', () => {
  const exhausted = async (more: Parameters<typeof plan>[2] = {}) => {
    const child = await one(more)
    for (const delayMs of [200, 400, 800, 0]) {
      await child.exit(crash)
      await child.tree.pass(delayMs)
    }
    expect(child.view().state).toBe('quarantined')
    child.tree.told()
    return child
  }

  it('is tried again after its term, with the least, and let go when it stays well for 60 s', async () => {
    const { port, tree, view } = await exhausted()
    await tree.pass(5 * minute - 1)
    expect(view().state).toBe('quarantined')
    await tree.pass(1)
    expect(port.last).toBe('process canary')
    expect(view()).toMatchObject({ state: 'half-open', level: 'process' })
    expect(view().health.reasons[0]).toContain('on trial after a quarantine')
    await tree.pass(minute - 1)
    expect(view().state).toBe('half-open')
    await tree.pass(1)
    expect(port.last).toBe('thread')
    expect(view()).toMatchObject({ state: 'running', level: 'thread' })
    expect(tree.told()).toEqual([
      'child.half-open bad',
      'child.starting bad',
      'child.ready bad',
      'child.restarted bad',
      'child.healthy bad',
      'child.exited bad',
      'child.restarting bad',
      'child.starting bad',
      'child.ready bad',
      'child.restarted bad',
    ])
  })

  it('fails into the next term, 10, 20 minutes, then until released', async () => {
    const { port, tree, exit, view } = await exhausted()
    for (const term of [5, 10, 20]) {
      expect(view().quarantinedUntil).toBe(view().sinceMs + term * minute)
      await tree.pass(term * minute)
      expect(port.last).toBe('process canary')
      await tree.pass(minute / 2)
      await exit(crash)
      expect(view()).toMatchObject({ state: 'quarantined', reason: `it failed its trial: ${crash.reason}` })
    }
    expect(view().quarantinedUntil).toBeUndefined()
    await tree.pass(1e9)
    expect(view().state).toBe('quarantined')
  })

  it('goes on when the fault was ours', async () => {
    const { port, tree, exit, view } = await exhausted()
    await tree.pass(5 * minute + 1_000)
    await exit(report('host'))
    await tree.pass(1_000)
    expect(port.last).toBe('process canary')
    expect(view().state).toBe('half-open')
    await tree.pass(minute)
    expect(port.last).toBe('thread')
  })

  it('is over for good with a tripwire', async () => {
    const { tree, exit, view } = await exhausted()
    await tree.pass(5 * minute + 1_000)
    await exit(trip)
    expect(view()).toMatchObject({ state: 'quarantined', needsRelease: true })
    await tree.pass(1e9)
    expect(view().state).toBe('quarantined')
  })

  it('is not for temporary children: theirs ends with the term', async () => {
    const port = new TermsPort()
    const tree = new SimulatedTree([], { walls })
    await tree.start()
    const again = (): Promise<{ readonly kind: string }> =>
      tree.tree.startChild('root', plan('bad', port, { restart: 'temporary' }))
    for (let i = 0; i < 4; i++) {
      expect((await again()).kind).toBe('started')
      port.run.exit(crash)
      await settle()
    }
    expect(tree.states()).toEqual(['quarantined'])
    expect((await again()).kind).toBe('already-present')
    await tree.pass(5 * minute)
    expect(tree.states()).toEqual([])
    expect((await again()).kind).toBe('started')
    expect(port.last).toBe('process canary')
  })

  it('and their group goes on without them', async () => {
    const [first, second] = [new TermsPort(), new TermsPort()]
    const plans = [plan('a', first, { restart: 'temporary' }), plan('b', second)]
    const tree = new SimulatedTree(plans, {
      walls,
      strategy: 'one_for_all',
      intensity: { restarts: 0, withinMs: 1_000 },
    })
    await tree.start()
    first.run.exit(crash)
    await settle()
    await tree.pass(10)
    expect(tree.states()).toEqual(['quarantined', 'held'])
    await tree.pass(5 * minute)
    expect(tree.states()).toEqual(['failed', 'running'])
    expect(first.runs).toHaveLength(1)
  })

  it('begins later when a fault comes to light meanwhile', async () => {
    const { tree, view } = await exhausted()
    await tree.pass(4 * minute)
    tree.tree.fault(bad, { class: 'resource', reason: 'memory' })
    await tree.pass(9 * minute)
    expect(view()).toMatchObject({ state: 'quarantined', reason: 'memory' })
    await tree.pass(minute)
    expect(view().state).toBe('half-open')
  })

  it('has its terms divided by the time scale', async () => {
    const { port, tree, exit } = await one({}, { timeScale: 60 })
    for (const delayMs of [200, 400, 800, 0]) {
      await exit(crash)
      await tree.pass(delayMs)
    }
    await tree.pass(5_000)
    expect(port.last).toBe('process canary')
    await tree.pass(1_000)
    expect(port.last).toBe('thread')
  })

  it('does not begin for a child that was being stopped when it became due', async () => {
    const { port, tree, view } = await one()
    port.run.stop = () => undefined
    const stopped = tree.tree.stop()
    await settle()
    for (let i = 0; i < 3; i++) tree.tree.fault(bad, { class: 'resource', reason: 'memory' })
    port.run.exit(forgery)
    await stopped
    expect(view().state).toBe('stopped')
    expect(tree.clock.pendingTimers).toBe(0)
  })

  it('does not begin once it was terminated', async () => {
    const { tree, view } = await exhausted()
    expect(await tree.tree.terminateChild('root', bad)).toEqual({ kind: 'terminated' })
    expect(tree.clock.pendingTimers).toBe(0)
    await tree.pass(1e7)
    expect(view().state).toBe('quarantined')
    expect(await tree.tree.restartChild('root', bad)).toEqual({ kind: 'quarantined' })
    expect(tree.tree.release(bad, 'looked at')).toEqual({ kind: 'released' })
    expect(view().state).toBe('stopped')
    expect(await tree.tree.restartChild('root', bad)).toMatchObject({ kind: 'started' })
  })
})

describe('release', () => {
  it('restores the grants of a child that forged a handle, and clears its past', async () => {
    const { port, tree, exit, view } = await one()
    await exit(forgery)
    tree.told()
    expect(tree.tree.release(bad, 'a false alarm')).toEqual({ kind: 'released' })
    await tree.pass(1)
    expect(port.last).toBe('thread')
    expect(tree.events[0]).toMatchObject({
      type: 'child.released',
      from: 'quarantine',
      to: 'thread',
      reason: 'a false alarm',
    })
    expect(view()).toMatchObject({ state: 'running', needsRelease: false, restartsLeft: 3, score: 0 })
  })

  it('brings a running child one rung down, in order, or to the rung that is named', async () => {
    const { port, tree, exit, view } = await one()
    await exit(trip)
    await exit(trip)
    tree.tree.release(bad, 'known')
    await tree.pass(1)
    expect(port.last).toBe('reduced')
    expect(view().needsRelease).toBe(false)
    await exit(trip)
    tree.tree.release(bad, 'known', 'thread')
    await tree.pass(1)
    expect(port.last).toBe('thread')
    expect(port.runs.at(-2)?.stops).toBe(1)
  })

  it('is an answer, not an act, where nothing is held', async () => {
    const { tree } = await one()
    expect(tree.tree.release(bad, 'why not')).toEqual({ kind: 'not-isolated' })
    expect(tree.tree.release(parseChildId('nobody'), '')).toEqual({ kind: 'not-found' })
  })

  it('of a child that waits for its restart holds for that restart', async () => {
    const { port, tree, exit } = await one()
    await exit(trip)
    await exit(crash)
    expect(tree.states()).toEqual(['backoff'])
    tree.tree.release(bad, 'known')
    await tree.pass(300)
    expect(port.last).toBe('thread')
  })

  it('sets a held group free', async () => {
    const [first, second] = [new TermsPort(), new TermsPort()]
    const tree = new SimulatedTree([plan('a', first), plan('b', second)], { walls, strategy: 'one_for_all' })
    await tree.start()
    first.run.exit(forgery)
    await settle()
    await tree.pass(10)
    expect(tree.states()).toEqual(['quarantined', 'held'])
    tree.tree.release(parseChildId('a'), 'known')
    await settle()
    await tree.pass(10)
    expect(tree.states()).toEqual(['running', 'running'])
  })
})

describe('faults that others see', () => {
  it('kill a run that lives, which pays for them', async () => {
    const { port, tree, view } = await one()
    const kills = port.run
    expect(tree.tree.fault(bad, { class: 'security', reason: 'tripwire' })).toEqual({ kind: 'told' })
    await settle()
    await tree.pass(1)
    expect(kills.kills).toBe(1)
    expect(view()).toMatchObject({
      level: 'reduced',
      lastExit: { class: 'security', reason: 'tripwire', commandExitCode: 137 },
    })
    expect(tree.tree.fault(parseChildId('nobody'), { class: 'resource', reason: '' })).toEqual({ kind: 'not-found' })
  })

  it('are paid for when the run has ended before they came to light', async () => {
    const { port, tree, exit } = await one()
    await exit(crash)
    tree.tree.fault(bad, { class: 'security', reason: 'tripwire' })
    await tree.pass(300)
    expect(port.last).toBe('reduced')
    await exit(crash)
    tree.told()
    tree.tree.fault(bad, { class: 'security', reason: 'forged', hostility: 'forged-handle' })
    expect(tree.told()).toEqual(['security.forged-handle bad'])
    await tree.pass(300)
    expect(tree.states()).toEqual(['quarantined'])
  })

  it('are not a supervisor’s', async () => {
    const tree = new SimulatedTree([{ kind: 'supervisor', name: 'group', children: [plan('bad', new TermsPort())] }])
    await tree.start()
    const fault = { class: 'security', reason: 'tripwire' } as const
    expect(tree.tree.fault(parseChildId('group'), fault)).toEqual({ kind: 'not-found' })
    expect(tree.tree.fault(bad, fault)).toEqual({ kind: 'told' })
  })

  it('do not hide what the run itself proved', async () => {
    const { port, tree, exit, view } = await one()
    port.behaviour = { ...port.behaviour, onKill: 'silent' }
    await exit(crash)
    await tree.pass(300)
    tree.tree.fault(bad, { class: 'resource', reason: 'memory' })
    port.run.exit(forgery)
    await settle()
    expect(view().lastExit?.hostility).toBe('forged-handle')
  })

  it('count while it is being stopped', async () => {
    const { port, tree, view } = await one()
    port.run.stop = () => undefined
    void tree.tree.terminateChild('root', bad)
    await settle()
    tree.tree.fault(bad, { class: 'security', reason: 'tripwire' })
    port.run.exit(report('shutdown'))
    await settle()
    expect(view()).toMatchObject({ state: 'stopped', level: 'reduced' })
  })
})

describe('health', () => {
  const ill = (source: 'lifecycle' | 'quota', reason: string) => ({ source, verdict: 'ill', reason }) as const

  it('is told when it changes, and shown', async () => {
    const { tree, view } = await one()
    tree.told()
    tree.tree.observe(bad, ill('quota', 'messages at 95 %'))
    tree.tree.observe(bad, ill('quota', 'messages at 95 %'))
    expect(tree.events).toMatchObject([{ type: 'child.degraded', reason: 'messages at 95 %' }])
    expect(view().health).toEqual({ status: 'degraded', reasons: ['messages at 95 %'] })
    tree.told()
    for (let i = 0; i < 3; i++) tree.tree.observe(bad, { source: 'quota', verdict: 'well' })
    expect(tree.told()).toEqual(['child.healthy bad'])
    expect(view().health).toEqual({ status: 'healthy', reasons: [] })
  })

  it('kills at the third answer that is no health, and begins anew with the next run', async () => {
    const { port, tree, view } = await one()
    for (let i = 0; i < 3; i++) tree.tree.observe(bad, ill('lifecycle', 'health did not answer within 1 s'))
    await settle()
    expect(port.run.kills).toBe(1)
    expect(view()).toMatchObject({
      state: 'backoff',
      lastExit: { class: 'crash', reason: 'health did not answer within 1 s' },
    })
    await tree.pass(300)
    expect(view().health).toEqual({ status: 'healthy', reasons: [] })
  })
})

describe('a life after', () => {
  const clock = (): SettlingClock => new SettlingClock()

  /** The next process: the same store and wall clock, another tree. */
  async function next(store: AccountStore, at: SettlingClock, more: Parameters<typeof plan>[2] = {}, id = 'bad') {
    const port = new TermsPort()
    const tree = new SimulatedTree([plan(id, port, more)], { walls, clock: at, accounts: store })
    await tree.start()
    return { port, tree }
  }

  it('finds the child on its rung, reconciled before anybody starts', async () => {
    const [store, at] = [accountsInMemory(), clock()]
    const first = await next(store, at)
    first.port.run.exit(trip)
    await settle()
    await first.tree.tree.stop()
    const second = await next(store, at)
    expect(second.port.last).toBe('reduced')
    expect(second.tree.events[0]).toMatchObject({
      type: 'supervisor.reconciled',
      reason: 'from an earlier life: `bad` at reduced',
    })
  })

  it('serves what is left of a quarantine, and tries again when that is over', async () => {
    const [store, at] = [accountsInMemory(), clock()]
    const first = await next(store, at)
    for (const delayMs of [200, 400, 800, 0]) {
      first.port.run.exit(crash)
      await settle()
      await first.tree.pass(delayMs)
    }
    await first.tree.pass(2 * minute)
    await first.tree.tree.stop()
    const second = await next(store, at)
    expect(second.tree.view('bad')).toMatchObject({ state: 'quarantined', incarnation: 0 })
    expect(second.tree.view('bad').reason).toBe('3 restarts within 60 s did not help; last: trap: unreachable')
    await second.tree.pass(3 * minute)
    expect(second.port.last).toBe('process canary')
  })

  it('seeds a child of the same code under another name', async () => {
    const [store, at] = [accountsInMemory(), clock()]
    const identity = { codeDigest: 'sha256:aa' }
    const first = await next(store, at, { identity })
    first.port.run.exit(forgery)
    await settle()
    await first.tree.tree.deleteChild('root', bad)
    await first.tree.tree.startChild('root', plan('renamed', first.port, { identity }))
    expect(first.tree.view('renamed').state).toBe('quarantined')
    const second = await next(store, at, { identity: { codeDigest: 'sha256:bb' } }, 'other')
    expect(second.port.last).toBe('thread')
  })

  it('of a supervisor brings its children back on their rungs', async () => {
    const [inner, sibling] = [new TermsPort(), new TermsPort()]
    const group = { kind: 'supervisor', name: 'group', children: [plan('bad', inner)] } as const
    const tree = new SimulatedTree([plan('first', sibling), group], { walls, strategy: 'one_for_all' })
    await tree.start()
    inner.run.exit(trip)
    await settle()
    await tree.pass(10)
    expect(inner.last).toBe('reduced')
    sibling.run.exit(crash)
    await settle()
    await tree.pass(1_000)
    expect(inner.runs).toHaveLength(3)
    expect(inner.last).toBe('reduced')
  })
})

it('says of a temporary child in quarantine that it will be given up, and of others that they are tried again', async () => {
  const port = new SimulatedPort()
  const identity = { codeDigest: 'sha256:aa' }
  const tree = new SimulatedTree([plan('permanent', port, { identity })], { walls })
  await tree.start()
  for (let exits = 0; exits < 4; exits++) {
    port.run.exit(crash)
    await settle()
    await tree.pass(2_000)
  }
  expect(tree.view('permanent')).toMatchObject({ state: 'quarantined', next: { what: 'canary' } })
  await tree.tree.startChild('root', plan('temporary', new SimulatedPort(), { identity, restart: 'temporary' }))
  expect(tree.view('temporary')).toMatchObject({ state: 'quarantined', next: { what: 'fail' } })
  const told = tree.events.filter(({ type }) => type === 'child.quarantined')
  expect(told.map(({ child, delayMs }) => [child, delayMs])).toEqual(
    expect.arrayContaining([
      ['permanent', 300_000],
      ['temporary', undefined],
    ]),
  )
  await tree.pass(5 * minute)
  expect(tree.tree.child(parseChildId('temporary'))).toBeUndefined()
})
