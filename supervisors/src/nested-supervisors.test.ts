import { parseChildId } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { StormGuard } from './planning/storm-guard.js'
import { plan, report, SimulatedPort, SimulatedTree, settle, supervisor } from './simulated-port.test.support.js'

// Supervisors below supervisors under profile `default`.

const crash = report('crash', 'trap: unreachable')
const id = parseChildId

/** A tree `root [before, inner [a, b], after]` whose `b` is trusted and may therefore take `inner` down. */
async function nested(more: object = {}) {
  const ports = {
    before: new SimulatedPort(),
    a: new SimulatedPort(),
    b: new SimulatedPort(),
    after: new SimulatedPort(),
  }
  const inner = supervisor('inner', [plan('a', ports.a), plan('b', ports.b, { trust: 'trusted' })], {
    intensity: { restarts: 0, withinMs: 60_000 },
    ...more,
  })
  const guard = new FailingGuard()
  const tree = new SimulatedTree([plan('before', ports.before), inner, plan('after', ports.after)], {
    stormGuard: guard,
  })
  await tree.start()
  return { tree, ports, guard }
}

/** A storm guard that fails when told to: a fault of our own in the middle of a supervisor's step. */
class FailingGuard extends StormGuard {
  failures = 0
  override take(nowMs: number): number {
    if (this.failures === 0) return super.take(nowMs)
    this.failures--
    throw new Error('no turn')
  }
}

describe('a supervisor below another one', () => {
  it('starts in its place, and its own children before the next sibling', async () => {
    const { tree } = await nested()
    expect(tree.told()).toEqual([
      'child.starting before',
      'child.ready before',
      'child.starting inner',
      'child.starting a',
      'child.ready a',
      'child.starting b',
      'child.ready b',
      'supervisor.started',
      'child.ready inner',
      'child.starting after',
      'child.ready after',
      'supervisor.started',
    ])
    expect(tree.tree.children().map((view) => view.id)).toEqual(['before', 'a', 'b', 'after'])
  })

  it('stops in its place, its own children in reverse, however long they take', async () => {
    const { tree, ports } = await nested()
    ports.a.behaviour = { ready: 'at-once', onStop: 'ignores', onKill: 'exits' }
    await tree.tree.terminateChild('inner', id('a'))
    await tree.tree.restartChild('inner', id('a'))
    tree.told()
    const stopped = tree.tree.stop()
    await settle()
    await tree.pass(4_999)
    expect(ports.before.run.stops).toBe(0)
    await tree.pass(1)
    await stopped
    expect(tree.told().filter((event) => event.startsWith('child.exited'))).toEqual([
      'child.exited after',
      'child.exited b',
      'child.exited a',
      'child.exited inner',
      'child.exited before',
    ])
    expect(tree.clock.pendingTimers).toBe(0)
  })

  it('that has to give up is restarted by its own, with the children of its plan and what they owe', async () => {
    const { tree, ports } = await nested()
    ports.a.run.exit(report('host', 'the journal stalled'))
    await settle()
    await tree.pass(200)
    ports.b.run.exit(crash)
    await settle()
    expect(tree.tree.tree().children[1]).toMatchObject({
      state: 'stopped',
      asChild: { state: 'backoff', restartsLeft: 2 },
    })
    await tree.pass(200)
    expect(tree.tree.children().map(({ state }) => state)).toEqual(['running', 'running', 'running', 'running'])
    expect([ports.a.run.incarnation, ports.b.run.incarnation]).toEqual([3, 2])
    expect([ports.before.runs.length, ports.after.runs.length]).toEqual([1, 1])
    expect(tree.view('a').restarts).toBe(2)
    // What made it give up was charged to it, and does not count a second time.
    ports.b.run.exit(report('host'))
    await settle()
    await tree.pass(1_000)
    expect(tree.view('b').state).toBe('running')
  })

  it('that gives up again and again makes its own give up', async () => {
    const { tree, ports } = await nested()
    for (let i = 0; i < 4; i++) {
      ports.b.run.exit(crash)
      await settle()
      await tree.pass(1_000)
    }
    expect(await tree.tree.settled).toMatchObject({
      outcome: 'escalated',
      reason: 'inner: child `b` could not be kept up: trap: unreachable',
    })
    expect(ports.b.runs).toHaveLength(4)
    expect(tree.tree.children().map(({ state }) => state)).toEqual(['stopped', 'stopped', 'failed', 'stopped'])
  })

  it('does not launder: an untrusted child comes back into quarantine’s accounts with the same budget', async () => {
    const { tree, ports } = await nested({ intensity: { restarts: 2, withinMs: 60_000 } })
    ports.a.run.exit(crash)
    await settle()
    await tree.pass(1_000)
    expect(tree.view('a').restartsLeft).toBe(1)
    await tree.tree.terminateChild('root', id('inner'))
    await tree.tree.restartChild('root', id('inner'))
    expect(tree.view('a')).toMatchObject({ state: 'running', incarnation: 3, restartsLeft: 1 })
  })

  it('is a zombie as long as something below it cannot be ended, and is not started beside that', async () => {
    const { tree, ports } = await nested()
    ports.a.behaviour = { ready: 'at-once', onStop: 'ignores', onKill: 'zombie' }
    ports.a.run.exit(report('host'))
    await settle()
    await tree.pass(200)
    ports.b.run.exit(crash)
    await settle()
    await tree.pass(10_000)
    expect(tree.tree.tree().children[1]).toMatchObject({ state: 'stopped', asChild: { state: 'zombie' } })
    expect([tree.tree.zombies(), tree.states()]).toEqual([1, ['running', 'zombie', 'failed', 'running']])
    await tree.pass(100_000)
    expect(ports.b.runs).toHaveLength(1)
    ports.a.run.exit(crash)
    await settle()
    await tree.pass(1_000)
    expect([tree.tree.zombies(), tree.states()]).toEqual([0, ['running', 'running', 'running', 'running']])
    expect(ports.a.doubled).toBe(false)
  })

  it('with a time of its own is killed with all below it when that has passed', async () => {
    const { tree, ports } = await nested({ shutdownMs: 1_000 })
    ports.b.behaviour = { ready: 'at-once', onStop: 'ignores', onKill: 'exits' }
    await tree.tree.terminateChild('inner', id('b'))
    await tree.tree.restartChild('inner', id('b'))
    const stopped = tree.tree.terminateChild('root', id('inner'))
    await settle()
    await tree.pass(1_000)
    expect(await stopped).toEqual({ kind: 'terminated' })
    expect([ports.b.run.kills, ports.a.run.live]).toEqual([1, false])
    expect(tree.states()).toEqual(['running', 'stopped', 'stopped', 'running'])
  })

  it('can be added and taken away while the tree runs, with all that is below it', async () => {
    const { tree } = await nested()
    const port = new SimulatedPort()
    expect(await tree.tree.startChild('root', supervisor('added', [plan('deep', port)]))).toEqual({
      kind: 'started',
      child: 'added',
    })
    expect(tree.tree.countChildren('added')).toMatchObject({ specs: 1, active: 1 })
    await tree.tree.terminateChild('root', id('added'))
    expect(await tree.tree.deleteChild('root', id('added'))).toEqual({ kind: 'deleted' })
    expect([port.run.live, tree.tree.countChildren('added')]).toEqual([false, { kind: 'no-supervisor' }])
    // The names are free again, and the incarnations go on.
    expect(await tree.tree.startChild('inner', plan('deep', port))).toMatchObject({ kind: 'started' })
    expect(port.run.incarnation).toBe(2)
  })

  it('heeds another plan of its own in its place, now and in its next life', async () => {
    const { tree, ports } = await nested()
    const next = supervisor('inner', [plan('a', ports.a), plan('b', ports.b)], {
      restart: 'transient',
      shutdownMs: 500,
    })
    expect(await tree.tree.changeSpec('inner', next)).toEqual({ kind: 'changed' })
    expect(tree.tree.getChildSpec('root', id('inner'))).toEqual({ kind: 'found', plan: next })
    await expect(tree.tree.changeSpec('inner', { ...next, significant: true })).rejects.toThrow(/is significant/)
    ports.a.behaviour = { ready: 'at-once', onStop: 'ignores', onKill: 'exits' }
    await tree.tree.terminateChild('inner', id('a'))
    await tree.tree.restartChild('inner', id('a'))
    const stopped = tree.tree.terminateChild('root', id('inner'))
    await settle()
    await tree.pass(500)
    expect([await stopped, ports.a.run.kills]).toEqual([{ kind: 'terminated' }, 1])
    expect(await tree.tree.restartChild('root', id('inner'))).toMatchObject({ kind: 'started' })
    expect(tree.tree.whichChildren('inner')).toMatchObject({ children: [{ id: 'b' }, { id: 'a' }] })
  })

  it('settles the tree only when nobody below has anything left to do', async () => {
    const [inner, outer] = [new SimulatedPort(), new SimulatedPort()]
    const tree = new SimulatedTree([
      supervisor('inner', [plan('a', inner, { restart: 'transient' })]),
      plan('b', outer, { restart: 'transient' }),
    ])
    let outcome: string | undefined
    void tree.tree.settled.then((settlement) => {
      outcome = settlement.outcome
    })
    await tree.start()
    outer.run.exit(report('normal'))
    await settle()
    expect(outcome).toBeUndefined()
    inner.run.exit(report('normal'))
    await settle()
    expect(outcome).toBe('settled')
  })

  it('X1. a fault of its own ends what it started, and it is started again', async () => {
    const { tree, ports, guard } = await nested({ intensity: { restarts: 3, withinMs: 60_000 } })
    guard.failures = 1
    ports.b.run.exit(crash)
    await settle()
    await tree.pass(200)
    expect(tree.events.filter(({ type }) => type === 'supervisor.stopped')).toMatchObject([
      { supervisor: 'inner', class: 'host', reason: 'a fault of its own: no turn' },
    ])
    expect([ports.a.run.kills, ports.before.run.kills]).toEqual([1, 0])
    expect(tree.tree.tree().children[1]).toMatchObject({ asChild: { state: 'backoff', restartsLeft: 3 } })
    await tree.pass(200)
    expect(tree.tree.children().map(({ state }) => state)).toEqual(['running', 'running', 'running', 'running'])
    expect([ports.a.doubled, ports.b.doubled]).toEqual([false, false])
  })
})

describe('what tree() shows', () => {
  it('nests, and says of each child where it is, how well, what it has left, why, since when, and what comes next', async () => {
    const { tree, ports } = await nested()
    await tree.pass(1_000)
    ports.a.run.exit(report('security', 'a handle nobody gave', 'forged-handle'))
    ports.before.run.exit(crash)
    await settle()
    const view = tree.tree.tree()
    expect(view).toMatchObject({
      kind: 'supervisor',
      name: 'root',
      state: 'running',
      strategy: 'one_for_one',
      profile: 'default',
      autoShutdown: 'never',
      isPool: false,
      health: { status: 'healthy', reasons: [] },
      sinceMs: 0,
    })
    expect(view).not.toHaveProperty('asChild')
    expect(view.children).toMatchObject([
      {
        kind: 'child',
        id: 'before',
        state: 'backoff',
        level: 'thread',
        health: { status: 'degraded', reasons: ['trap: unreachable'] },
        reason: 'trap: unreachable',
        restartsLeft: 2,
        sinceMs: 1_000,
        next: { what: 'restart', atMs: 1_200 },
      },
      {
        kind: 'supervisor',
        name: 'inner',
        asChild: { state: 'running' },
        children: [
          { id: 'a', state: 'quarantined', level: 'quarantine', health: { status: 'failed' } },
          { id: 'b', state: 'running', health: { status: 'healthy', reasons: [] } },
        ],
      },
      { id: 'after', state: 'running' },
    ])
    expect(JSON.parse(JSON.stringify(view))).toEqual(view)
  })

  it('says what a child waits for', async () => {
    const port = new SimulatedPort({ ready: 'never', onStop: 'ignores', onKill: 'silent' })
    const tree = new SimulatedTree([plan('slow', port, { startMs: 300, shutdownMs: 100 })])
    await tree.start()
    expect(tree.view('slow').next).toEqual({ what: 'kill', atMs: 300 })
    void tree.tree.terminateChild('root', id('slow'))
    await settle()
    expect(tree.view('slow').next).toEqual({ what: 'kill', atMs: 100 })
    await tree.pass(100)
    expect(tree.view('slow').next).toEqual({ what: 'zombie', atMs: 1_600 })
    await tree.pass(1_500)
    expect([tree.view('slow').state, tree.view('slow').next, tree.view('slow').health.status]).toEqual([
      'zombie',
      undefined,
      'failed',
    ])
  })
})
