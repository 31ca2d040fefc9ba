import { describe, expect, it } from 'vitest'
import { bytes, startMessageTree, until } from './message-tree.js'

describe('a pool', () => {
  it('shares one subscription: each message goes to one member, and less of them to a busy one', async () => {
    const { runtime, lines, tell } = await startMessageTree({
      talker: { publish: ['work.*'] },
      worker: { subscribe: ['work.*'], entry: 'instances = 3\nquotas = { messages = "100000/s" }' },
    })
    expect(runtime.children().map(({ id, state }) => `${id} ${state}`)).toEqual([
      'talker running',
      'worker-1 running',
      'worker-2 running',
      'worker-3 running',
    ])
    await runtime.publish('work.nap', bytes('sleep 500'))
    expect(await tell('talker', 'burst work.do 1 300 32')).toBe('300')
    const done = (): string[] => ['worker-1', 'worker-2', 'worker-3'].flatMap((id) => [...lines(id)])
    await until(() => done().length === 300, 'all work')
    expect(new Set(done()).size).toBe(300)
    const handled = (): number[] =>
      runtime.messages().children.flatMap((row) => (row.child.startsWith('worker') ? [row.handled] : []))
    // Who naps may wake after all the work is done.
    await until(() => handled().reduce((sum, one) => sum + one, 0) === 301, 'the nap')
    expect(Math.min(...handled())).toBeGreaterThan(0)
  })

  it('loses one member and goes on; what that one had in hand, another does', async () => {
    const { runtime, lines, events } = await startMessageTree({
      worker: { subscribe: ['work.*'], entry: 'instances = 2\ndelivery = "redeliver"' },
    })
    // Each of both dies of it: it is poison then.
    await runtime.publish('work.x', bytes('trap'))
    await until(() => runtime.deadLetters.list().length === 1, 'a dead letter')
    expect(runtime.deadLetters.list()).toMatchObject([{ reason: 'poison', receiver: 'worker', topic: 'work.x' }])
    expect(
      events
        .filter(({ type }) => type === 'child.exited')
        .map(({ child }) => child)
        .sort(),
    ).toEqual(['worker-1', 'worker-2'])
    await runtime.publish('work.y', bytes('work 7'))
    await until(() => [...lines('worker-1'), ...lines('worker-2')].includes('done 7'), 'work')
  })

  it('needs components that handle messages', async () => {
    const start = startMessageTree({ a: { guest: 'hello', entry: 'instances = 2' } })
    await expect(start).rejects.toMatchObject({ code: 'component-invalid' })
    const alone = startMessageTree({ a: { guest: 'hello', entry: 'kind = "actor"' } })
    await expect(alone).rejects.toThrow('its kind is `actor`, and the component handles no messages')
  })
})

describe('a receiver that crashes', () => {
  it('loses what it had in hand to the dead letters, with its body, and nothing else', async () => {
    const { runtime, lines } = await startMessageTree({ worker: { subscribe: ['work.*'] } })
    await runtime.publish('work.a', bytes('sleep 100'))
    await runtime.publish('work.a', bytes('trap'))
    await runtime.publish('work.a', bytes('work 1'))
    await until(() => lines('worker').includes('done 1'), 'the next incarnation')
    const [letter] = runtime.deadLetters.list()
    expect(letter).toMatchObject({ reason: 'lost-in-crash', receiver: 'worker', topic: 'work.a', from: 'host' })
    expect(Buffer.from(letter?.body ?? []).toString()).toBe('trap')
    // The line is written before the message is done with.
    await until(() => runtime.messages().children[0]?.depth === 0, 'the end of the last message')
    expect(runtime.messages().children).toMatchObject([{ child: 'worker', deadLetters: 1 }])
  })

  it('with `redeliver` has one more try', async () => {
    const { runtime } = await startMessageTree({
      worker: { subscribe: ['work.*'], entry: 'delivery = "redeliver"' },
    })
    await runtime.publish('work.a', bytes('trap'))
    await until(() => runtime.deadLetters.list().length === 1, 'a dead letter')
    expect(runtime.deadLetters.list()).toMatchObject([{ reason: 'poison' }])
    expect(runtime.children()).toMatchObject([{ incarnation: expect.any(Number) }])
    expect(runtime.children()[0]?.incarnation).toBeGreaterThanOrEqual(2)
  })

  it('too often is quarantined, and its mailbox keeps what it can', async () => {
    const { runtime, order } = await startMessageTree(
      { worker: { subscribe: ['work.*'] } },
      'intensity = { restarts = 0 }',
    )
    await order('worker', 'trap')
    await until(() => runtime.children()[0]?.state === 'quarantined', 'quarantine')
    let sent = 0
    while ((await runtime.publish('work.a', bytes('x'))).overloaded === 0) sent++
    expect(sent).toBeGreaterThan(100)
    const asked = runtime.request('work.a', bytes('x'))
    await expect(asked).rejects.toMatchObject({ code: 'mailbox-overloaded' })
    expect(runtime.messages().children).toMatchObject([{ depth: sent }])
    expect(await runtime.stop()).toEqual({ messages: { deadLetters: 1, undelivered: sent } })
  })

  it('for good leaves nothing behind: what waited is told, and nobody is routed to it', async () => {
    const { runtime, order } = await startMessageTree({
      worker: { subscribe: ['work.*'], entry: 'restart = "temporary"' },
    })
    await order('worker', 'sleep 200')
    await order('worker', 'trap')
    await runtime.publish('work.a', bytes('never'))
    await until(() => runtime.deadLetters.list().length === 2, 'two dead letters')
    expect(runtime.deadLetters.list().map(({ reason, topic }) => `${reason} ${topic}`)).toEqual([
      'lost-in-crash worker.do',
      'expired work.a',
    ])
    expect(await runtime.publish('work.a', bytes('x'))).toEqual({ receivers: 0, overloaded: 0 })
    await expect(runtime.request('work.a', bytes('x'))).rejects.toMatchObject({ code: 'no-subscriber' })
  })

  it('that takes too long for one message is stopped, and the message is told', async () => {
    const { runtime, events, order } = await startMessageTree({
      worker: { entry: 'deadline = "200ms"' },
    })
    await order('worker', 'spin')
    await until(() => runtime.deadLetters.list().length === 1, 'a dead letter')
    expect(events.find(({ type }) => type === 'child.exited')).toMatchObject({ class: 'resource' })
    await until(() => runtime.children()[0]?.state === 'running', 'it runs again')
  })
})

describe('dead letters', () => {
  it('are sent again, or forgotten', async () => {
    const { runtime, lines, order } = await startMessageTree({
      talker: { publish: ['work.*'] },
      worker: { subscribe: ['work.*'], entry: 'delivery = "once"' },
    })
    await order('talker', 'publish work.a trap')
    await until(() => runtime.deadLetters.list().length === 1, 'a dead letter')
    const [letter] = runtime.deadLetters.list({ child: 'worker', reason: 'lost-in-crash' })
    expect(letter?.from).toBe('talker')
    const id = letter?.id ?? 0
    expect(runtime.deadLetters.replay([id, id, 999])).toEqual([
      { id, outcome: 'sent' },
      { id: 999, outcome: 'not-found' },
    ])
    // It kills again, under its sender's name.
    await until(() => runtime.deadLetters.list().length === 1, 'the same again')
    expect(runtime.deadLetters.list()[0]).toMatchObject({ from: 'talker', reason: 'lost-in-crash' })
    await expect(runtime.request('nobody.here', bytes('x'))).rejects.toMatchObject({ code: 'no-subscriber' })
    const [unanswered] = runtime.deadLetters.list({ reason: 'no-subscriber' })
    expect(runtime.deadLetters.replay([unanswered?.id ?? 0])).toMatchObject([{ outcome: 'no-subscriber' }])
    expect(runtime.deadLetters.discard('all')).toBe(2)
    expect(runtime.deadLetters.list()).toEqual([])
    await runtime.publish('work.b', bytes('work 5'))
    await until(() => lines('worker').includes('done 5'), 'it still works')
  })
})
