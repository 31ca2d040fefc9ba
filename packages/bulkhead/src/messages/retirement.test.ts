// Mailboxes that nobody reads any more, and senders who do not know it yet.
import { describe, expect, it } from 'vitest'
import { TestExchange } from './exchange.test.support.js'

const large = 'x'.repeat(100_000)

describe('what is sent to a mailbox after its end is a dead letter', () => {
  it('also when it is large, and the place for it is made then', () => {
    const lab = new TestExchange()
    lab.add({ id: 'asker', request: ['ask.*'] })
    lab.add({ id: 'answerer', subscribe: ['ask.*'] })
    const asker = lab.start('asker')
    const answerer = lab.start('answerer')
    const inbox = asker.begin.inbox?.id ?? 0
    asker.send('ask.a', 'a question', { replyTo: `_inbox.${inbox}.first` })
    answerer.takeAll()
    expect(answerer.sendTo(inbox, `_inbox.${inbox}.first`, 'small')).toBe('sent')
    lab.exchange.ended('asker')
    expect(answerer.sendTo(inbox, `_inbox.${inbox}.second`, large)).toBe('sent')
    expect(answerer.sendTo(inbox, `_inbox.${inbox}.third`, 'small')).toBe('sent')
    for (let sweeps = 0; sweeps < 3; sweeps++) lab.exchange.sweep()
    const letter = (token: string, body: string) => `stale-incarnation asker _inbox.${inbox}.${token} ${body}`
    expect(lab.letters()).toEqual([letter('first', 'small'), letter('second', large), letter('third', 'small')])
    expect(answerer.killed).toEqual([])
  })

  it('also when everything ends before the next sweep; what waits for somebody is counted', async () => {
    const lab = new TestExchange()
    lab.add({ id: 'asker', request: ['ask.*'] })
    lab.add({ id: 'answerer', subscribe: ['ask.*'] })
    const asker = lab.start('asker')
    const answerer = lab.start('answerer')
    const inbox = asker.begin.inbox?.id ?? 0
    asker.send('ask.a', 'a question', { replyTo: `_inbox.${inbox}.first` })
    expect(answerer.sendTo(inbox, `_inbox.${inbox}.first`, 'early')).toBe('sent')
    lab.exchange.ended('asker')
    expect(answerer.sendTo(inbox, `_inbox.${inbox}.first`, 'late')).toBe('sent')
    expect(await lab.exchange.close()).toBe(1)
    expect(lab.letters()).toHaveLength(2)
  })

  it('each of them, however many have expired in it', async () => {
    const lab = new TestExchange()
    const senders = Array.from({ length: 50 }, (_, index) => `sender-${index}`)
    for (const id of senders) lab.add({ id, request: ['ask.*'] })
    lab.add({ id: 'receiver', subscribe: ['ask.*'] })
    lab.start('receiver')
    const expiring = { replyTo: '_inbox.1.token', expiresAtNs: 1n }
    const actors = senders.map((id) => lab.start(id))
    const send = (count: number) =>
      actors.flatMap((actor) => Array.from({ length: count }, () => actor.send('ask.a', 'x', expiring))).flat()
    const first = send(1)
    // Shares are given out again, among those who are there now.
    lab.exchange.sweep()
    const sent = [...first, ...send(40)].filter((outcome) => outcome === 'sent').length
    expect(sent).toBeGreaterThan(800)
    lab.clock.advance(10)
    lab.exchange.remove('receiver')
    // Those who came late sent to mailboxes before it, which settle what they have in hand first.
    await new Promise((resolve) => setTimeout(resolve, 20))
    for (let sweeps = 0; sweeps < 3; sweeps++) lab.exchange.sweep()
    expect(lab.letters()).toHaveLength(sent)
  })
})
