import { parseChildId } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { administrativeCallsMax } from './limits.js'
import {
  plan,
  report,
  SettlingClock,
  SimulatedAdmission,
  SimulatedPort,
  SimulatedTree,
  settle,
} from './simulated-port.test.support.js'

// What administrative calls add to Erlang's under profile `default`; Erlang's own cases are in `conformance/`.

const id = parseChildId
const crash = report('crash', 'trap: unreachable')

async function one(more: Parameters<typeof plan>[2] = {}) {
  const port = new SimulatedPort()
  const tree = new SimulatedTree([plan('a', port, more)])
  await tree.start()
  return { tree, port }
}

describe('starting a child', () => {
  it('that is not admitted answers what it waits for, and keeps it', async () => {
    const { tree } = await one()
    const admission = new SimulatedAdmission('approval-required')
    const port = new SimulatedPort()
    expect(await tree.tree.startChild('root', plan('b', port, { admission }))).toEqual({
      kind: 'waiting',
      child: 'b',
      reason: 'approval-required',
    })
    expect(await tree.tree.restartChild('root', id('b'))).toEqual({ kind: 'restarting' })
    admission.become()
    await settle()
    expect(tree.view('b').state).toBe('running')
    // Its failures are planned for like anybody's from now on.
    port.run.exit(crash)
    await settle()
    expect(tree.view('b').state).toBe('backoff')
  })

  it('that proves hostile in its start is quarantined, not forgotten', async () => {
    const { tree } = await one()
    const port = new SimulatedPort({ ready: 'never' })
    const started = tree.tree.startChild('root', plan('b', port))
    await settle()
    port.run.exit(report('security', 'a handle nobody gave', 'forged-handle'))
    expect(await started).toMatchObject({ kind: 'failed', report: { class: 'security' } })
    expect(tree.view('b').state).toBe('quarantined')
    expect(await tree.tree.startChild('root', plan('b', port))).toEqual({ kind: 'already-present', child: 'b' })
    expect(await tree.tree.restartChild('root', id('b'))).toEqual({ kind: 'quarantined' })
    expect(await tree.tree.terminateChild('root', id('b'))).toEqual({ kind: 'terminated' })
    expect(tree.view('b').state).toBe('quarantined')
  })

  it('whose start hangs is killed at its deadline, and the call answers', async () => {
    const { tree } = await one()
    const started = tree.tree.startChild('root', plan('b', new SimulatedPort({ ready: 'never' }), { startMs: 300 }))
    await settle()
    await tree.pass(300)
    expect(await started).toMatchObject({ kind: 'failed', report: { reason: 'not ready within 300 ms' } })
    expect(tree.states()).toEqual(['running'])
  })

  it('is answered when the tree is stopped meanwhile', async () => {
    const { tree } = await one()
    const calls = [
      tree.tree.startChild('root', plan('b', new SimulatedPort({ ready: 'never' }))),
      tree.tree.startChild('root', plan('c', new SimulatedPort())),
    ]
    await settle()
    await tree.tree.stop()
    expect(await Promise.all(calls)).toMatchObject([{ kind: 'failed' }, { kind: 'no-supervisor' }])
  })
})

describe('a temporary child of the plan that has ended', () => {
  it('is shown as it ended, is no child any more, and leaves its incarnations to whoever takes its name', async () => {
    const { tree, port } = await one({ restart: 'temporary' })
    port.run.exit(report('normal'))
    await settle()
    expect(tree.view('a').state).toBe('completed')
    expect(tree.tree.countChildren('root')).toMatchObject({ specs: 0 })
    expect(await tree.tree.restartChild('root', id('a'))).toEqual({ kind: 'not-found' })
    const next = new SimulatedPort()
    await tree.tree.startChild('root', plan('a', next, { restart: 'temporary' }))
    expect([next.run.incarnation, tree.view('a').restarts, tree.states()]).toEqual([2, 1, ['running']])
  })

  it('one that was added leaves nothing', async () => {
    const { tree } = await one()
    const port = new SimulatedPort()
    await tree.tree.startChild('root', plan('b', port, { restart: 'temporary' }))
    tree.told()
    port.run.exit(report('normal'))
    await settle()
    expect(tree.told()).toEqual(['child.exited b', 'child.stopped b', 'child.removed b'])
    expect(tree.states()).toEqual(['running'])
  })
})

describe('a child that is gone', () => {
  it('hears no more of its admission, nor of what would wake it, however often its name comes back', async () => {
    const { tree } = await one()
    const admission = new SimulatedAdmission()
    const other = new SimulatedAdmission()
    for (let life = 0; life < 3; life++) {
      await tree.tree.startChild('root', plan('b', new SimulatedPort(), { admission }))
      expect(admission.listeners).toBe(1)
      await tree.tree.terminateChild('root', id('b'))
      expect(admission.listeners).toBe(1)
      await tree.tree.deleteChild('root', id('b'))
      expect(admission.listeners).toBe(0)

      const port = new SimulatedPort()
      await tree.tree.startChild('root', plan('c', port, { restart: 'temporary', admission: other }))
      expect(other.listeners).toBe(1)
      port.run.exit(report('normal'))
      await settle()
      expect(other.listeners).toBe(0)
    }
  })

  it('leaves that place to the next of its name, when the plan has it departed', async () => {
    const port = new SimulatedPort()
    const admission = new SimulatedAdmission()
    const tree = new SimulatedTree([plan('a', port, { restart: 'temporary', admission })])
    await tree.start()
    port.run.exit(report('normal'))
    await settle()
    await tree.tree.startChild('root', plan('a', new SimulatedPort(), { admission }))
    expect(admission.listeners).toBe(1)
  })
})

describe('ending a child', () => {
  it('at any point of its life, and it stays ended', async () => {
    const admission = new SimulatedAdmission('approval-required')
    const lives: readonly [string, Parameters<typeof plan>[2], SimulatedPort, (port: SimulatedPort) => void][] = [
      ['starting', {}, new SimulatedPort({ ready: 'never' }), () => undefined],
      ['running', {}, new SimulatedPort(), () => undefined],
      ['backoff', {}, new SimulatedPort(), (port) => port.run.exit(crash)],
      ['waiting', { admission }, new SimulatedPort(), () => undefined],
      ['completed', { restart: 'transient' }, new SimulatedPort(), (port) => port.run.exit(report('normal'))],
    ]
    for (const [state, more, port, act] of lives) {
      const tree = new SimulatedTree([plan('a', port, more)])
      await tree.start()
      act(port)
      await settle()
      expect(tree.view('a').state).toBe(state)
      const runs = port.runs.length
      expect(await tree.tree.terminateChild('root', id('a'))).toEqual({ kind: 'terminated' })
      await tree.pass(1e6)
      expect([tree.view('a').state, port.runs.length]).toEqual([state === 'completed' ? 'completed' : 'stopped', runs])
    }
  })

  it('what it exits with is not charged, unless it is a security fault', async () => {
    const { tree, port } = await one()
    port.behaviour = { ready: 'at-once', onStop: 'crash', onKill: 'exits' }
    await tree.tree.terminateChild('root', id('a'))
    await tree.tree.restartChild('root', id('a'))
    await tree.tree.terminateChild('root', id('a'))
    expect(tree.view('a')).toMatchObject({ state: 'stopped', restartsLeft: 3, reason: 'crash' })
    await tree.tree.restartChild('root', id('a'))
    port.run.exit(report('security', 'a handle nobody gave', 'forged-handle'))
    expect(await tree.tree.terminateChild('root', id('a'))).toEqual({ kind: 'terminated' })
    expect(tree.view('a').state).toBe('quarantined')
  })

  it('a child whose supervision failed can be deleted, and not restarted', async () => {
    const port = new SimulatedPort()
    const tree = new SimulatedTree([plan('a', port)], {
      onFence: () => {
        throw new Error('the table is gone')
      },
    })
    await tree.start()
    port.run.exit(crash)
    await settle()
    expect(await tree.tree.restartChild('root', id('a'))).toMatchObject({
      kind: 'failed',
      report: { class: 'host', reason: 'a fault in its supervision: the table is gone' },
    })
    expect(await tree.tree.deleteChild('root', id('a'))).toEqual({ kind: 'deleted' })
    expect(await tree.tree.startChild('root', plan('a', new SimulatedPort()))).toMatchObject({ kind: 'started' })
  })
})

describe('what a broken supervision leaves behind', () => {
  it('a run that cannot be ended keeps its child from being deleted', async () => {
    const clock = new SettlingClock()
    const port = new SimulatedPort({ ready: 'when-told', onKill: 'zombie' })
    const tree = new SimulatedTree([plan('a', port)], { clock })
    await tree.start()
    clock.failures = 1
    port.run.becomeReady()
    await settle()
    expect([tree.view('a').state, tree.tree.zombies()]).toEqual(['failed', 1])
    expect(await tree.tree.deleteChild('root', id('a'))).toEqual({ kind: 'running' })
    expect(tree.tree.whichChildren('root')).toMatchObject({ children: [{ status: 'running', state: 'failed' }] })
    port.run.exit(crash)
    await settle()
    expect(await tree.tree.deleteChild('root', id('a'))).toEqual({ kind: 'deleted' })
    port.behaviour = { ready: 'at-once', onStop: 'shutdown', onKill: 'exits' }
    expect(await tree.tree.startChild('root', plan('a', port))).toMatchObject({ kind: 'started' })
    expect([port.run.incarnation, port.doubled]).toEqual([2, false])
  })
})

describe('releasing', () => {
  it('answers who is not there, and who is not quarantined', async () => {
    const { tree, port } = await one()
    expect(tree.tree.release(id('b'), 'why not')).toEqual({ kind: 'not-found' })
    expect(tree.tree.release(id('a'), 'why not')).toEqual({ kind: 'not-isolated' })
    port.run.exit(report('security', 'a handle nobody gave', 'forged-handle'))
    await settle()
    expect(tree.tree.release(id('a'), 'it was our mistake')).toEqual({ kind: 'released' })
    await settle()
    expect(tree.view('a').state).toBe('running')
    expect(tree.events.find(({ type }) => type === 'child.released')).toMatchObject({ reason: 'it was our mistake' })
  })
})

it('calls are served in order, and refused beyond their bound', async () => {
  const { tree } = await one()
  const answers = await Promise.all([
    tree.tree.terminateChild('root', id('a')),
    tree.tree.restartChild('root', id('a')),
    tree.tree.restartChild('root', id('a')),
    tree.tree.terminateChild('root', id('a')),
    tree.tree.deleteChild('root', id('a')),
    tree.tree.deleteChild('root', id('a')),
  ])
  expect(answers.map(({ kind }) => kind)).toEqual([
    'terminated',
    'started',
    'running',
    'terminated',
    'deleted',
    'not-found',
  ])
  const calls = Array.from({ length: administrativeCallsMax }, () => tree.tree.terminateChild('root', id('a')))
  await expect(tree.tree.terminateChild('root', id('a'))).rejects.toMatchObject({ code: 'mailbox-overloaded' })
  expect(new Set((await Promise.all(calls)).map(({ kind }) => kind))).toEqual(new Set(['not-found']))
  expect(await tree.tree.terminateChild('root', id('a'))).toEqual({ kind: 'not-found' })
})
