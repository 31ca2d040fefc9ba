import { cell, SharedCells } from '@bulkhead/lane'
import { compileLaneFilter, MessageEncoder, subscriptionsMax } from '@bulkhead/mailbox'
import { describe, expect, it } from 'vitest'
import { forwardersMax, lanesOfSenderMax, rulesEnforcedMs, rulesGraceMs, sweepMs } from '../limits.js'
import { TestExchange, textOf, topics } from './exchange.test.support.js'
import type { PostBox } from './post-box.js'

const quota = { rate: { amount: 1_000, perMs: 1_000 }, written: false }
const nothing = compileLaneFilter({ version: 1, publish: topics(), subscribe: topics() })
const big = 'x'.repeat(100 * 1024)

/** A sender `s` and a receiver `r` of `orders.*`, both running. */
function pair(more: { readonly delivery?: 'once' | 'redeliver' } = {}) {
  const lab = new TestExchange()
  lab.add({ id: 's', publish: ['orders.*'], request: ['orders.*'] })
  lab.add({ id: 'r', subscribe: ['orders.*'], ...more })
  return { lab, s: lab.start('s'), r: lab.start('r') }
}

describe('a lane on demand', () => {
  it('is made where the two share a topic, and its reader knows of it first', () => {
    const { lab, s, r } = pair()
    expect(s.send('orders.new', 'one')).toEqual(['sent'])
    expect(r.takeAll()).toEqual(['orders.new one s'])
    lab.add({ id: 'other', publish: ['bills.*'] })
    const other = lab.start('other')
    expect(other.sendTo(r.begin.mailbox?.id ?? 0, 'orders.new', 'forced')).toBe('refused')
    expect(other.sendTo(999, 'orders.new', 'nowhere')).toBe('refused')
  })

  it('is one: who asks again before it has heard gets no other', () => {
    const { s, r } = pair()
    const mailbox = r.begin.mailbox?.id ?? 0
    s.send('orders.new', 'one')
    s.tell({ kind: 'outlet-wanted', mailbox })
    expect(s.posted.filter(({ kind }) => kind === 'outlet')).toHaveLength(1)
  })

  it('carries large bodies when it has been given place for them', () => {
    const { s, r } = pair()
    expect(s.send('orders.new', big)).toEqual(['sent'])
    expect(r.takeAll()).toEqual([`orders.new ${big} s`])
  })

  it('is given back when it lay idle for a minute, with its memory', () => {
    const { lab, s, r } = pair()
    s.send('orders.new', 'one')
    r.takeAll()
    const box = lab.exchange.boxOf(r.begin.mailbox?.id ?? 0)
    expect(box?.mailbox.stats()).toMatchObject({ lanes: 1, memoryBytes: 65_536 })
    lab.clock.advance(59_000)
    expect(s.holds(box?.id ?? 0)).toBe(true)
    lab.clock.advance(3 * sweepMs)
    expect(s.holds(box?.id ?? 0)).toBe(false)
    expect(box?.mailbox.stats()).toMatchObject({ lanes: 0, memoryBytes: 0 })
    expect(s.send('orders.new', 'two')).toEqual(['sent'])
    expect(r.takeAll()).toEqual(['orders.new two s'])
  })

  it('is asked for once, while its sender sleeps', () => {
    const { lab, s, r } = pair()
    s.send('orders.new', 'one')
    r.takeAll()
    s.post = (message) => void s.posted.push(message)
    const before = s.posted.length
    lab.clock.advance(60_000 + 10 * sweepMs)
    expect(s.posted.slice(before).filter(({ kind }) => kind === 'outlet')).toHaveLength(1)
  })

  it('of the host is given back too', () => {
    const { lab, r } = pair()
    const box = lab.exchange.boxOf(r.begin.mailbox?.id ?? 0)
    const encoder = new MessageEncoder()
    const send = (subject: string) =>
      box?.send(encoder.encode({ subject, body: new Uint8Array(1), sentAtNs: lab.exchange.now() }), lab.exchange.now())
    expect(send('orders.a')).toBe('sent')
    r.takeAll()
    lab.clock.advance(60_000 + 2 * sweepMs)
    expect(box?.mailbox.stats()).toMatchObject({ lanes: 0, memoryBytes: 0 })
    expect(send('orders.b')).toBe('sent')
    expect(r.takeAll()).toHaveLength(1)
  })

  it('outlives its sender until it is read empty', () => {
    const { lab, s, r } = pair()
    s.send('orders.new', 'last words')
    lab.exchange.ended('s')
    expect(r.takeAll()).toEqual(['orders.new last words s'])
    lab.exchange.sweep()
    expect(lab.exchange.boxOf(r.begin.mailbox?.id ?? 0)?.mailbox.stats().lanes).toBe(0)
  })
})

describe('a sender that gives up lanes with messages in them', () => {
  it('gets no more places than its own, until they are read', () => {
    const { lab, s, r } = pair()
    const mailbox = r.begin.mailbox?.id ?? 0
    for (let lane = 0; lane < lanesOfSenderMax; lane++) {
      expect(s.send('orders.new', `${lane}`)).toEqual(['sent'])
      s.giveUp(mailbox)
    }
    expect(s.send('orders.new', 'greedy')).toEqual(['full'])
    lab.exchange.ended('s')
    expect(lab.start('s').send('orders.new', 'another life')).toEqual(['full'])
    lab.add({ id: 'other', publish: ['orders.*'] })
    expect(lab.start('other').send('orders.new', 'modest')).toEqual(['sent'])
    expect(r.takeAll()).toHaveLength(lanesOfSenderMax + 1)
    lab.exchange.sweep()
    expect(lab.start('s').send('orders.new', 'again')).toEqual(['sent'])
  })
})

describe('more senders than a mailbox has lanes', () => {
  it('reach it by mailboxes of the host, as themselves, and none is refused', async () => {
    const lab = new TestExchange()
    lab.add({ id: 'r', subscribe: ['orders.*'] })
    const r = lab.start('r')
    const senders = Array.from({ length: 130 }, (_, index) => {
      lab.add({ id: `s${index}`, publish: ['orders.*'] })
      return lab.start(`s${index}`)
    })
    for (const [index, sender] of senders.entries()) {
      expect(sender.send('orders.new', `${index}`), `s${index}`).toEqual(['sent'])
    }
    const box = lab.exchange.boxOf(r.begin.mailbox?.id ?? 0)
    const got: string[] = []
    while (got.length < 130) {
      got.push(...r.takeAll())
      lab.clock.advance(5)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(got.sort()).toEqual(senders.map((_, index) => `orders.new ${index} s${index}`).sort())
    expect(box && lab.exchange.forwardersOf(box).length).toBeGreaterThan(0)
    expect(await lab.exchange.close()).toBe(0)
  })

  it('are so many at most', () => {
    const lab = new TestExchange()
    lab.add({ id: 'r', subscribe: ['orders.*'] })
    const r = lab.start('r')
    const another = (index: number) => {
      lab.add({ id: `s${index}`, publish: ['orders.*'] })
      return lab.start(`s${index}`)
    }
    const box = lab.exchange.boxOf(r.begin.mailbox?.id ?? 0)
    for (let place = box; place !== undefined; ) {
      while (place.mailbox.openLane({ id: 'x', incarnation: 1 }, nothing, 0n) !== undefined);
      if (lab.exchange.forwardersOf(box as PostBox).length === forwardersMax) break
      expect(another(lab.exchange.forwardersOf(box as PostBox).length).send('orders.new', 'x')).toEqual(['sent'])
      place = lab.exchange.forwardersOf(box as PostBox).at(-1)
    }
    // There is somebody: whoever comes too late is told that there is no place, and not that nobody is there.
    expect(another(99).send('orders.new', 'x')).toEqual(['full'])
    void lab.exchange.close()
  })

  it('hand large bodies over where the direct lane had no place for them', async () => {
    const lab = new TestExchange()
    lab.add({ id: 'r', subscribe: ['orders.*'] })
    const r = lab.start('r')
    const senders = Array.from({ length: 5 }, (_, index) => {
      lab.add({ id: `s${index}`, publish: ['orders.*'] })
      return lab.start(`s${index}`)
    })
    for (const sender of senders) expect(sender.send('orders.new', big)).toEqual(['sent'])
    const got: string[] = []
    while (got.length < 5) {
      got.push(...r.takeAll())
      lab.clock.advance(5)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(got.map((one) => one.split(' ').at(-1)).sort()).toEqual(['s0', 's1', 's2', 's3', 's4'])
    await lab.exchange.close()
  })
})

describe('when an incarnation ends', () => {
  it('the message in processing is a dead letter with its body; the others stay', () => {
    const { lab, s, r } = pair()
    for (const text of ['one', 'two']) s.send('orders.new', text)
    expect(textOf(r.take()?.body ?? new Uint8Array())).toBe('one')
    lab.exchange.ended('r')
    expect(lab.letters()).toEqual(['lost-in-crash r orders.new one'])
    expect(lab.events).toMatchObject([{ type: 'message.dead-lettered', child: 'r' }])
    expect(s.send('orders.new', 'three')).toEqual(['sent'])
    expect(lab.start('r').takeAll()).toEqual(['orders.new two s', 'orders.new three s'])
  })

  it('with `redeliver` it comes once more, marked; then it is poison', () => {
    const { lab, s, r } = pair({ delivery: 'redeliver' })
    s.send('orders.new', 'one')
    r.take()
    lab.exchange.ended('r')
    const again = lab.start('r')
    expect(again.take()?.attempt).toBe(1)
    lab.exchange.ended('r')
    expect(lab.letters()).toEqual(['poison r orders.new one'])
    expect(lab.start('r').takeAll()).toEqual([])
  })

  it('of a pool it comes to another member', () => {
    const lab = new TestExchange()
    lab.add({ id: 's', publish: ['orders.*'] })
    lab.add({ id: 'r', memberIds: ['r-1', 'r-2'], subscribe: ['orders.*'], delivery: 'redeliver' })
    const [s, one, two] = [lab.start('s'), lab.start('r-1'), lab.start('r-2')]
    expect(s.receiversOf('orders.new')).toMatchObject([{ id: 'r', mailboxes: { length: 2 } }])
    s.send('orders.new', 'x')
    one.take()
    lab.exchange.ended('r-1')
    expect(s.receiversOf('orders.new')).toMatchObject([{ mailboxes: [two.begin.mailbox?.id] }])
    const delivery = two.take()
    expect(delivery).toMatchObject({ attempt: 1, sender: { id: 's', incarnation: 1 } })
    // It dies of it too, and that was its second time.
    lab.exchange.ended('r-2')
    expect(lab.letters()).toEqual(['poison r orders.new x'])
    expect(lab.start('r-1').takeAll()).toEqual([])
  })

  it('that was begun and never ran, nothing of it is left', () => {
    const lab = new TestExchange({
      supervisors: [{ name: 'root', rate: { amount: 1, perMs: 1_000 }, above: undefined }],
    })
    lab.add({ id: 'r', subscribe: ['orders.*'] })
    const first = lab.exchange.begin('r', 1)
    const second = lab.exchange.begin('r', 2)
    expect(second?.outboundRate).toEqual(first?.outboundRate)
    expect(second?.mailbox?.id).toBe(first?.mailbox?.id)
    expect(lab.exchange.boxOf(first?.inbox?.id ?? 0)).toBeUndefined()
    lab.exchange.ended('r')
    lab.exchange.ended('nobody')
  })

  it('what lies in its inbox, and what comes late, answers nobody', () => {
    const { lab, s, r } = pair()
    const inbox = s.begin.inbox?.id ?? 0
    const replyTo = `_inbox.${inbox}.token`
    s.awaits.add(replyTo)
    s.send('orders.new', 'a question', { replyTo })
    expect(r.sendTo(inbox, replyTo, 'early')).toBe('sent')
    lab.exchange.ended('s')
    expect(r.sendTo(inbox, replyTo, 'late')).toBe('sent')
    lab.exchange.sweep()
    expect(lab.letters()).toEqual([`stale-incarnation s ${replyTo} early`, `stale-incarnation s ${replyTo} late`])
    expect(r.sendTo(inbox, replyTo, 'too late')).toBe('refused')
    lab.exchange.sweep()
  })

  it('who holds a lane to its inbox lets it go: nobody will write there again', () => {
    const { lab, s, r } = pair()
    s.send('orders.new', 'a question')
    const inbox = s.begin.inbox?.id ?? 0
    r.sendTo(inbox, `_inbox.${inbox}.x`, 'an answer')
    expect(r.holds(inbox)).toBe(true)
    lab.exchange.ended('s')
    lab.exchange.sweep()
    expect(r.holds(inbox)).toBe(false)
  })

  it('nobody may write into an inbox who was not asked', () => {
    const { lab, s, r } = pair()
    lab.add({ id: 'stranger', publish: ['>'], subscribe: ['orders.*'] })
    const stranger = lab.start('stranger')
    const inbox = s.begin.inbox?.id ?? 0
    expect(r.sendTo(inbox, `_inbox.${inbox}.x`, 'unasked')).toBe('refused')
    s.awaits.add(`_inbox.${inbox}.x`)
    s.sendTo(r.begin.mailbox?.id ?? 0, 'orders.new', 'a question')
    expect(r.sendTo(inbox, `_inbox.${inbox}.x`, 'asked')).toBe('sent')
    expect(stranger.sendTo(inbox, `_inbox.${inbox}.x`, 'unasked')).toBe('refused')
    expect(s.takeAll(s.begin.inbox)).toEqual([`_inbox.${inbox}.x asked r`])
  })
})

describe('where nobody reads', () => {
  it('a mailbox keeps what it is sent, within its bounds', () => {
    const { lab, s, r } = pair()
    lab.exchange.ended('r')
    let sent = 0
    while (s.send('orders.new', 'x')[0] === 'sent') sent++
    expect(sent).toBeGreaterThan(100)
    expect(sent).toBeLessThanOrEqual(1_024)
    expect(lab.start('r').takeAll()).toHaveLength(sent)
    expect(r.killed).toEqual([])
  })

  it('what has a time is a dead letter when a reader comes too late', () => {
    const { lab, s } = pair()
    lab.exchange.ended('r')
    s.send('orders.new', 'urgent', { expiresAtNs: 1_000_000_000n })
    s.send('orders.new', 'patient')
    lab.clock.advance(2_000)
    expect(lab.start('r').takeAll()).toEqual(['orders.new patient s'])
    expect(lab.letters()).toEqual(['expired r orders.new urgent'])
  })

  it('who is gone for good gets nothing more, and what waited is a dead letter', () => {
    const { lab, s, r } = pair()
    const before = r.begin.mailbox?.id ?? 0
    s.send('orders.new', 'x')
    lab.exchange.ended('r')
    lab.exchange.bury('r')
    expect(lab.letters()).toEqual(['expired r orders.new x'])
    expect(s.send('orders.new', 'y')).toEqual([])
    expect(s.sendTo(before, 'orders.new', 'on its way')).toBe('sent')
    lab.exchange.sweep()
    expect(lab.letters()).toContain('expired r orders.new on its way')
    expect(s.sendTo(before, 'orders.new', 'z')).toBe('refused')
    // Should it start after all, it has another mailbox.
    const again = lab.start('r')
    expect(again.begin.mailbox?.id).not.toBe(before)
    expect(s.send('orders.new', 'anew')).toEqual(['sent'])
    expect(again.takeAll()).toEqual(['orders.new anew s'])
  })

  it('who still runs is not buried', () => {
    const { lab, s, r } = pair()
    lab.exchange.bury('r')
    s.send('orders.new', 'x')
    expect(r.takeAll()).toEqual(['orders.new x s'])
  })
})

describe('newer rules', () => {
  const rules = (id: string, changed: { readonly publish?: string[]; readonly subscribe?: string[] }) => ({
    id,
    quota,
    topics: {
      publish: topics(...(changed.publish ?? [])),
      request: topics(),
      subscribe: topics(...(changed.subscribe ?? [])),
    },
  })

  it('reach readers before senders, and what is sent past them is the sender’s fault', () => {
    const { lab, s, r } = pair()
    s.send('orders.new', 'before')
    const { settle } = lab.exchange.changeRules([rules('s', { publish: ['bills.*'] })])
    settle()
    lab.clock.advance(1_000 + rulesEnforcedMs)
    expect(r.posted.filter(({ kind }) => kind === 'inlet-rules')).toHaveLength(3)
    const mailbox = r.begin.mailbox?.id ?? 0
    s.sendTo(mailbox, 'orders.new', 'past its checks')
    expect(r.takeAll()).toEqual(['orders.new before s'])
    expect(s.killed).toMatchObject([{ kind: 'breach' }])
    expect(s.sendTo(mailbox, 'orders.new', 'again')).toBe('refused')
  })

  it('that change again and again find no sender guilty who has not had its turn since', () => {
    const { lab, s, r } = pair()
    const mailbox = r.begin.mailbox?.id ?? 0
    const change = (pattern: string) => lab.exchange.changeRules([rules('s', { publish: [pattern] })]).settle()
    s.send('orders.new', 'before')
    for (const pattern of ['orders.a', 'orders.b', 'orders.c']) {
      change(pattern)
      // The time after which the first of these is settled comes when a newer one is in force.
      lab.clock.advance(rulesGraceMs / 2)
    }
    s.sendTo(mailbox, 'orders.b', 'by the rules before')
    s.sendTo(mailbox, 'orders.new', 'by the rules before those')
    expect(r.takeAll()).toEqual(['orders.b by the rules before s'])
    lab.clock.advance(rulesGraceMs)
    s.sendTo(mailbox, 'orders.b', 'late')
    expect(r.takeAll()).toEqual([])
    expect(s.killed).toEqual([])
    expect(lab.letters().slice(1)).toEqual([
      'revoked r orders.new by the rules before those',
      'revoked r orders.b late',
    ])
    lab.clock.advance(rulesEnforcedMs)
    s.sendTo(mailbox, 'orders.c', 'allowed')
    s.sendTo(mailbox, 'orders.b', 'much too late')
    expect(r.takeAll()).toEqual(['orders.c allowed s'])
    expect(s.killed).toMatchObject([{ kind: 'breach' }])
  })

  it('take a topic from a receiver: nobody sends it there any more', () => {
    const { lab, s, r } = pair()
    expect(s.receiversOf('orders.new')).toHaveLength(1)
    lab.exchange.changeRules([rules('r', { subscribe: ['orders.old'] })]).settle()
    expect(s.receiversOf('orders.new')).toHaveLength(0)
    expect(s.send('orders.old', 'still')).toEqual(['sent'])
    expect(r.takeAll()).toEqual(['orders.old still s'])
  })

  it('that change twice while a message waits make a dead letter of it', () => {
    const { lab, s, r } = pair()
    s.send('orders.new', 'old')
    for (const pattern of ['orders.a', 'orders.b']) {
      lab.exchange.changeRules([rules('r', { subscribe: [pattern] })]).settle()
      lab.clock.advance(1_000)
    }
    expect(r.takeAll()).toEqual([])
    expect(lab.letters()).toEqual(['revoked r orders.new old'])
    expect(s.killed).toEqual([])
  })
})

describe('more subscriptions than a routing table has place for', () => {
  it('are told, and those that came first are kept', () => {
    const { lab, s } = pair()
    const subscribe = Array.from({ length: subscriptionsMax }, (_, index) => `many.t${index}`)
    lab.add({ id: 'greedy', subscribe })
    lab.add({ id: 'late', subscribe: ['orders.*'] })
    expect(lab.exchange.router.receiversOf('orders.new').map(({ id }) => id)).toEqual(['r'])
    expect(lab.events).toMatchObject([{ type: 'policy.rejected', reason: expect.stringContaining('2 of them') }])
    expect(s.killed).toEqual([])
  })
})

describe('what a worker does to its own lane', () => {
  it('and says only when the host has ended the lane harms nobody', () => {
    const { lab, s, r } = pair()
    const mailbox = r.begin.mailbox?.id ?? 0
    s.send('orders.new', 'x')
    r.takeAll()
    s.closeUntold(mailbox)
    lab.exchange.sweep()
    s.tell({ kind: 'arena-wanted', mailbox })
    s.tell({ kind: 'outlet-closed', mailbox })
    expect(s.send('orders.new', 'y')).toEqual(['sent'])
    r.takeAll()
    s.closeUntold(mailbox)
    lab.exchange.sweep()
    lab.exchange.ended('s')
    expect(lab.start('s').send('orders.new', 'z')).toEqual(['sent'])
  })

  it('while its receiver processes what is there, and ends, is its own fault', () => {
    const { lab, s, r } = pair()
    s.send('orders.new', 'x')
    r.take()
    const given = s.posted.find((message) => message.kind === 'outlet')
    if (given?.kind !== 'outlet' || typeof given.outlet !== 'object') throw new Error('there is no lane')
    new SharedCells(given.outlet.ring).putLength(0, 0x7000_0000)
    lab.exchange.ended('r')
    expect(s.killed).toMatchObject([{ kind: 'breach' }])
    expect(lab.start('r').takeAll()).toEqual([])
  })
})

describe('what a worker says of another', () => {
  it('ends nobody, unless the host sees it too', () => {
    const { lab, s, r } = pair()
    s.send('orders.new', 'honest')
    const mailbox = r.begin.mailbox?.id ?? 0
    const error = { family: 'error', code: 'internal', message: 'it lied', details: {} } as const
    const breach = { lane: 1, sender: { id: 's', incarnation: 1 }, error }
    r.tell({ kind: 'breach', mailbox, breach })
    s.send('orders.new', 'honest')
    s.tell({ kind: 'outlet-corrupt', mailbox, reason: 'torn' })
    r.tell({ kind: 'breach', mailbox: 999, breach })
    s.tell({ kind: 'outlet-corrupt', mailbox: 999, reason: 'torn' })
    expect([...s.killed, ...r.killed]).toEqual([])
    expect(lab.events.map(({ type, child }) => `${type} ${child}`)).toEqual([
      'security.violation s',
      'security.violation s',
    ])
  })

  it('ends a receiver who has torn a lane, as the host sees', () => {
    const { lab, s, r } = pair()
    s.send('orders.new', 'x')
    const given = s.posted.find((message) => message.kind === 'outlet')
    if (given?.kind !== 'outlet' || typeof given.outlet !== 'object') throw new Error('there is no lane')
    new SharedCells(given.outlet.ring).store(cell.head, 0x7000_0000)
    const reason = 'its head is beyond its tail'
    s.tell({ kind: 'outlet-corrupt', mailbox: given.mailbox, reason })
    expect(r.killed).toEqual([{ kind: 'breach', message: reason }])
    expect(s.killed).toEqual([])
    expect(lab.events).toEqual([])
  })

  it('is no dead letter of another mailbox, nor from somebody else than whose lane it came by', () => {
    const { lab, s, r } = pair()
    s.send('orders.new', 'x')
    const delivery = r.take()
    if (delivery === undefined) throw new Error('nothing came')
    const forged = { reason: 'expired', delivery: { ...delivery, sender: { id: 'king', incarnation: 1 } } } as const
    for (const mailbox of [999, s.begin.inbox?.id ?? 0]) r.tell({ kind: 'refused-message', mailbox, refused: forged })
    expect(lab.letters()).toEqual([])
    r.tell({ kind: 'refused-message', mailbox: r.begin.mailbox?.id ?? 0, refused: forged })
    expect(lab.exchange.letters.letters.list()).toMatchObject([{ receiver: 'r', message: { sender: { id: 's' } } }])
  })

  it('is a dead letter of its own mailbox, or of nobody, under its own name', () => {
    const { lab, s, r } = pair()
    const message = { subject: 'orders.me', body: new TextEncoder().encode('?'), sentAtNs: 0n }
    s.tell({ kind: 'unanswerable', message: { ...message, sender: { id: 'r', incarnation: 9 } } })
    expect(lab.exchange.letters.letters.list()).toMatchObject([
      { reason: 'no-subscriber', receiver: undefined, message: { sender: { id: 's', incarnation: 1 } } },
    ])
    s.tell({ kind: 'unanswerable', message: { ...message, subject: 'bills.forged' } })
    expect(lab.letters()).toHaveLength(1)
    const error = 'not to my taste'
    r.tell({ kind: 'handler-failed', subject: 'orders.new', from: { id: 's', incarnation: 1 }, error, unreported: 2 })
    expect(lab.failures).toEqual([{ child: 'r', topic: 'orders.new', from: 's', error, more: 2 }])
  })
})
