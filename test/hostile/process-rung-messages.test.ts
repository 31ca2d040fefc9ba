// Messages of actors in processes of their own: to the guest, and to those it talks with, as in a thread.
import { detectWalls } from '@bulkhead/actor'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { messageLab, operatorIn, until } from '../support/message-lab.mjs'

const walls = await detectWalls()
const walled = walls.up.has('bubblewrap')
if (!walled) console.warn(`messages of processes are not tested here: ${walls.missing.get('bubblewrap')}`)

let lab: Awaited<ReturnType<typeof messageLab>>
beforeAll(async () => {
  lab = await messageLab({ place: 'process' })
})
afterAll(() => lab.close())
afterEach(() => lab.clear())

const operator = (spec: Parameters<typeof operatorIn>[1] = {}) => operatorIn(lab, spec)
const depth = (member: { box?: { mailbox: { stats: () => { messages: number } } } | undefined }) =>
  member.box?.mailbox.stats().messages

describe.runIf(walled)('a guest in a process', () => {
  it('publishes on topics that it may, is refused on others, and both are on record', async () => {
    const alice = await operator({ publish: ['orders.*'] })
    lab.listen('orders.>', 'bills.>')
    expect(await alice.tell('publish orders.new one')).toBe('ok')
    expect(await alice.tell('publish bills.new two')).toBe('access-denied')
    expect(await alice.tell('publish orders..x three')).toBe('invalid-subject')
    await until(() => lab.heard.length > 0)
    expect(lab.heard).toMatchObject([{ topic: 'orders.new', body: 'one', from: alice.id }])
    await until(() => alice.records().length >= 2)
    expect(alice.records()).toMatchObject([
      { kind: 'messaging', resource: 'orders.new', verdict: 'granted' },
      { kind: 'messaging', resource: 'bills.new', verdict: 'denied' },
    ])
    expect(alice.counters()).toMatchObject({ published: expect.any(Number), handled: expect.any(Number) })
  })

  it('is charged by its host: the rate, the room of receivers, the size', async () => {
    const alice = await operator({ publish: ['>'], messagesPerSecond: 20 })
    lab.listen('large')
    expect(await alice.tell('burst large 1 3 200000')).toBe('3')
    expect(await alice.tell('burst large 4 1 300000')).toBe('0')
    lab.send(alice.id, { text: 'burst nobody.there 5 60 1' })
    await until(() => (alice.counters()?.refusedRate ?? 0) > 0)
    expect(alice.counters()?.published).toBeLessThan(60)
  })

  it('asks another in a process, is answered once, and waits no longer than it says', async () => {
    const bob = await operator({ subscribe: ['ask.bob'] })
    const alice = await operator({ request: ['ask.*'] })
    lab.reroute()
    lab.listen('ask.nobody')
    expect(await alice.tell('request ask.nobody 100 hello')).toBe('timeout')
    expect(await alice.tell('request ask.someone-else 100 hello')).toBe('no-subscriber')
    expect(bob.member.spec.subscribe).toEqual(['ask.bob'])
    await until(() => alice.events('request-timed-out').length === 1)
  })

  it('handles one message after another, and the message leaves its lane after the handler', async () => {
    const alice = await operator()
    for (let count = 0; count < 20; count++) expect(await alice.tell('print')).toBe('ok')
    await until(() => depth(alice.member) === 0)
    expect(alice.counters()?.handled).toBe(20)
  })

  it('is handed no more than its rate; what waits is not in processing, and stays when it stops', async () => {
    const alice = await operator({ inboundPerSecond: 3 })
    for (let count = 0; count < 20; count++) lab.send(alice.id, { text: 'print' })
    await until(() => (alice.counters()?.handled ?? 0) >= 3)
    expect(alice.counters()?.handled).toBeLessThan(15)
    alice.member.actor?.stop()
    expect(await alice.member.exited).toMatchObject({ class: 'shutdown', reason: 'stopped' })
    const { mailbox } = alice.member.box ?? {}
    expect(mailbox?.stats().messages).toBeGreaterThan(5)
    expect(mailbox?.recover('once', lab.now())).toMatchObject({ kind: 'nothing' })
  })

  it('that is killed keeps its mailbox, and what was in hand is known', async () => {
    const alice = await operator()
    const { box } = alice.member
    lab.send(alice.id, { text: 'spin' })
    lab.send(alice.id, { text: 'print' })
    await until(() => alice.member.actor === undefined || depth(alice.member) === 2)
    const report = await alice.member.actor?.kill()
    expect(report).toBe('exited')
    expect(box?.mailbox.stats().messages).toBe(2)
  })
})

describe.runIf(walled)('what a process wants that no honest one does', () => {
  const entry = 'hostile-worker.test.support.js'
  /** Sends frames as a bridge would, from a worker that is nobody's. */
  const saying = (...frames: string[]) => `
    const fs = require('node:fs')
    const json = (text) => { const body = Buffer.from(text), head = Buffer.alloc(4); head.writeUInt32LE(body.length); return Buffer.concat([head, body]) }
    const prepare = (head, body) => {
      const text = Buffer.from(JSON.stringify(head)), size = Buffer.alloc(7)
      size.writeUInt32LE(3 + text.length + body.length); size[4] = 1; size.writeUInt16LE(text.length, 5)
      return Buffer.concat([size, text, body])
    }
    const wish = (kind, more) => json(JSON.stringify({ kind: 'remote', wish: { kind, ...more } }))
    const publish = (subject, how = 'publish') =>
      prepare({ kind: 'prepare', number: 1, how, subject, waitMs: 0 }, Buffer.from('from inside'))
    for (const frame of [${frames.join(', ')}]) fs.writeSync(3, frame)
    await new Promise((resolve) => setTimeout(resolve, 1_500))`

  async function outcomeOf(...frames: string[]) {
    lab.listen('orders.>', 'bills.>')
    const spec = { id: 'mallory', guest: 'messages-operator', publish: ['orders.*'], subscribe: ['mallory'] }
    const member = await lab.start({ ...spec, entry, args: ['guest', saying(...frames)] })
    return await member.exited
  }

  it('is a security fault; what it may, goes through', async () => {
    expect(await outcomeOf(`publish('orders.new')`, `wish('commit', { number: 2 })`)).toMatchObject({ exitCode: 0 })
    await until(() => lab.heard.length > 0)
    expect(lab.heard).toMatchObject([{ topic: 'orders.new', body: 'from inside', from: 'mallory' }])
  })

  it.each([
    ['a topic that it may not', [`publish('bills.new')`]],
    ['a topic of the host', [`publish('$sys.shutdown')`]],
    ['no topic', [`publish('a..b')`]],
    ['to ask on a topic on which it may publish', [`publish('orders.new', 'request')`]],
    ['to answer what it was not asked', [`publish('_inbox.1.${'A'.repeat(22)}', 'reply')`]],
    ['to send what was not prepared', [`wish('commit', { number: 1 })`]],
    ['to send twice', [`publish('orders.new')`, `wish('commit', { number: 2 })`, `wish('commit', { number: 3 })`]],
    ['to have handled what it was not handed', [`wish('handled', { number: 1, failed: false })`]],
    ['to give back what it was not handed', [`wish('unbegun', { number: 7 })`]],
    ['to have failed at nothing', [`wish('handler-failed', { error: 'x', unreported: 0 })`]],
  ])('%s: a security fault', async (_name, frames) => {
    expect(await outcomeOf(...frames)).toMatchObject({ class: 'security', hostility: 'injection' })
    expect(lab.heard.filter(({ topic }) => topic !== 'orders.new')).toEqual([])
  })
})
