import { parseChildId } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { plan, report, SimulatedPort, SimulatedTree, settle, supervisor } from './simulated-port.test.support.js'

const id = parseChildId

describe('a child that is to run anew', () => {
  it('is stopped and started at once, with its accounts as they were', async () => {
    const port = new SimulatedPort()
    const tree = new SimulatedTree([supervisor('below', [plan('a', port)])])
    await tree.start()
    port.run.exit(report('crash'))
    await settle()
    await tree.pass(200)
    expect(tree.view('a')).toMatchObject({ incarnation: 2, restartsLeft: 2 })
    tree.told()
    expect(tree.tree.renew(id('a'))).toEqual({ kind: 'renewed' })
    await settle()
    expect(port.runs.map(({ stops }) => stops)).toEqual([0, 1, 0])
    expect(tree.view('a')).toMatchObject({ state: 'running', incarnation: 3, restartsLeft: 2 })
    expect(tree.told()).toEqual(
      ['exited', 'restarting', 'starting', 'ready', 'restarted'].map((what) => `child.${what} a`),
    )
    expect(tree.tree.child(id('a'))).toEqual(tree.view('a'))
    expect(tree.tree.supervisorOf(id('a'))).toBe('below')
    expect(tree.tree.supervisorOf(id('below'))).toBe('root')
  })

  it('that will not stop is killed; one that breaks on its way out pays for nothing but hostility', async () => {
    const port = new SimulatedPort({ onStop: 'ignores' })
    const tree = new SimulatedTree([plan('a', port)])
    await tree.start()
    tree.tree.renew(id('a'))
    await tree.pass(5_000)
    expect(tree.view('a')).toMatchObject({ state: 'running', incarnation: 2, restartsLeft: 3 })
    tree.tree.renew(id('a'))
    await settle()
    port.run.exit(report('security', 'a handle nobody gave', 'forged-handle'))
    await settle()
    expect(tree.view('a').state).toBe('quarantined')
  })

  it('is left alone where it does not run', async () => {
    const port = new SimulatedPort()
    const tree = new SimulatedTree([plan('a', port)])
    await tree.start()
    port.run.exit(report('crash'))
    await settle()
    expect(tree.tree.renew(id('a'))).toEqual({ kind: 'not-running', state: 'backoff' })
    expect(tree.tree.renew(id('b'))).toEqual({ kind: 'not-found' })
    expect(tree.tree.child(id('b'))).toBeUndefined()
    expect(tree.tree.supervisorOf(id('b'))).toBeUndefined()
  })
})
