// A guest shares its stack with us and may publish with any amount of it left. Wherever the stack ends, a message is sent
// whole or not at all, its lane stays as a lane has to be, and the next incarnation goes on with it.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { messageLab, until } from '../../support/message-lab.mjs'

/** Frames of about 150 bytes, each attempt some more or some fewer than the last. */
const attempts = 50

let lab: Awaited<ReturnType<typeof messageLab>>
beforeAll(async () => {
  lab = await messageLab()
})
afterAll(() => lab.close())

it('a message that is published at the end of the stack is sent whole or not at all', async () => {
  const spec = { id: 'deep', guest: 'messages-descending', publish: ['deep.end'], subscribe: [] }
  lab.listen('deep.end')
  let crashes = 0
  let published = 0
  let member = await lab.start(spec)

  /** Whether the guest has lived through it. */
  async function survives(depth: number): Promise<boolean> {
    const { actor, box } = member
    if (actor === undefined) throw new Error('the guest does not run')
    // New functions need more of the stack: they are not new any more.
    for (const each of [0, 0, 0, 0, 0, depth]) {
      const body = Buffer.alloc(64, 7)
      body.writeUInt32LE(each)
      expect(lab.send('deep', { body })).toBe('sent')
    }
    let gone = false
    void actor.exited.then(() => {
      gone = true
    })
    await until(() => gone || box?.mailbox.stats().messages === 0)
    const survived = !gone
    // A fresh instance for each: what it has compiled itself is always the same.
    if (survived) await actor.kill()
    else expect(await actor.exited).toMatchObject({ class: 'crash', reason: expect.stringContaining('stack') })
    published += actor.messageCounters().published
    if (!survived) crashes += 1
    expect(box?.mailbox.recover('once', lab.now()).kind).toBe(survived ? 'nothing' : 'dead-letter')
    member = await lab.start(spec)
    return survived
  }

  // Up to the edge in growing steps and back a little, again and again: where it lies changes, as the engine makes the
  // guest's frames smaller.
  let depth = 16_000
  let step = 1_000
  for (let attempt = 0; attempt < attempts; attempt++) {
    const survived = await survives(depth)
    depth += survived ? step : -60
    step = survived ? 2 * step : 15
  }
  await until(() => lab.heard.length >= published)
  // One that was committed in the last instant of a guest is not in its own count.
  expect(lab.heard.length - published).toBeLessThanOrEqual(crashes)
  expect(crashes).toBeGreaterThan(5)
  expect(lab.heard.every(({ topic, body }) => topic === 'deep.end' && body.length === 64)).toBe(true)
  expect(member.events.filter(({ kind }) => kind === 'outlet-corrupt')).toEqual([])
}, 55_000)
