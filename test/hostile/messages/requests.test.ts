// Questions and answers between real guests in real threads: who may answer, once, and until when.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { messageLab, operatorIn, until } from '../../support/message-lab.mjs'

let lab: Awaited<ReturnType<typeof messageLab>>
beforeAll(async () => {
  lab = await messageLab()
})
afterAll(() => lab.close())
afterEach(() => lab.clear())

const operator = (spec: Parameters<typeof operatorIn>[1] = {}) => operatorIn(lab, spec)
const echo = (spec: Parameters<typeof operatorIn>[1] = {}) => operatorIn(lab, { guest: 'messages-echo', ...spec })

describe('a request', () => {
  it('is answered by who receives it', async () => {
    const [alice, bob] = [await operator({ request: ['ask.*'] }), await echo({ subscribe: ['ask.*'] })]
    expect(await alice.tell('request ask.a 20000 how much')).toBe('= how much')
    expect(await alice.tell('request other.a 20000 how much')).toBe('access-denied')
    expect(await alice.tell('publish ask.a how much')).toBe('access-denied')
    expect(await alice.tell('request ask..a 20000 how much')).toBe('invalid-subject')
    expect(await alice.tell('request $sys.a 20000 how much')).toBe('access-denied')
    expect(alice.counters()).toMatchObject({ requested: 1 })
    expect(bob.counters()).toMatchObject({ handled: 1, published: 1 })
    await until(() => alice.records().length >= 4)
    expect(alice.records()).toMatchObject([
      { action: 'request', resource: 'ask.a', verdict: 'granted' },
      { action: 'request', resource: 'other.a', verdict: 'denied' },
      { action: 'publish', resource: 'ask.a', verdict: 'denied' },
      { action: 'request', resource: '$sys.a', verdict: 'denied' },
    ])
    // An answer needs no capability, and its topic is a secret.
    expect(bob.records()).toEqual([])
  })

  it('asks a command component as well, which has no mailbox', async () => {
    await echo({ subscribe: ['ask.*'] })
    const args = ['guest', 'request ask.a 20000 how much', 'publish ask.b more', 'request ask.b 20000 and more']
    const alice = await operator({
      ...{ guest: 'messages-commander', handles: false, args, publish: ['ask.*'], request: ['ask.*'] },
    })
    await until(() => alice.member.actor === undefined)
    expect(alice.member.stdout).toContain('= how much\n')
    expect(alice.member.stdout).toContain('ok\n= and more\n')
  })

  it('that nobody receives is refused, and its body goes to the host', async () => {
    const alice = await operator({ request: ['ask.*'] })
    expect(await alice.tell('request ask.a 20000 how much')).toBe('no-subscriber')
    const [event] = alice.events('unanswerable')
    expect(event).toMatchObject({ message: { subject: 'ask.a' } })
    expect(event?.kind === 'unanswerable' && Buffer.from(event.message.body).toString()).toBe('how much')
  })

  it('that nobody receives is told the host within bounds, however fast a guest asks', async () => {
    const alice = await operator({ guest: 'messages-driving', request: ['bench.*'], id: 'asking' })
    const body = Buffer.alloc(12)
    body.write('q')
    body.writeInt32LE(1, 4)
    // As a guest has it that repeats what was refused; the message says how many bytes.
    body.writeInt32LE(60_000, 8)
    lab.send(alice.id, { body })
    await until(() => (alice.counters()?.refusedOverloaded ?? 0) > 100)
    const told = alice.events('unanswerable').length
    expect(told).toBeGreaterThan(50)
    expect(told).toBeLessThan((4 * 1024 * 1024 * 60) / 60_000)
    await alice.member.actor?.kill()
  })

  it('of a guest that has no inbox is refused', async () => {
    await echo({ subscribe: ['ask.*'] })
    const alice = await operator({ request: ['ask.*'], asks: false })
    expect(await alice.tell('request ask.a 20000 how much')).toBe('no-subscriber')
  })

  it('that takes too long ends; nobody can answer it then, and the next one is answered', async () => {
    const alice = await operator({ request: ['ask.*'] })
    const bob = await operator({ subscribe: ['ask.*'] })
    // Long enough that the receiver has it in hand, on a busy machine too.
    expect(await alice.tell('request ask.a 2000 keep')).toBe('timeout')
    await until(() => alice.events('request-timed-out').length > 0)
    expect(alice.events('request-timed-out')).toMatchObject([{ subject: 'ask.a', mailbox: bob.member.box?.id }])
    expect(await bob.tell('answer late')).toBe('timeout')
    expect(await alice.tell('request ask.a 0 keep')).toBe('timeout')
    expect(await alice.tell('request ask.a 20000 publish nothing.here x')).toBe('= access-denied')
  })

  it('is answered once: what comes second from the same is refused, from another is a dead letter', async () => {
    const alice = await operator({ request: ['ask.*'] })
    const bob = await operator({ subscribe: ['ask.*'] })
    expect(await alice.tell('request ask.a 20000 reply-twice')).toBe('= first')
    await until(() => bob.member.stdout.includes('second'))
    expect(bob.member.stdout).toBe('second answer: access-denied\n')
    const more = [await echo({ subscribe: ['ask.*'] }), await echo({ subscribe: ['ask.*'] })]
    expect(await alice.tell('request ask.b 20000 print x')).toMatch(/^= (ok|print x)$/)
    await until(() => more.every((each) => each.counters()?.published === 1))
    await until(() => alice.events('refused-message').length === 2)
    expect(alice.events('refused-message')).toMatchObject([
      { mailbox: alice.member.inbox?.id, refused: { reason: 'stale-incarnation' } },
      { mailbox: alice.member.inbox?.id, refused: { reason: 'stale-incarnation' } },
    ])
  })

  it('is answered to its asker alone: nobody who was not asked reaches the inbox by a reply-to that was passed on', async () => {
    const alice = await operator({ request: ['ask.*'] })
    const bob = await operator({ subscribe: ['ask.*'], publish: ['>'] })
    const mallory = await operator({ publish: ['>'] })
    const asked = alice.tell('request ask.a 3000 keep')
    await until(() => bob.counters()?.handled === 1)
    const inbox = alice.member.inbox?.id
    expect(await mallory.tell(`publish _inbox.${inbox}.${'A'.repeat(22)} gold`)).toBe('access-denied')
    expect(await bob.tell('answer silver')).toBe('ok')
    expect(await asked).toBe('= silver')
  })

  it('over the rate is refused before anybody hears of it', async () => {
    await echo({ subscribe: ['ask.*'] })
    const alice = await operator({ request: ['ask.*'], publish: ['none.*'], messagesPerSecond: 4 })
    lab.send(alice.id, { text: 'flood none.a 100' })
    lab.send(alice.id, { text: 'print' })
    await until(() => alice.counters()?.handled === 2)
    const before = alice.counters()
    lab.send(alice.id, { text: 'flood none.a 100' })
    lab.send(alice.id, { text: 'request ask.a 20000 x' })
    await until(() => alice.counters()?.handled === 4)
    expect(alice.counters()?.requested).toBe(before?.requested)
    expect(alice.member.actor?.awaitedMailbox()).toBeUndefined()
  })

  it('shows the host whom it waits for', async () => {
    const alice = await operator({ request: ['ask.*'] })
    const bob = await operator({ subscribe: ['ask.*'], request: ['back.*'] })
    const asked = alice.tell('request ask.a 20000 keep')
    await until(() => bob.counters()?.handled === 1)
    expect(alice.member.actor?.awaitedMailbox()).toBe(bob.member.box?.id)
    expect(await bob.tell('answer x')).toBe('ok')
    expect(await asked).toBe('= x')
    expect(alice.member.actor?.awaitedMailbox()).toBeUndefined()
  })

  it('to oneself ends in its timeout', async () => {
    const alice = await operator({ request: ['ask.*'], subscribe: ['ask.*'] })
    expect(await alice.tell('request ask.a 50 print self')).toBe('timeout')
    await until(() => alice.events('refused-message').length === 1)
    expect(alice.events('refused-message')).toMatchObject([{ refused: { reason: 'expired' } }])
    expect(alice.member.stdout).toBe('')
  })
})

describe('while a guest waits for an answer', () => {
  it('a revocation ends the wait, and the host need not wait for it', async () => {
    const alice = await operator({ request: ['ask.*'] })
    await operator({ id: 'deaf', deaf: true, subscribe: ['ask.*'] })
    const asked = alice.tell('request ask.a 20000 x')
    await until(() => alice.member.actor?.awaitedMailbox() !== undefined)
    const { worker } = lab.contextOf({ ...alice.member.spec, request: ['other.*'], version: 2 })
    const { policyVersion, table, neighbours } = worker
    alice.member.actor?.replaceContext({ policyVersion, table, neighbours })
    expect(await alice.member.actor?.settleOn(2, 10_000)).toBe('left')
    expect(await asked).toBe('access-denied')
    await until(() => alice.records().some(({ verdict }) => verdict === 'denied'))
    expect(alice.records().at(-1)).toMatchObject({ resource: 'ask.a', policyVersion: 2 })
  })

  it('rules that still allow it let it go on', async () => {
    const alice = await operator({ request: ['ask.*'] })
    const bob = await operator({ subscribe: ['ask.*'] })
    const asked = alice.tell('request ask.a 20000 keep')
    await until(() => bob.counters()?.handled === 1)
    const { worker } = lab.contextOf({ ...alice.member.spec, version: 2 })
    const { policyVersion, table, neighbours } = worker
    alice.member.actor?.replaceContext({ policyVersion, table, neighbours })
    expect(await alice.member.actor?.settleOn(2, 10_000)).toBe('left')
    expect(await bob.tell('answer still')).toBe('ok')
    expect(await asked).toBe('= still')
  })

  it('a stop ends it after a moment, in order; its message was not finished', async () => {
    const alice = await operator({ request: ['ask.*'] })
    await operator({ id: 'deaf', deaf: true, subscribe: ['ask.*'] })
    lab.send(alice.id, { text: 'request ask.a 20000 x' })
    const { actor, box } = alice.member
    await until(() => actor?.awaitedMailbox() !== undefined)
    actor?.stop()
    expect(await actor?.exited).toMatchObject({ class: 'shutdown', reason: 'stopped' })
    expect(box?.mailbox.recover('once', lab.now())).toMatchObject({ kind: 'dead-letter', reason: 'lost-in-crash' })
  })

  it('a stop lets the answer of that moment come, and the message be finished', async () => {
    const alice = await operator({ request: ['ask.*'] })
    const bob = await operator({ subscribe: ['ask.*'] })
    const asked = alice.tell('request ask.a 20000 sleep 200')
    const { actor, box } = alice.member
    await until(() => actor?.awaitedMailbox() !== undefined)
    actor?.stop()
    expect(await asked).toBe('= ok')
    expect(await actor?.exited).toMatchObject({ class: 'shutdown', reason: 'stopped' })
    expect(box?.mailbox.recover('once', lab.now())).toEqual({ kind: 'nothing' })
    expect(bob.counters()?.handled).toBe(1)
  })

  it('the deadline of its own message runs', async () => {
    const alice = await operator({ request: ['ask.*'], messageDeadlineMs: 200 })
    await operator({ id: 'deaf', deaf: true, subscribe: ['ask.*'] })
    lab.send(alice.id, { text: 'request ask.a 20000 x' })
    expect(await alice.member.actor?.exited).toMatchObject({
      ...{ class: 'resource', reason: 'deadline of 200 ms passed in one message' },
    })
  })
})
