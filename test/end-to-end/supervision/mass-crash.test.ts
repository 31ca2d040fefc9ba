// Two hundred real components that all crash at one message, beside three that do not: what it costs those three, and what is
// left of it.

import { expect, it } from 'vitest'
import { bytes } from '../messages/message-tree.js'
import { type Supervised, startTree, treeFolder } from './supervised-tree.js'

const crashers = 200
const steady = ['one', 'two', 'three']
const messages = 300

const patienceMs = 180_000

async function until(holds: () => boolean, what: () => unknown): Promise<void> {
  for (const end = Date.now() + patienceMs; !holds(); ) {
    if (Date.now() > end) throw new Error(`it did not come true: ${JSON.stringify(what())}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

it('two hundred crash at once: who does not keeps its messages, their order and its only life, and nothing stays behind', async () => {
  const children: Record<string, Supervised> = {}
  for (const id of steady) children[id] = {}
  for (let n = 0; n < crashers; n++) {
    children[`crasher-${n}`] = {
      guest: 'messages-trapping',
      grants: ['messaging.subscribe = ["crash.all"]'],
      entry: 'restart = "temporary"',
    }
  }
  const printed = new Map<string, string>()
  const tree = await startTree(treeFolder(), children, { top: 'overcommit = 1000' })
  const { runtime, events } = tree
  runtime.on('output', ({ child, chunk }) => {
    printed.set(child, (printed.get(child) ?? '') + Buffer.from(chunk).toString('utf8'))
  })
  const states = () => {
    const counts: Record<string, number> = {}
    for (const { state } of runtime.children()) counts[state] = (counts[state] ?? 0) + 1
    return counts
  }
  await until(() => states()['running'] === crashers + steady.length, states)
  const full = process.memoryUsage.rss()

  // Some of their messages come before the crash, some in the middle of it, some behind it.
  const told = steady.map(async (child) => {
    for (let n = 0; n < messages; n++) {
      await runtime.publish(`${child}.do`, bytes(`print ${n}`))
      await new Promise(setImmediate)
      if (n === 100 && child === 'one') await runtime.publish('crash.all', bytes('now'))
    }
  })
  await Promise.all(told)
  for (let n = 1; n <= 20; n++) {
    const answers = await Promise.all(steady.map((child) => tree.tell(child, 'count')))
    expect(answers).toEqual(steady.map(() => String(n)))
  }
  await until(() => states()['failed'] === crashers, states)
  const numbers = Array.from({ length: messages }, (_, n) => n)
  for (const child of steady) {
    await until(
      () => (printed.get(child)?.match(/\d+/g)?.length ?? 0) >= messages,
      () => printed.get(child)?.slice(-100),
    )
    expect(printed.get(child)?.match(/\d+/g)?.map(Number)).toEqual(numbers)
    expect(tree.report(child)).toMatchObject({ state: 'running', incarnation: 1, restarts: 0 })
  }
  const exits = events
    .filter(({ type }) => type === 'child.exited')
    .map(({ child, class: fault }) => `${child} ${fault}`)
  expect(exits.sort()).toEqual(Array.from({ length: crashers }, (_, n) => `crasher-${n} crash`).sort())
  // Most of what was resident were theirs: their threads, their code and their memories.
  const resident = () => process.memoryUsage.rss()
  await until(
    () => resident() < full / 2,
    () => `${resident()} of ${full} bytes are resident`,
  )
}, 400_000)
