// What is under way when an incarnation ends: messages on their way to it and from it, and answers that it was to get.

import { expect, it } from 'vitest'
import { bytes, text, until } from '../messages/message-tree.js'
import { startTree, treeFolder } from './supervised-tree.js'

const patience = 90_000

it(
  'what waits in its mailbox is the next incarnation’s; what was in hand is nobody’s',
  async () => {
    const { runtime, saw, report } = await startTree(treeFolder(), { worker: {} })
    const inHand = runtime.request('worker.do', bytes('trap'), { timeoutMs: 2_000 })
    const waiting = ['count', 'count', 'count'].map((line) =>
      runtime.request('worker.do', bytes(line), { timeoutMs: 30_000 }),
    )
    // A request whose asker waits in vain is told so, and not done again.
    await expect(inHand).rejects.toMatchObject({ code: expect.stringMatching(/call-timeout|actor-not-running/) })
    const answers = await Promise.all(waiting)
    expect(answers.map(({ body }) => text(body))).toEqual(['1', '2', '3'])
    await saw('worker', 'child.restarted')
    expect(report('worker').incarnation).toBe(2)
    expect(runtime.deadLetters.list().map(({ reason, receiver }) => `${reason} ${receiver}`)).toEqual([
      'lost-in-crash worker',
    ])
  },
  patience,
)

const asking = {
  grants: ['messaging.subscribe = ["asker.do"]', 'messaging.request = ["slow.do"]'],
  entry: 'deadline = "60s"\nshutdown = "0ms"',
}

it(
  'an answer to a request of an earlier incarnation reaches nobody, and who gives it is at no fault',
  async () => {
    const tree = await startTree(treeFolder(), { asker: asking, slow: {} })
    const { runtime, saw, tell } = tree
    const failures: string[] = []
    runtime.on('handler-failed', ({ child }) => failures.push(child))
    // It asks, and is killed while it waits; the answer would come to an inbox that is nobody's any more.
    await runtime.publish('asker.do', bytes('request slow.do 60000 sleep 5000'))
    await until(() => runtime.messages().children.find(({ child }) => child === 'slow')?.depth === 1, 'the question')
    await runtime.terminateChild('root', 'asker')
    expect(await runtime.restartChild('root', 'asker')).toMatchObject({ kind: 'started' })
    await saw('asker', 'child.ready', 2)
    // It is refused where it is given, or lies in an inbox that nobody reads: late either way, and never delivered.
    const isStale = () => runtime.deadLetters.list().some(({ reason }) => reason === 'stale-incarnation')
    await until(() => failures.includes('slow') || isStale(), 'the fate of the answer')
    expect(['asker', 'slow'].map((child) => tree.report(child).score)).toEqual([0, 0])
    expect(tree.report('slow').restarts).toBe(0)
    expect(await tell('asker', 'request slow.do 20000 count')).toBe('= 1')
  },
  patience,
)

it(
  'an answer that the next incarnation tries to give for the one before is refused, and it is at no fault',
  async () => {
    const tree = await startTree(treeFolder(), { worker: {} })
    const { runtime, saw, tell } = tree
    // It keeps where the answer goes, and dies; who comes after it has nothing kept.
    const asked = runtime.request('worker.do', bytes('keep'), { timeoutMs: 2_000 })
    const lost = expect(asked).rejects.toMatchObject({ code: expect.stringMatching(/call-timeout|actor-not-running/) })
    expect(await tell('worker', 'count')).toBe('1')
    await runtime.publish('worker.do', bytes('trap'))
    await saw('worker', 'child.restarted')
    expect(await tell('worker', 'answer too late')).toBe('nothing kept')
    expect(await tell('worker', 'publish-as worker.do _inbox.1.guess x')).not.toBe('ok')
    await lost
    expect(tree.report('worker')).toMatchObject({ state: 'running', incarnation: 2 })
  },
  patience,
)
