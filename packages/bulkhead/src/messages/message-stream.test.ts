import { describe, expect, it } from 'vitest'
import { TestExchange, textOf } from './exchange.test.support.js'
import { HostSender } from './host-sender.js'
import { HostSubscriptions } from './host-subscriptions.js'
import { messageStream } from './message-stream.js'

function subscribed(options: Parameters<typeof messageStream>[2] = {}) {
  const lab = new TestExchange()
  const sender = new HostSender(lab.exchange, () => 0)
  const subscriptions = new HostSubscriptions({
    exchange: lab.exchange,
    sender,
    clock: lab.clock,
    onHandlerFailed: (failure) => lab.failures.push(failure),
  })
  const stream = messageStream(subscriptions, 'news.*', options)
  const publish = (text: string) => {
    const message = { subject: 'news.x', body: new TextEncoder().encode(text) }
    return sender.send(message, sender.receiversOf('news.x')).receivers
  }
  return { lab, stream, subscriptions, publish }
}

/** Until the host has read what it was sent. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 120))

describe('a stream of messages', () => {
  it('yields them, says how many it left out, and goes on', async () => {
    const { stream, publish, subscriptions } = subscribed({ waitingMax: 2 })
    for (const text of ['one', 'two', 'three', 'four']) expect(publish(text)).toBe(1)
    await settled()
    const next = async () => {
      const { value } = await stream.next()
      return value?.kind === 'message' ? textOf(value.message.body) : value
    }
    expect([await next(), await next(), await next()]).toEqual(['one', 'two', { kind: 'missed', count: 2 }])
    const waiting = next()
    publish('five')
    expect(await waiting).toBe('five')
    await subscriptions.close()
  })

  it('ends when its reader leaves, and is subscribed no more', async () => {
    const { stream, publish, subscriptions } = subscribed()
    publish('one')
    for await (const item of stream) {
      expect(item.kind).toBe('message')
      break
    }
    expect(publish('two')).toBe(0)
    expect(await stream.next()).toMatchObject({ done: true })
    await subscriptions.close()
  })

  it('ends with its signal', async () => {
    const controller = new AbortController()
    const { stream, publish } = subscribed({ signal: controller.signal })
    const waiting = stream.next()
    controller.abort()
    expect(await waiting).toMatchObject({ done: true })
    expect(publish('late')).toBe(0)
    expect(await subscribed({ signal: AbortSignal.abort() }).stream.next()).toMatchObject({ done: true })
  })

  it('is read by the host, who ends a sender that writes past its own checks', async () => {
    const { lab, stream, subscriptions } = subscribed()
    lab.add({ id: 's', publish: ['news.*'] })
    const s = lab.start('s')
    expect(s.send('news.a', 'honest')).toEqual(['sent'])
    expect((await stream.next()).value).toMatchObject({ kind: 'message', message: { topic: 'news.a', from: 's' } })
    s.sendTo(s.receiversOf('news.a')[0]?.mailboxes[0] ?? 0, 'other.topic', 'forged')
    for (let tries = 0; tries < 50 && s.killed.length === 0; tries++) await settled()
    expect(s.killed).toMatchObject([{ kind: 'breach' }])
    await subscriptions.close()
    expect(() => subscriptions.subscribe('x', () => {})).toThrow('stopped')
  })

  it('has a bound', () => {
    for (const waitingMax of [0, 1.5, 10_001]) expect(() => subscribed({ waitingMax })).toThrow('number of messages')
    expect(() => subscribed({ waitingMax: 10_000 })).not.toThrow()
  })
})
