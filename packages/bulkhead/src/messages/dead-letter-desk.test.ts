import { expect, it } from 'vitest'
import { deadLetterDesk } from './dead-letter-desk.js'
import { TestExchange, textOf } from './exchange.test.support.js'
import { HostSender } from './host-sender.js'

it('lists, sends again to who lost it, and keeps what could not be sent', () => {
  const lab = new TestExchange()
  lab.add({ id: 's', publish: ['orders.*'], request: ['orders.*'] })
  lab.add({ id: 'r', subscribe: ['orders.*'] })
  lab.add({ id: 'other', subscribe: ['orders.*'] })
  const [s, r, other] = [lab.start('s'), lab.start('r'), lab.start('other')]
  const sender = new HostSender(lab.exchange, () => 0)
  const desk = deadLetterDesk(lab.exchange.letters, sender)
  const inbox = s.begin.inbox?.id ?? 0
  const replyTo = `_inbox.${inbox}.x`
  s.send('orders.new', 'lost', { replyTo })
  r.take()
  lab.exchange.ended('r')
  expect(other.takeAll()).toEqual(['orders.new lost s'])
  r.sendTo(inbox, replyTo, 'late')
  lab.exchange.ended('s')
  expect(desk.list().map(({ reason, from, topic }) => `${reason} ${from} ${topic}`)).toEqual([
    'lost-in-crash s orders.new',
    `stale-incarnation r ${replyTo}`,
  ])
  expect(desk.list({ child: 's' })).toHaveLength(2)
  expect(desk.list({ child: 'other' })).toEqual([])
  expect(desk.list({ reason: 'lost-in-crash' })).toMatchObject([{ id: 1, receiver: 'r', incarnation: 1, replyTo }])

  // There is no room: it stays.
  const again = lab.start('r')
  const body = new Uint8Array(1)
  const toR = sender.receiversOf('orders.new').filter(({ id }) => id === 'r')
  while (sender.send({ subject: 'orders.new', body }, toR).receivers === 1);
  expect(desk.replay('all')).toEqual([
    { id: 1, outcome: 'overloaded' },
    { id: 2, outcome: 'answers-nobody' },
  ])
  again.takeAll()
  expect(desk.replay([1])).toEqual([{ id: 1, outcome: 'sent' }])
  const delivery = again.take()
  expect(delivery).toMatchObject({ sender: { id: 's', incarnation: 1 }, replyTo: undefined })
  expect(textOf(delivery?.body ?? body)).toBe('lost')
  expect(other.takeAll()).toEqual([])
  expect(desk.discard([1, 2, 2])).toBe(1)
  expect(desk.discard('all')).toBe(0)
})

it('tells of letters at once, and of many of a kind as a number', () => {
  const lab = new TestExchange()
  const sentAtNs = 0n
  for (const subject of ['a.a', 'a.b', 'a.c']) {
    lab.exchange.letters.add({ reason: 'no-subscriber', message: { subject, body: new Uint8Array(), sentAtNs } })
  }
  lab.exchange.letters.tellRest()
  lab.exchange.letters.tellRest()
  expect(lab.events.map(({ reason }) => reason)).toEqual([
    'no-subscriber: `a.a` from `host`',
    'no-subscriber: `a.a` from `host`, and 2 more',
  ])
})
