// What a guest may send, and in which words it is told that it may not; real guests in real threads.
import { cell, SharedCells } from '@bulkhead/lane'
import { formatTraceparent } from '@bulkhead/mailbox'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { messageLab, operatorIn, until } from '../../support/message-lab.mjs'

type Lab = Awaited<ReturnType<typeof messageLab>>
type Intercept = NonNullable<NonNullable<Parameters<typeof messageLab>[0]>['intercept']>

const emptyTrie = { next: new Map(), any: undefined, here: [], below: [] }
let intercept: Intercept = () => false
let lab: Lab
beforeAll(async () => {
  lab = await messageLab({ intercept: (member, event) => intercept(member, event) })
})
afterAll(() => lab.close())
afterEach(async () => {
  intercept = () => false
  await lab.clear()
})

const operator = (spec: Parameters<typeof operatorIn>[1] = {}) => operatorIn(lab, spec)

describe('a guest that publishes', () => {
  it('reaches who receives the topic, on topics that it may', async () => {
    const alice = await operator({ publish: ['orders.*'] })
    lab.listen('orders.>', 'bills.>')
    expect(await alice.tell('publish orders.new one')).toBe('ok')
    expect(await alice.tell('publish bills.new two')).toBe('access-denied')
    expect(await alice.tell('publish orders.deep.new three')).toBe('access-denied')
    await until(() => lab.heard.length > 0)
    expect(lab.heard).toMatchObject([{ topic: 'orders.new', body: 'one', from: alice.id, attempt: 0 }])
    await until(() => alice.records().length >= 3)
    expect(alice.records()).toMatchObject([
      { kind: 'messaging', action: 'publish', resource: 'orders.new', verdict: 'granted', layer: 'manifest' },
      { kind: 'messaging', action: 'publish', resource: 'bills.new', verdict: 'denied' },
      { kind: 'messaging', action: 'publish', resource: 'orders.deep.new', verdict: 'denied' },
    ])
  })

  it.each([
    ['an empty token', 'a..b', 'invalid-subject'],
    ['a wildcard', 'orders.*', 'invalid-subject'],
    ['too long a topic', 'a'.repeat(300), 'invalid-subject'],
    ['a topic of the host', '$sys.shutdown', 'access-denied'],
    ['an inbox of somebody', `_inbox.1.${'A'.repeat(22)}`, 'access-denied'],
  ])('%s is not sent', async (_, topic, error) => {
    const alice = await operator({ publish: ['>'] })
    lab.listen('>')
    expect(await alice.tell(`publish ${topic} x`)).toBe(error)
    expect(await alice.tell('publish a.b x')).toBe('ok')
    await until(() => lab.heard.length > 0)
    expect(lab.heard.map((each) => each.topic)).toEqual(['a.b'])
    await until(() => alice.records().length > 0)
    const denied = alice.records().filter((record) => record.verdict === 'denied')
    const resource = topic.startsWith('_inbox') ? '_inbox.1.*' : topic
    expect(denied.map((record) => record.resource)).toEqual(error === 'access-denied' ? [resource] : [])
  })

  it('with a reply-to of its own is refused, whatever that is', async () => {
    const alice = await operator({ publish: ['>'] })
    lab.listen('orders.*')
    for (const replyTo of ['orders.new', `_inbox.1.${'A'.repeat(22)}`, '$sys.x']) {
      expect(await alice.tell(`publish-as orders.new ${replyTo} x`)).toBe('invalid-reply-to')
    }
    expect(await alice.tell('publish orders.new x')).toBe('ok')
  })

  it('what nobody receives is sent to nobody, and well', async () => {
    const alice = await operator({ publish: ['>'] })
    expect(await alice.tell('publish nobody.there x')).toBe('ok')
    expect(alice.events('unanswerable')).toEqual([])
  })

  it('large bodies does it by an arena, too large ones not at all', async () => {
    const alice = await operator({ publish: ['>'] })
    lab.listen('large')
    expect(await alice.tell('burst large 1 3 200000')).toBe('3')
    expect(await alice.tell('burst large 4 1 300000')).toBe('0')
    expect(await alice.tell('burst nobody.there 5 1 2000000')).toBe('0')
    expect(alice.member.stdout).toContain('refused 4 too-large\n')
    expect(alice.member.stdout).toContain('refused 5 too-large\n')
    await until(() => lab.heard.length === 3)
    expect(lab.heard.map(({ body }) => [body.slice(0, 7), body.length])).toEqual([
      ['work 1 ', 200_000],
      ['work 2 ', 200_000],
      ['work 3 ', 200_000],
    ])
    expect(alice.events('arena-wanted')).toHaveLength(1)
  })

  it('more than its rate is refused, on record, and costs nobody anything', async () => {
    const alice = await operator({ publish: ['>'], messagesPerSecond: 8 })
    lab.listen('work.*')
    // It tells by its output: an answer would be over the rate too.
    lab.send(alice.id, { text: 'burst work.a 1 200 8' })
    await until(() => alice.counters()?.handled === 1)
    const lines = alice.member.stdout.split('\n')
    const sent = lines.filter((line) => line.startsWith('sent ')).length
    const refused = lines.filter((line) => /^refused \d+ quota-exceeded$/.test(line)).length
    expect([sent + refused, sent >= 8, refused > 0]).toEqual([200, true, true])
    await until(() => lab.heard.length === sent)
    expect(alice.counters()).toMatchObject({ published: sent, refusedRate: refused, refusedOverloaded: 0 })
    const overRate = () => alice.records().filter(({ layer, resource }) => layer === 'quota' && resource === 'work.a')
    await until(() => overRate().reduce((sum, { count }) => sum + count, 0) === refused)
    expect(overRate()[0]).toMatchObject({ verdict: 'denied', reason: expect.stringContaining('rate') })
  })

  it('to a receiver that is full is told so at once; the other receivers have it', async () => {
    await operator({ id: 'deaf', deaf: true, subscribe: ['work.*'] })
    const alice = await operator({ publish: ['>'] })
    lab.listen('work.*')
    lab.send(alice.id, { text: 'burst work.a 1 1200 8' })
    await until(() => alice.counters()?.handled === 1)
    const full = alice.counters()?.refusedOverloaded ?? 0
    expect(full).toBeGreaterThan(100)
    expect(alice.member.stdout).toContain('refused 1200 overloaded')
    // It was never full: the lab reads.
    await until(() => lab.heard.length === 1200)
  })
})

describe('the way to a receiver', () => {
  it('is asked for once; who does not answer makes the receiver overloaded, and nobody asks again', async () => {
    lab.listen('slow.*', 'quick.*')
    const alice = await operator({ publish: ['>'] })
    expect(await alice.tell('publish quick.a x')).toBe('ok')
    const bob = await operator({ id: 'bob', subscribe: ['held.*'] })
    const bobBox = bob.member.box?.id ?? 0
    intercept = (_, event) => event.kind === 'outlet-wanted' && event.mailbox === bobBox
    expect(await alice.tell('flood held.a 2')).toBe('sent 0 refused 2 overloaded')
    expect(
      alice.events('outlet-wanted').filter((event) => 'mailbox' in event && event.mailbox === bobBox),
    ).toHaveLength(1)
    const outlet = lab.openLane(alice.member, bob.member.box as NonNullable<typeof bob.member.box>)
    alice.member.actor?.post({ kind: 'outlet', mailbox: bobBox, outlet })
    expect(await alice.tell('publish held.a print came')).toBe('ok')
    await until(() => bob.member.stdout.includes('came'))
  })

  it('that the host refuses waits for the rules by which it does, and leads nowhere without them', async () => {
    const bob = await operator({ id: 'refused', subscribe: ['refused.*'] })
    const alice = await operator({ publish: ['>'], request: ['>'] })
    const bobBox = bob.member.box?.id ?? 0
    intercept = (member, event) => {
      if (event.kind !== 'outlet-wanted' || event.mailbox !== bobBox) return false
      member.actor?.post({ kind: 'outlet', mailbox: bobBox, outlet: undefined })
      return true
    }
    expect(await alice.tell('publish refused.a x')).toBe('overloaded')
    expect(await alice.tell('request refused.a 1000 x')).toBe('overloaded')
    expect(
      alice.events('outlet-wanted').filter((event) => 'mailbox' in event && event.mailbox === bobBox),
    ).toHaveLength(1)
    expect(alice.events('unanswerable')).toEqual([])
    intercept = () => false
    lab.reroute()
    expect(await alice.tell('publish refused.a print came')).toBe('ok')
    await until(() => bob.member.stdout.includes('came'))
  })

  it('that has ended is replaced by another', async () => {
    const alice = await operator({ publish: ['>'] })
    lab.listen('again.*')
    expect(await alice.tell('publish again.a 1')).toBe('ok')
    await until(() => lab.heard.length === 1)
    const held = alice.member.lanes.get(lab.hostBox.id)
    lab.hostBox.mailbox.condemn(held?.lane ?? 0)
    expect(await alice.tell('publish again.a 2')).toBe('ok')
    await until(() => lab.heard.length === 2)
    expect(alice.events('outlet-closed')).toMatchObject([{ mailbox: lab.hostBox.id }])
  })

  it('that lies idle is given back when the host asks for it, and asked for again', async () => {
    const alice = await operator({ publish: ['>'] })
    const bob = await operator({ id: 'idle', subscribe: ['idle.*'] })
    const bobBox = bob.member.box?.id ?? 0
    expect(await alice.tell('publish idle.a print one')).toBe('ok')
    const lane = alice.member.lanes.get(bobBox)?.lane ?? 0
    alice.member.actor?.post({ kind: 'outlet', mailbox: bobBox, outlet: undefined })
    await until(() => alice.events('outlet-closed').length === 1)
    await until(() => bob.member.stdout.includes('one'))
    await until(() => bob.member.box?.mailbox.sweep(lab.now()).ended.includes(lane) === true)
    bob.member.actor?.post({ kind: 'inlet-ended', mailbox: bobBox, lane })
    expect(await alice.tell('publish idle.a print two')).toBe('ok')
    await until(() => bob.member.stdout.includes('two'))
    expect(alice.member.lanes.get(bobBox)?.lane).not.toBe(lane)
  })

  it('without place for large bodies is given up for another', async () => {
    const alice = await operator({ publish: ['>'] })
    const bob = await operator({ subscribe: ['narrow.*'] })
    let refused = 0
    intercept = (member, event) => {
      if (event.kind !== 'arena-wanted' || refused++ > 0) return false
      member.actor?.post({ kind: 'outlet-arena', mailbox: event.mailbox, arena: undefined })
      return true
    }
    expect(await alice.tell('burst narrow.a 1 1 100000')).toBe('1')
    await until(() => bob.member.stdout.includes('done 1'))
    const wanted = alice.member.events.filter((event) => 'mailbox' in event && event.mailbox === bob.member.box?.id)
    const asked = ['outlet-wanted', 'arena-wanted', 'outlet-closed', 'outlet-wanted', 'arena-wanted']
    expect(wanted.map(({ kind }) => kind)).toEqual(asked)
  })

  it('that is still awaited when newer rules take the receiver away leads to nobody', async () => {
    const alice = await operator({ publish: ['>'] })
    const bob = await operator({ subscribe: ['taken.*'] })
    intercept = (member, event) => {
      if (event.kind !== 'arena-wanted') return false
      const routing = { version: 1_000_000, receivers: [], subscriptions: emptyTrie }
      member.actor?.post({ kind: 'routing', routing })
      return false
    }
    expect(await alice.tell('burst taken.a 1 1 100000')).toBe('1')
    expect(bob.member.box?.mailbox.stats().messages).toBe(0)
    expect(bob.member.stdout).toBe('')
  })

  it('for which there is never place costs a message, and no more', async () => {
    const alice = await operator({ publish: ['>'] })
    const bob = await operator({ subscribe: ['narrow.*'] })
    intercept = (member, event) => {
      if (event.kind !== 'arena-wanted') return false
      member.actor?.post({ kind: 'outlet-arena', mailbox: event.mailbox, arena: undefined })
      return true
    }
    expect(await alice.tell('burst narrow.a 1 1 100000')).toBe('0')
    expect(alice.member.stdout).toContain('refused 1 overloaded')
    expect(await alice.tell('publish narrow.a print small')).toBe('ok')
    await until(() => bob.member.stdout.includes('small'))
  })

  it('for which there is no place now makes its receiver overloaded, and is asked for by the next message', async () => {
    const alice = await operator({ publish: ['>'] })
    const bob = await operator({ subscribe: ['crowded.*'] })
    let refusals = 2
    intercept = (member, event) => {
      if (event.kind !== 'outlet-wanted' || event.mailbox !== bob.member.box?.id || refusals-- <= 0) return false
      member.actor?.post({ kind: 'outlet', mailbox: event.mailbox, outlet: 'full' })
      return true
    }
    expect(await alice.tell('publish crowded.a print one')).toBe('overloaded')
    expect(await alice.tell('publish crowded.a print two')).toBe('overloaded')
    expect(await alice.tell('publish crowded.a print three')).toBe('ok')
    await until(() => bob.member.stdout === 'three\n')
  })

  it('that its receiver has torn is told of, and costs the sender no more than that message', async () => {
    const alice = await operator({ publish: ['>'] })
    const deaf = await operator({ deaf: true, subscribe: ['torn.*'] })
    expect(await alice.tell('publish torn.a 1')).toBe('ok')
    const [inlet] = deaf.member.box?.mailbox.readerMemory().inlets ?? []
    expect(inlet?.sender.id).toBe(alice.id)
    if (inlet !== undefined) new SharedCells(inlet.ring).store(cell.head, 0x7fff_0000)
    expect(await alice.tell('publish torn.a 2')).toBe('overloaded')
    expect(alice.events('outlet-corrupt')).toMatchObject([{ mailbox: deaf.member.box?.id, reason: expect.any(String) }])
    expect(await alice.tell('publish torn.a 3')).toBe('ok')
  })
})

describe('a trace', () => {
  it('begins with what a guest publishes by itself and goes on through what it handles', async () => {
    const alice = await operator({ publish: ['>'] })
    lab.listen('traced.*')
    const trace = Uint8Array.from({ length: 25 }, (_, index) => index + 1)
    lab.send(alice.id, { text: 'publish traced.a x', trace })
    lab.send(alice.id, { text: 'publish traced.b x' })
    await until(() => lab.heard.length === 2)
    const [first, second] = lab.heard.map((each) => (each.trace === undefined ? '' : formatTraceparent(each.trace)))
    const handled = formatTraceparent(trace)
    expect(first?.slice(0, 35)).toBe(handled.slice(0, 35))
    expect(first?.slice(36, 52)).not.toBe(handled.slice(36, 52))
    expect(second).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(second?.slice(3, 35)).not.toBe(handled.slice(3, 35))
  })
})
