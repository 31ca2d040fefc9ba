import { describe, expect, it } from 'vitest'
import { hostRequestsMax, hostStopMs, streamBytesMax } from '../limits.js'
import { TestExchange, textOf } from './exchange.test.support.js'
import { HostRequests } from './host-requests.js'
import { HostSender } from './host-sender.js'
import { HostSubscriptions } from './host-subscriptions.js'
import { messageStream, newStreams } from './message-stream.js'

function hostOf(lab: TestExchange) {
  const { exchange, clock } = lab
  const sender = new HostSender(exchange, () => 0)
  const requests = new HostRequests({ exchange, sender, clock, cycleOf: () => undefined })
  const onHandlerFailed = (failure: (typeof lab.failures)[number]) => void lab.failures.push(failure)
  const subscriptions = new HostSubscriptions({ exchange, sender, clock, onHandlerFailed })
  return { sender, requests, subscriptions }
}

const bytes = (text: string) => new TextEncoder().encode(text)
/** Until the host has read what it was sent. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 120))

describe('an answer of the host', () => {
  it('goes to who asked, wherever its thread says that it should', async () => {
    const lab = new TestExchange()
    lab.add({ id: 'victim', request: ['host.*'] })
    lab.add({ id: 'mallory', request: ['host.*'], publish: ['host.*'] })
    const [victim, mallory] = [lab.start('victim'), lab.start('mallory')]
    const { subscriptions } = hostOf(lab)
    subscriptions.subscribe('host.*', ({ body }) => body)
    const inbox = victim.begin.inbox?.id ?? 0
    const awaited = `_inbox.${inbox}.of-the-victim`
    victim.awaits.add(awaited)
    for (const replyTo of [awaited, `x.${inbox}`, `x.${inbox}.y`, `_inbox.0${inbox}.x`, '_inbox.99.x', 'nonsense']) {
      expect(mallory.send('host.x', 'forged', { replyTo })).toEqual(['sent'])
    }
    const own = `_inbox.${mallory.begin.inbox?.id}.own`
    mallory.awaits.add(own)
    mallory.send('host.x', 'own', { replyTo: own })
    await settled()
    expect(victim.takeAll(victim.begin.inbox)).toEqual([])
    expect(mallory.takeAll(mallory.begin.inbox)).toEqual([`${own} own host`])
    victim.send('host.x', 'asked', { replyTo: awaited })
    await settled()
    expect(victim.takeAll(victim.begin.inbox)).toEqual([`${awaited} asked host`])
    expect([lab.letters(), lab.failures]).toEqual([[], []])
    await subscriptions.close()
  })
})

describe('a subscription of the host', () => {
  it('that has ended leaves no message without a fate', async () => {
    const lab = new TestExchange()
    lab.add({ id: 's', publish: ['to.*'] })
    const { subscriptions } = hostOf(lab)
    const seen: string[] = []
    subscriptions.subscribe('to.stays', ({ topic }) => void seen.push(topic))
    const end = subscriptions.subscribe('to.ends', ({ topic }) => void seen.push(topic))
    const s = lab.start('s')
    expect([s.send('to.ends', 'one'), s.send('to.stays', 'two')]).toEqual([['sent'], ['sent']])
    end()
    await settled()
    expect([seen, lab.letters()]).toEqual([['to.stays'], ['no-subscriber host to.ends one']])
    await subscriptions.close()
  })
})

describe('a request of the host', () => {
  it('whose body is none leaves nothing behind, and no dead letter gives way to it', async () => {
    const lab = new TestExchange()
    lab.add({ id: 'r', subscribe: ['orders.*'] })
    const r = lab.start('r')
    const { requests, sender } = hostOf(lab)
    await expect(requests.request('nobody.there', bytes('kept'))).rejects.toMatchObject({ code: 'no-subscriber' })
    const large = new Uint8Array(80 * 1024 * 1024)
    await expect(requests.request('nobody.there', large)).rejects.toMatchObject({ code: 'resource-limit-exceeded' })
    expect(lab.letters()).toEqual(['no-subscriber - nobody.there kept'])
    for (let count = 0; count < hostRequestsMax; count++) {
      await expect(requests.request('orders.new', large)).rejects.toMatchObject({ code: 'resource-limit-exceeded' })
    }
    const text = 'a text' as unknown as Uint8Array
    await expect(requests.request('orders.new', text)).rejects.toMatchObject({ code: 'usage' })
    expect(() => sender.send({ subject: 'orders.new', body: text }, sender.receiversOf('orders.new'))).toThrow('bytes')
    const answer = requests.request('orders.new', bytes('?'))
    const [question] = [r.take()]
    expect(r.sendTo(1, question?.replyTo ?? '', '!')).toBe('refused')
    expect(r.sendTo(Number(question?.replyTo?.split('.')[1]), question?.replyTo ?? '', '!')).toBe('sent')
    expect(textOf((await answer).body)).toBe('!')
    await requests.close()
  })
})

describe('a handler of the host', () => {
  it('that never ends keeps nobody from stopping', async () => {
    const lab = new TestExchange()
    const { sender, subscriptions } = hostOf(lab)
    let begun = 0
    subscriptions.subscribe('news.*', () => {
      begun++
      return new Promise(() => {})
    })
    sender.send({ subject: 'news.x', body: bytes('x') }, sender.receiversOf('news.x'))
    await settled()
    expect(begun).toBe(1)
    const closed = subscriptions.close()
    lab.clock.advance(hostStopMs)
    await closed
  })
})

describe('streams that nobody reads', () => {
  it('keep so many bytes together at most', async () => {
    const lab = new TestExchange()
    const { sender, subscriptions } = hostOf(lab)
    const streams = newStreams()
    const body = new Uint8Array(256 * 1024)
    const all = Array.from({ length: 40 }, () => messageStream(subscriptions, 'news.*', {}, streams))
    for (let count = 0; count < 10; count++) {
      expect(sender.send({ subject: 'news.x', body }, sender.receiversOf('news.x')).receivers).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(streams.bytes.waiting).toBe(streamBytesMax)
    const [first, ...others] = all
    for (let count = 0; count < 7; count++) expect((await first?.next())?.value).toMatchObject({ kind: 'message' })
    expect((await first?.next())?.value).toEqual({ kind: 'missed', count: 3 })
    for (const stream of [first, ...others]) await stream?.return?.()
    expect(streams.bytes.waiting).toBe(0)
    await subscriptions.close()
  })
})
