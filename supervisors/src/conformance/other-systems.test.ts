import { describe, expect, it } from 'vitest'
import {
  plan,
  report,
  SimulatedAdmission,
  SimulatedPort,
  SimulatedTree,
  settle,
  supervisor,
} from '../simulated-port.test.support.js'
import { id } from './otp-rig.test.support.js'

// What Pekko's, lunatic's and wasmCloud's own suites ask of a supervisor, where it is supervision's to answer.
//
// Elsewhere, because it is not about restarting:
//  A2, A4, A21  resuming after a message, matching exceptions: a component's instance is never kept after a fault; there
//               is no resume, and no exception reaches us but as the end of a run.
//  A13, A14, A18, A19, L9, L12, W2  what becomes of messages while a child is down: the mailbox's.
//  A15  log levels: events have types. A20  death watch: `reach` of a child and the events are told once each.
//  L3, L6, L8  links as messages, deadlines of calls: the actor's. L11  a component starts no components.

const crash = report('crash', 'trap: unreachable')

async function one(more: Parameters<typeof plan>[2] = {}, flags: object = {}) {
  const port = new SimulatedPort()
  const tree = new SimulatedTree([plan('a', port, more)], flags)
  await tree.start()
  return { tree, port }
}

describe('Pekko', () => {
  it('A1. what is not restarted is stopped, whatever ended it', async () => {
    const { tree, port } = await one({ restart: 'temporary' })
    port.run.exit(report('crash', 'an exception of a kind nobody knows'))
    await settle()
    await tree.pass(1e6)
    expect([tree.states(), port.runs.length]).toEqual([['failed'], 1])
  })

  it('A3. W1. a restart is another run, never the old one again', async () => {
    const { tree, port } = await one({}, { intensity: { restarts: 3, withinMs: 60_000 } })
    for (let i = 0; i < 3; i++) {
      port.run.exit(crash)
      await settle()
      await tree.pass(30_000)
    }
    expect(new Set(port.runs).size).toBe(4)
    expect(port.runs.map(({ incarnation }) => incarnation)).toEqual([1, 2, 3, 4])
    expect(port.doubled).toBe(false)
  })

  it('A5. a limit of 0 ends at the first', async () => {
    const { tree, port } = await one({ trust: 'trusted' }, { intensity: { restarts: 0, withinMs: 1_000 } })
    port.run.exit(crash)
    expect(await tree.tree.settled).toMatchObject({ outcome: 'escalated' })
    expect(port.runs).toHaveLength(1)
  })

  it('A6. the limit counts anew when its time has passed', async () => {
    const { tree, port } = await one({}, { intensity: { restarts: 1, withinMs: 1_000 } })
    for (let i = 0; i < 5; i++) {
      port.run.exit(crash)
      await settle()
      await tree.pass(15_000)
    }
    expect(tree.view('a')).toMatchObject({ state: 'running', restartsLeft: 1 })
  })

  it('A7. L10. our own fault is told as ours, and charged to nobody', async () => {
    const { tree, port } = await one()
    port.run.exit(report('host', 'an import of ours threw'))
    await settle()
    expect(tree.view('a').restartsLeft).toBe(3)
    expect(tree.events).toContainEqual(
      expect.objectContaining({ type: 'child.exited', class: 'host', reason: 'an import of ours threw' }),
    )
    await tree.pass(200)
    expect(tree.view('a').state).toBe('running')
  })

  it('A8. children are stopped when their supervisor is restarted', async () => {
    const [child, trusted] = [new SimulatedPort(), new SimulatedPort()]
    const children = [plan('child', child), plan('trusted', trusted, { trust: 'trusted' })]
    const tree = new SimulatedTree([supervisor('inner', children, { intensity: { restarts: 0, withinMs: 1_000 } })])
    await tree.start()
    trusted.run.exit(crash)
    await settle()
    expect([child.run.stops, child.run.live]).toEqual([1, false])
    await tree.pass(200)
    expect([child.run.live, trusted.run.live]).toEqual([true, true])
  })

  it('A9. a group comes back although members end by themselves meanwhile', async () => {
    const ports = [new SimulatedPort(), new SimulatedPort(), new SimulatedPort()] as const
    const children = ports.map((port, index) => plan(`c${index}`, port))
    const tree = new SimulatedTree(children, { strategy: 'one_for_all' })
    await tree.start()
    for (const port of ports) port.run.exit(crash)
    await settle()
    await tree.pass(1_000)
    expect(tree.states()).toEqual(['running', 'running', 'running'])
  })

  it('A10. what fails in its first start counts like what fails in a later one', async () => {
    const port = new SimulatedPort({ ready: 'fails' })
    const tree = new SimulatedTree([plan('a', port)])
    await tree.start()
    await tree.pass(10_000)
    expect([tree.view('a').state, port.runs.length]).toEqual(['quarantined', 4])
  })

  it('A11. the delay doubles, and its cap holds after the jitter', async () => {
    const { tree, port } = await one({}, { intensity: { restarts: 100, withinMs: 1_000 } })
    const delays: number[] = []
    for (let i = 0; i < 12; i++) {
      tree.random = i % 2 === 0 ? 0 : 1 - Number.EPSILON
      port.run.exit(crash)
      await settle()
      delays.push(tree.events.findLast(({ type }) => type === 'child.restarting')?.delayMs ?? -1)
      await tree.pass(30_000 < (delays.at(-1) ?? 0) ? 0 : (delays.at(-1) ?? 0))
    }
    expect(delays.slice(0, 4)).toEqual([100, 400, 400, 1_600])
    expect(Math.max(...delays)).toBe(30_000)
  })

  it('A12. the delays of supervisors inside one another start over each on its own', async () => {
    const [inner, outer] = [new SimulatedPort(), new SimulatedPort()]
    const intensity = { restarts: 50, withinMs: 60_000 }
    const tree = new SimulatedTree([supervisor('inner', [plan('a', inner)], { intensity }), plan('b', outer)], {
      intensity,
    })
    await tree.start()
    const delayOf = async (port: SimulatedPort): Promise<number> => {
      port.run.exit(crash)
      await settle()
      const delayMs = tree.events.findLast(({ type }) => type === 'child.restarting')?.delayMs ?? -1
      await tree.pass(delayMs)
      return delayMs
    }
    expect([await delayOf(inner), await delayOf(inner), await delayOf(outer)]).toEqual([200, 400, 200])
    await tree.pass(10_000)
    expect([await delayOf(inner), await delayOf(outer), await delayOf(outer)]).toEqual([200, 200, 400])
  })

  it.each(['normal', 'crash'] as const)(
    'A16. the number of restarts is bounded, after %s exits too',
    async (faultClass) => {
      const { tree, port } = await one({ trust: 'trusted' }, { intensity: { restarts: 2, withinMs: 60_000 } })
      for (let i = 0; i < 3; i++) {
        port.run.exit(report(faultClass))
        await settle()
        await tree.pass(1_000)
      }
      expect([tree.tree.state, port.runs.length]).toEqual(['stopped', 3])
    },
  )

  it('A17. only the end of a significant child ends its supervisor', async () => {
    const [plain, last] = [new SimulatedPort(), new SimulatedPort()]
    const children = [
      plan('plain', plain, { restart: 'transient' }),
      plan('last', last, { restart: 'transient', significant: true }),
    ]
    const tree = new SimulatedTree(children, { autoShutdown: 'any_significant' })
    await tree.start()
    plain.run.exit(report('normal'))
    await settle()
    expect(tree.tree.state).toBe('running')
    last.run.exit(report('normal'))
    await settle()
    expect(tree.tree.state).toBe('stopped')
  })
})

describe('lunatic', () => {
  it('L1. L2. L4. what fails takes along its group and nobody else; what ends in order takes along nobody', async () => {
    const ports = [new SimulatedPort(), new SimulatedPort(), new SimulatedPort()] as const
    const linked = [plan('a', ports[0], { restart: 'transient' }), plan('b', ports[1])]
    const tree = new SimulatedTree([supervisor('linked', linked, { strategy: 'one_for_all' }), plan('c', ports[2])])
    await tree.start()
    ports[0].run.exit(report('normal'))
    await settle()
    expect([ports[1].run.stops, ports[2].run.stops]).toEqual([0, 0])
    ports[1].run.exit(crash)
    await settle()
    await tree.pass(200)
    expect(ports.map(({ runs }) => runs.length)).toEqual([2, 2, 1])
  })

  it('L5. what could not be started is a failure like any other', async () => {
    const port = new SimulatedPort()
    port.failStart = new Error('no such process')
    const tree = new SimulatedTree([plan('a', port)])
    await tree.start()
    expect(tree.view('a')).toMatchObject({ state: 'backoff', lastExit: { class: 'host' } })
  })

  it('L7. who goes over a limit fails, and the host lives', async () => {
    const { tree, port } = await one()
    port.run.exit(report('resource', 'memory ran over 64 MiB'))
    await settle()
    expect([tree.view('a').state, tree.view('a').restartsLeft, tree.tree.state]).toEqual(['backoff', 2, 'running'])
  })
})

describe('wasmCloud', () => {
  it('W3. that the restarts are used up is seen in the state, not only told', async () => {
    const { tree, port } = await one()
    for (let i = 0; i < 4; i++) {
      port.run.exit(crash)
      await settle()
      await tree.pass(1_000)
    }
    expect(tree.view('a')).toMatchObject({
      state: 'quarantined',
      restartsLeft: 0,
      reason: '3 restarts within 60 s did not help; last: trap: unreachable',
      health: { status: 'failed' },
    })
  })

  it('W3. so is what a child waits for', async () => {
    const admission = new SimulatedAdmission('approval-required')
    const tree = new SimulatedTree([plan('a', new SimulatedPort(), { admission })])
    await tree.start()
    expect(tree.view('a')).toMatchObject({ state: 'waiting', reason: 'approval-required', next: { what: 'admission' } })
    expect(await tree.tree.terminateChild('root', id('a'))).toEqual({ kind: 'terminated' })
  })
})
