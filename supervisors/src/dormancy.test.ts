import { parseChildId } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import type { DormancyPort } from './child-port.js'
import {
  plan,
  report,
  SimulatedAdmission,
  SimulatedPort,
  SimulatedTree,
  settle,
  supervisor,
} from './simulated-port.test.support.js'

const id = parseChildId

/** Somebody who has something for a child to do, or not. */
class Caller implements DormancyPort {
  isCalling = false
  readonly #listeners = new Set<() => void>()

  readonly isWanted = (): boolean => this.isCalling

  readonly onWanted = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  call(): void {
    this.isCalling = true
    for (const listener of this.#listeners) listener()
  }
}

async function sleeper(more: Parameters<typeof plan>[2] = {}) {
  const port = new SimulatedPort()
  const dormancy = new Caller()
  const tree = new SimulatedTree([plan('a', port, { dormancy, ...more })])
  await tree.start()
  return { tree, port, dormancy }
}

describe('a child that may sleep', () => {
  it('sleeps until it is wanted, and after each clean end again: none of it is a restart', async () => {
    const { tree, port, dormancy } = await sleeper()
    expect(tree.told()).toEqual(['child.dormant a', 'supervisor.started'])
    expect(tree.view('a')).toMatchObject({ state: 'dormant', incarnation: 0, next: { what: 'wake' } })
    expect(tree.view('a').health).toEqual({ status: 'healthy', reasons: [] })
    for (const [round, end] of (['normal', 'shutdown', 'normal', 'normal', 'normal'] as const).entries()) {
      dormancy.call()
      await settle()
      expect(tree.view('a')).toMatchObject({ state: 'running', incarnation: round + 1, restarts: 0, restartsLeft: 3 })
      dormancy.isCalling = false
      port.run.exit(report(end))
      await settle()
      expect(tree.told()).toEqual(['child.starting a', 'child.ready a', 'child.exited a', 'child.dormant a'])
    }
    expect(tree.fences).toEqual(['a#1', 'a#2', 'a#3', 'a#4', 'a#5'])
    await tree.tree.stop()
    expect(tree.view('a').state).toBe('stopped')
    expect(tree.clock.pendingTimers).toBe(0)
  })

  it('that is wanted from the first is started at once, and what came while it lay down wakes it', async () => {
    const port = new SimulatedPort()
    const dormancy = new Caller()
    dormancy.isCalling = true
    const tree = new SimulatedTree([plan('a', port, { dormancy })])
    await tree.start()
    expect(tree.view('a').state).toBe('running')
    port.run.exit(report('normal'))
    await settle()
    expect(tree.view('a')).toMatchObject({ state: 'running', incarnation: 2, restarts: 0 })
    expect(port.doubled).toBe(false)
  })

  it('is restarted after a crash like any other, and charged for it', async () => {
    const { tree, port, dormancy } = await sleeper()
    dormancy.call()
    await settle()
    port.run.exit(report('crash'))
    await settle()
    expect(tree.view('a')).toMatchObject({ state: 'backoff', restartsLeft: 2 })
    await tree.pass(200)
    expect(tree.view('a')).toMatchObject({ state: 'running', restarts: 1 })
    dormancy.isCalling = false
    port.run.exit(report('normal'))
    await settle()
    expect(tree.view('a')).toMatchObject({ state: 'dormant', restarts: 1, restartsLeft: 2 })
  })

  it('that proves hostile on its way out is quarantined', async () => {
    const { tree, port, dormancy } = await sleeper()
    dormancy.call()
    await settle()
    port.run.exit(report('normal', 'exit code 0', 'forged-handle'))
    await settle()
    expect(tree.view('a').state).toBe('quarantined')
    dormancy.call()
    await settle()
    expect(port.runs).toHaveLength(1)
  })

  it('that is found at fault in its sleep is not woken any more', async () => {
    const { tree, dormancy, port } = await sleeper()
    tree.tree.fault(id('a'), { class: 'security', reason: 'what it left behind', hostility: 'injection' })
    await settle()
    dormancy.call()
    await settle()
    expect(tree.view('a').state).toBe('quarantined')
    expect(port.runs).toHaveLength(0)
  })

  it('waits for its admission, asleep only when it has it', async () => {
    const admission = new SimulatedAdmission('approval-required')
    const { tree, dormancy } = await sleeper({ admission })
    expect(tree.view('a').state).toBe('waiting')
    admission.become()
    await settle()
    expect(tree.view('a').state).toBe('dormant')
    admission.become('approval-denied')
    dormancy.call()
    await settle()
    expect(tree.view('a')).toMatchObject({ state: 'waiting', reason: 'approval-denied' })
    admission.become()
    await settle()
    expect(tree.view('a').state).toBe('running')
  })

  it('is there for administrative calls: it is terminated, and sleeps again when it is started', async () => {
    const { tree, dormancy, port } = await sleeper()
    expect(await tree.tree.restartChild('root', id('a'))).toEqual({ kind: 'running' })
    expect(await tree.tree.deleteChild('root', id('a'))).toEqual({ kind: 'running' })
    const again = plan('a', port)
    expect(await tree.tree.startChild('root', again)).toEqual({ kind: 'already-started', child: 'a' })
    expect(await tree.tree.terminateChild('root', id('a'))).toEqual({ kind: 'terminated' })
    dormancy.call()
    await settle()
    expect(tree.view('a').state).toBe('stopped')
    dormancy.isCalling = false
    expect(await tree.tree.restartChild('root', id('a'))).toEqual({ kind: 'started', child: 'a' })
    expect(tree.view('a').state).toBe('dormant')
    const other = new Caller()
    expect(await tree.tree.startChild('root', plan('b', new SimulatedPort(), { dormancy: other }))).toEqual({
      kind: 'started',
      child: 'b',
    })
  })

  it('whose caller cannot be asked is woken', async () => {
    const port = new SimulatedPort()
    const dormancy: DormancyPort = {
      isWanted: () => {
        throw new Error('nobody there')
      },
      onWanted: () => () => undefined,
    }
    const tree = new SimulatedTree([plan('a', port, { dormancy })])
    await tree.start()
    expect(tree.view('a').state).toBe('running')
  })

  it('sleeps on when its group is started again, and is asleep in it from the first', async () => {
    const port = new SimulatedPort()
    const dormancy = new Caller()
    const tree = new SimulatedTree([plan('a', port), plan('b', new SimulatedPort(), { dormancy })], {
      strategy: 'one_for_all',
    })
    await tree.start()
    expect(tree.states()).toEqual(['running', 'dormant'])
    port.run.exit(report('crash'))
    await settle()
    await tree.pass(1_000)
    expect(tree.states()).toEqual(['running', 'dormant'])
    expect(tree.tree.state).toBe('running')
    dormancy.call()
    await settle()
    port.run.exit(report('crash'))
    await settle()
    dormancy.isCalling = false
    await tree.pass(1_000)
    expect(tree.states()).toEqual(['running', 'dormant'])
  })

  it('is woken as a member of a pool, each by its own', async () => {
    const callers = new Map<string, Caller>()
    const template = {
      trust: 'unknown',
      port: () => new SimulatedPort(),
      own: (member: string) => {
        const dormancy = new Caller()
        callers.set(member, dormancy)
        return { dormancy }
      },
    } as const
    const tree = new SimulatedTree([supervisor('pool', [], { template })])
    await tree.start()
    for (const member of ['a', 'b']) await tree.tree.startChild('pool', { id: id(member) })
    expect(tree.states()).toEqual(['dormant', 'dormant'])
    callers.get('b')?.call()
    await settle()
    expect(tree.states()).toEqual(['dormant', 'running'])
  })
})
