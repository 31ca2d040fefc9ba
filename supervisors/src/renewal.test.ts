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

describe('other code under the same name', () => {
  /** `bad` is brought to a rung, or into quarantine, by what its code does; `a` runs other code so far. */
  async function world(reports: readonly ReturnType<typeof report>[]) {
    const [port, badPort] = [new SimulatedPort(), new SimulatedPort()]
    const code = { codeDigest: 'sha256:good' }
    const tree = new SimulatedTree([
      plan('a', port, { identity: code }),
      plan('bad', badPort, { identity: { codeDigest: 'sha256:bad' } }),
    ])
    await tree.start()
    for (const each of reports) {
      badPort.run.exit(each)
      await settle()
      await tree.pass(1_000)
    }
    tree.told()
    return { tree, port, code }
  }

  const twice = [report('resource'), report('resource')]

  it('brings its past with it: the child goes on where whoever runs that code stands', async () => {
    const { tree, code } = await world(twice)
    expect(tree.view('bad').level).toBe('reduced')
    expect(tree.tree.pastOf({ codeDigest: 'sha256:good' })).toBeUndefined()
    expect(tree.tree.pastOf({ codeDigest: 'sha256:bad' })?.level).toBe('reduced')
    code.codeDigest = 'sha256:bad'
    tree.tree.renew(id('a'))
    await settle()
    expect(tree.view('a')).toMatchObject({ state: 'running', incarnation: 2, level: 'reduced' })
    expect(tree.told()).toContain('child.reduced a')
    // Its accounts are its own from now on: to be renewed once more costs it nothing.
    tree.tree.renew(id('a'))
    await settle()
    expect(tree.view('a')).toMatchObject({ incarnation: 3, level: 'reduced' })
  })

  it('is quarantined where that code is', async () => {
    const { tree, code } = await world([report('security', 'it forged', 'forged-handle')])
    expect(tree.tree.pastOf({ codeDigest: 'sha256:bad' })).toEqual({ level: 'quarantine', because: 'it forged' })
    code.codeDigest = 'sha256:bad'
    tree.tree.renew(id('a'))
    await settle()
    expect(tree.view('a').state).toBe('quarantined')
    tree.tree.release(id('a'), 'looked at')
    await settle()
    expect(tree.view('a')).toMatchObject({ state: 'running', level: expect.stringMatching(/thread|reduced/) })
  })

  it('counts for who does not run, too; and a run answers for the code that it was started with', async () => {
    const { tree, port, code } = await world(twice)
    port.run.exit(report('crash'))
    await settle()
    code.codeDigest = 'sha256:bad'
    expect(tree.tree.renew(id('a'))).toEqual({ kind: 'not-running', state: 'backoff' })
    await tree.pass(1_000)
    expect(tree.view('a')).toMatchObject({ state: 'running', level: 'reduced' })
    code.codeDigest = 'sha256:better'
    port.run.exit(report('security', 'it forged', 'forged-handle'))
    await settle()
    expect(tree.tree.pastOf({ codeDigest: 'sha256:better' })).toBeUndefined()
    expect(tree.tree.pastOf({ codeDigest: 'sha256:bad' })?.level).toBe('quarantine')
  })

  it('is what is started where the start before was not over', async () => {
    const port = new SimulatedPort({ ready: 'never' })
    const tree = new SimulatedTree([plan('a', port)])
    await tree.start()
    expect(tree.view('a').state).toBe('starting')
    expect(tree.tree.renew(id('a'))).toEqual({ kind: 'renewed' })
    await settle()
    expect(tree.view('a')).toMatchObject({ state: 'starting', incarnation: 2, restartsLeft: 3 })
  })
})
