// What becomes of a message from the moment a guest is handed it, however the guest ends; real guests in real threads.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { messageLab, operatorIn, until } from '../../support/message-lab.mjs'

let lab: Awaited<ReturnType<typeof messageLab>>
beforeAll(async () => {
  lab = await messageLab()
})
afterAll(() => lab.close())
afterEach(() => lab.clear())

type Spec = Parameters<typeof operatorIn>[1]
const operator = (spec: Spec = {}) => operatorIn(lab, spec)
const guest = (name: string, spec: Spec = {}) => operatorIn(lab, { guest: `messages-${name}`, ...spec })

describe('an actor', () => {
  it('is ready when it waits, and handles one message after another in one instance', async () => {
    const alice = await operator()
    const { actor } = alice.member
    for (let round = 0; round < 50; round++) lab.send(alice.id, { text: `print ${round}` })
    await until(() => actor?.messageCounters().handled === 50)
    // What a guest prints is taken over by the host in its own time.
    const printed = Array.from({ length: 50 }, (_, round) => `${round}\n`).join('')
    await until(() => alice.member.stdout === printed)
    await until(() => actor?.entered() === 0)
  })

  it('stops in order while it waits', async () => {
    const { actor } = (await guest('sink')).member
    actor?.stop()
    expect(await actor?.exited).toMatchObject({ class: 'shutdown', reason: 'stopped' })
  })

  it('that is asked to stop finishes the message in hand, host calls and short waits too, and takes no other', async () => {
    const bob = await operator({ subscribe: ['ask.*'] })
    const alice = await operator({ request: ['ask.*'] })
    const { actor, box } = alice.member
    const asked = alice.tell('request ask.a 20000 sleep 200')
    await until(() => actor?.awaitedMailbox() !== undefined)
    lab.send(alice.id, { text: 'print not this one' })
    actor?.stop()
    expect(await asked).toBe('= ok')
    expect(await actor?.exited).toMatchObject({ class: 'shutdown', reason: 'stopped' })
    expect([alice.member.stdout, bob.counters()?.handled, box?.mailbox.stats().messages]).toEqual(['', 1, 1])
    expect(box?.mailbox.recover('once', lab.now())).toEqual({ kind: 'nothing' })
    await lab.start(alice.member.spec)
    await until(() => alice.member.stdout === 'not this one\n')
  })

  it('that is asked to stop does not sleep through it', async () => {
    const bob = await operator({ subscribe: ['ask.*'] })
    const alice = await operator({ request: ['ask.*'] })
    void alice.tell('request ask.a 20000 sleep 20000').catch(() => {})
    await until(() => alice.member.actor?.awaitedMailbox() !== undefined)
    await until(() => bob.member.box?.mailbox.stats().messages === 1)
    const { actor } = bob.member
    actor?.stop()
    expect(await actor?.exited).toMatchObject({ class: 'shutdown', reason: 'stopped' })
  })

  it('whose handler calls nobody is killed', async () => {
    const { actor, box } = (await guest('spinning', { id: 'spinning' })).member
    lab.send('spinning', { text: 'x' })
    await until(() => box?.mailbox.stats().messages === 1)
    actor?.stop()
    expect(await actor?.kill()).toBe('exited')
    expect(await actor?.exited).toMatchObject({ class: 'shutdown' })
  })

  it('is only what exports the handler', async () => {
    const { exited } = await guest('commander', { id: 'program' })
    expect(await exited).toMatchObject({ class: 'crash', error: { code: 'component-invalid' } })
    const program = await guest('echo', { id: 'echo', handles: false })
    expect(await program.exited).toMatchObject({ class: 'crash', error: { code: 'component-invalid' } })
  })

  it('does not print or publish before its first message', async () => {
    const alice = await guest('flooding', { publish: ['flood.all'] })
    expect(alice.counters()).toMatchObject({ published: 0, handled: 0 })
  })
})

describe('a handler that returns an error', () => {
  it('has handled its message; the host is told, and of many errors of some', async () => {
    const alice = await operator()
    lab.send(alice.id, { text: 'fail once' })
    await until(() => alice.events('handler-failed').length === 1)
    expect(alice.events('handler-failed')).toMatchObject([
      { subject: 'lab.command', from: { id: 'host' }, error: 'once', unreported: 0 },
    ])
    for (let round = 0; round < 30; round++) lab.send(alice.id, { text: `fail ${'long '.repeat(250)}` })
    await until(() => alice.counters()?.handled === 31)
    expect(alice.counters()).toMatchObject({ handled: 31, handlerErrors: 31 })
    const told = alice.events('handler-failed')
    expect(told.length).toBeLessThan(31)
    expect(told[1]).toMatchObject({ error: 'long '.repeat(200) })
    expect(await alice.tell('print')).toBe('ok')
    // The answer comes before the handler has returned.
    await until(() => alice.member.box?.mailbox.stats().messages === 0)
  })
})

describe('a message whose handler', () => {
  const endings = [
    ['traps', 'trap', { class: 'crash', error: { code: 'guest-trap' } }],
    ['exits', 'exit 1', { class: 'crash', exitCode: 1 }],
    ['exits well', 'exit 0', { class: 'normal', exitCode: 0 }],
  ] as const

  it.each(endings)('%s is lost, with its body, unless it is delivered again', async (_, text, report) => {
    const alice = await operator()
    const { actor, box } = alice.member
    lab.send(alice.id, { text })
    lab.send(alice.id, { text: 'print the next' })
    expect(await actor?.exited).toMatchObject(report)
    const recovered = box?.mailbox.recover('once', lab.now())
    expect(recovered).toMatchObject({ kind: 'dead-letter', reason: 'lost-in-crash', delivery: { attempt: 0 } })
    expect(recovered?.kind === 'dead-letter' && Buffer.from(recovered.delivery.body).toString()).toBe(text)
    await lab.start(alice.member.spec)
    await until(() => alice.member.stdout === 'the next\n')
  })

  it('traps again when it is delivered again is poison', async () => {
    const alice = await operator()
    const { box } = alice.member
    lab.send(alice.id, { text: 'trap' })
    lab.send(alice.id, { text: 'print the next' })
    await alice.member.actor?.exited
    expect(box?.mailbox.recover('redeliver', lab.now())).toMatchObject({ kind: 'redeliver' })
    await lab.start(alice.member.spec)
    await until(() => alice.member.actor === undefined)
    expect(box?.mailbox.recover('redeliver', lab.now())).toMatchObject({ kind: 'dead-letter', reason: 'poison' })
    await lab.start(alice.member.spec)
    await until(() => alice.member.stdout === 'the next\n')
  })

  it('is killed in is delivered again, and known to be', async () => {
    await operator({ id: 'deaf', deaf: true, subscribe: ['ask.*'] })
    const alice = await operator({ request: ['ask.*'], publish: ['seen.*'] })
    const { actor, box } = alice.member
    lab.send(alice.id, { text: 'request ask.a 20000 x' })
    await until(() => actor?.awaitedMailbox() !== undefined)
    await actor?.kill()
    expect(box?.mailbox.recover('redeliver', lab.now())).toMatchObject({ kind: 'redeliver', delivery: { attempt: 0 } })
    await lab.start(alice.member.spec)
    await until(() => alice.member.actor?.awaitedMailbox() !== undefined)
    await alice.member.actor?.kill()
    const again = box?.mailbox.recover('redeliver', lab.now())
    expect(again).toMatchObject({ kind: 'dead-letter', reason: 'poison', delivery: { attempt: 1 } })
  })

  it('takes too long ends its actor; one that is done in time does not', async () => {
    const slow = await guest('spinning', { messageDeadlineMs: 200 })
    const quick = await operator({ messageDeadlineMs: 5_000 })
    lab.send(slow.id, { text: 'x' })
    for (let round = 0; round < 20; round++) expect(await quick.tell('sleep 20')).toBe('ok')
    expect(await slow.exited).toMatchObject({
      class: 'resource',
      reason: 'deadline of 200 ms passed in one message',
    })
    expect(quick.member.actor).toBeDefined()
    expect(slow.member.box?.mailbox.recover('redeliver', lab.now())).toMatchObject({ kind: 'redeliver' })
  })
})

describe('the rate at which a guest is handed messages', () => {
  it('leaves the others in its mailbox, not in processing', async () => {
    const alice = await operator({ inboundPerHour: 1 })
    const { actor, box } = alice.member
    for (const text of ['print one', 'print two', 'print three']) lab.send(alice.id, { text })
    await until(() => actor?.messageCounters().handled === 1)
    expect(box?.mailbox.stats().messages).toBe(2)
    actor?.stop()
    expect(await actor?.exited).toMatchObject({ class: 'shutdown' })
    await until(() => alice.member.stdout === 'one\n')
    expect(box?.mailbox.recover('once', lab.now())).toEqual({ kind: 'nothing' })
  })

  it('is earned again', async () => {
    const alice = await operator({ inboundPerSecond: 20 })
    for (let round = 0; round < 30; round++) lab.send(alice.id, { text: 'print x' })
    await until(() => alice.counters()?.handled === 30)
  })
})
