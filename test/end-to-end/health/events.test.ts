import { connect } from 'node:net'
import { join } from 'node:path'
import { connectAdmin, liveCommands } from '@bulkhead/admin'
import type { HealthItem, HealthQuestion, Runtime } from 'bulkhead'
import { cursorOf } from 'bulkhead'
import { expect, it, onTestFinished } from 'vitest'
import { startTree, treeFolder } from '../supervision/supervised-tree.js'

// Real events of a real runtime: thousands of callers with a wrong token, each of which is a `security.violation`, and among
// them children that are stopped and started again.

const callers = 2_400

async function churn(runtime: Runtime): Promise<void> {
  const path = join(runtime.stateDirectory ?? '', 'admin.sock')
  const lanes = Array.from({ length: 8 }, async () => {
    for (let at = 0; at < callers / 8; at++) await callWithWrongToken(path)
  })
  for (let round = 0; round < 3; round++) {
    expect(await runtime.terminateChild('root', 'a')).toMatchObject({ kind: 'terminated' })
    expect(await runtime.restartChild('root', 'a')).toMatchObject({ kind: 'started' })
  }
  await Promise.all(lanes)
}

/** Resolves when the process has let go of it: then it is on record. */
function callWithWrongToken(path: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(path, () => socket.end('{"hello":1,"token":"guessed"}\n'))
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    socket.resume()
  })
}

type Consumer = { readonly name: string; readonly seen: Promise<readonly number[]> }
/** How long a consumer takes for the item with this number. */
type Pace = (at: number) => Promise<void>

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const nap = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const paces: readonly Pace[] = [
  async () => {},
  () => turn(),
  async (at) => (at % 100 === 0 ? nap(50) : undefined),
  async (at) => (at === 10 ? nap(1_000) : undefined),
  () => nap(0),
]

/** Numbers of the events up to the one that says that it is enough. */
async function numbersOf(items: AsyncIterable<HealthItem>, pace: Pace, isEnough: (item: HealthItem) => boolean) {
  const seen: number[] = []
  for await (const item of items) {
    if (item.kind === 'missed') throw new Error(`missed ${item.from}–${item.to}: ${item.why}`)
    seen.push(item.event.seq)
    await pace(seen.length)
    if (isEnough(item)) break
  }
  return seen
}

const isLast = (item: HealthItem): boolean => item.kind === 'event' && item.event.type === 'child.removed'

/** Leaves after every few items, and comes back with the cursor of the last. */
async function interrupted(open: (question: HealthQuestion) => AsyncIterable<HealthItem>): Promise<readonly number[]> {
  const seen: number[] = []
  for (let question: HealthQuestion | undefined = {}; question !== undefined; ) {
    let next: HealthQuestion | undefined
    const part = await numbersOf(open(question), turn, (item) => {
      next = isLast(item) ? undefined : { after: item.cursor }
      return isLast(item) || item.cursor.endsWith('7')
    })
    seen.push(...part)
    // Where nothing came, the runtime is no more.
    question = part.length === 0 ? undefined : next
  }
  return seen
}

/** The same over the admin socket. */
async function overSocket(directory: string, pace: Pace): Promise<readonly number[]> {
  const client = await connectAdmin(directory, liveCommands)
  onTestFinished(() => client.close())
  async function* items(): AsyncGenerator<HealthItem> {
    for await (const item of client.stream('events', { follow: true })) if (item.kind !== 'began') yield item
  }
  return numbersOf(items(), pace, isLast)
}

it('gives each of many consumers, quick and slow, every event once and in order', async () => {
  const { runtime, events, saw } = await startTree(treeFolder(), { a: {}, b: {} })
  const directory = runtime.stateDirectory ?? ''
  const consumers: Consumer[] = [
    ...paces.map((pace, at) => ({ name: `own ${at}`, seen: numbersOf(runtime.events(), pace, isLast) })),
    ...paces.map((pace, at) => ({ name: `socket ${at}`, seen: overSocket(directory, pace) })),
    { name: 'interrupted', seen: interrupted((question) => runtime.events(question)) },
  ]
  const crowd = Array.from({ length: 100 }, () =>
    numbersOf(runtime.events({ types: ['child.exited'] }), turn, () => false),
  )
  // What fails is told below; until then it is nobody's.
  for (const { seen } of consumers) seen.catch(() => {})
  await churn(runtime)
  await runtime.terminateChild('root', 'a')
  await runtime.deleteChild('root', 'a')

  const { seq: count } = await saw('a', 'child.removed')
  expect(count).toBeGreaterThan(callers)
  const all = Array.from({ length: count }, (_, at) => at + 1)
  for (const { name, seen } of consumers) expect(await seen, name).toEqual(all)
  const last = events.at(-1)
  expect(last && cursorOf(last, runtime.id)).toBe(runtime.health().cursor)

  // Whoever still reads is at its end when the runtime is.
  await runtime.stop()
  const exits = events.filter(({ type }) => type === 'child.exited').map(({ seq }) => seq)
  expect(exits.length).toBeGreaterThan(3)
  for (const one of crowd) expect(await one).toEqual(exits)
})

it('is filtered where it is asked, and goes on for whoever comes back late', async () => {
  const { runtime, saw } = await startTree(treeFolder(), { a: {}, b: {} })
  await saw('b', 'child.ready')
  const of = async (question: HealthQuestion): Promise<readonly HealthItem[]> => {
    const items: HealthItem[] = []
    for await (const item of runtime.events({ ...question, follow: false })) items.push(item)
    return items
  }
  const ready = await of({ types: ['child.ready'] })
  expect(ready.map((item) => item.kind === 'event' && item.event.child)).toEqual(['a', 'b'])
  expect((await of({ child: 'b' })).every((item) => item.kind === 'event' && item.event.child === 'b')).toBe(true)
  expect(await of({ after: runtime.health().cursor })).toEqual([])
  for (const after of ['0123456789ab-7', `${runtime.id}-99999`, 'garbage', '\u0000', `${runtime.id}-0x1`]) {
    const [first, second] = await of({ after })
    expect(first, after).toMatchObject({ kind: 'missed', why: 'other-runtime', count: 0 })
    expect(second).toMatchObject({ kind: 'event', event: { seq: 1 } })
  }
})
