import { afterEach, describe, expect, test } from 'vitest'
import { bytesOf, cleanUp, outcome, type Setup, TestGuest } from '../guest.test-support.js'
import type { IncomingMessage, MessagePowers, MessageRefusal, OutgoingMessage, Pause } from './message-powers.js'

// The order of what happens to a message and the words that its sender is told. The actor's part is written down by each
// test; real ones, with real receivers, are in test/hostile/messages.

afterEach(cleanUp)

/** An actor's part that says what it is asked, in order. */
class TestMessages implements MessagePowers {
  readonly steps: string[] = []
  readonly ended: string[] = []
  prepared: MessageRefusal | 'ready' = 'ready'
  charged = true
  committed: 'sent' | MessageRefusal = 'sent'
  reply: IncomingMessage | undefined
  state: 'open' | 'expired' | 'unknown' = 'unknown'
  /** Called with the pause that the message was handed. */
  during: { prepare?: (pause: Pause) => void; commit?: (pause: Pause) => void } = {}
  onPark: () => void = () => {}

  prepare(message: OutgoingMessage, pause: Pause): ReturnType<MessagePowers['prepare']> {
    this.steps.push(`${message.kind} ${message.subject}`)
    this.during.prepare?.(pause)
    if (this.prepared !== 'ready') return this.prepared
    return {
      charge: () => {
        this.steps.push('charge')
        return this.charged
      },
      commit: (again) => {
        this.steps.push('commit')
        this.during.commit?.(again)
        return this.committed
      },
    }
  }
  readonly replyState = (): 'open' | 'expired' | 'unknown' => this.state
  readonly takeReply = (): IncomingMessage | undefined => this.reply
  readonly endRequest = (how: string): void => void this.ended.push(how)
  readonly wakeCount = (): number => 0
  readonly park = (): void => this.onPark()
}

function guestWith(setup: Setup = { allow: ['publish orders.*', 'request ask.*'] }) {
  const messages = new TestMessages()
  const guest = new TestGuest({ ...setup, powers: { messages, ...setup.powers } })
  const recorded = () => guest.records.map(({ verdict, resource, layer }) => `${verdict} ${resource} ${layer}`)
  const publish = (subject: string, replyTo?: string) =>
    outcome(() => guest.call('wasmcloud:messaging/consumer', 'publish', { subject, body: bytesOf('x'), replyTo }))
  const request = (subject: string, timeoutMs = 100) =>
    outcome(() => guest.call('wasmcloud:messaging/consumer', 'request', subject, bytesOf('x'), timeoutMs))
  return { guest, messages, recorded, publish, request }
}

describe('what is published', () => {
  test('is decided, prepared, charged, put on record and committed, in this order', () => {
    const recordedAt: string[] = []
    const { messages, publish, recorded, guest } = guestWith({
      allow: ['publish orders.*'],
      powers: {
        betweenCheckAndAct: ({ resource }) => void recordedAt.push(`${resource} after ${messages.steps.at(-1)}`),
      },
    })
    expect(publish('orders.new')).toBe('ok')
    expect(messages.steps).toEqual(['publish orders.new', 'charge', 'commit'])
    expect(recordedAt).toEqual(['orders.new after charge'])
    expect(recorded()).toEqual(['granted orders.new manifest'])
    expect(guest.entered.at(-1)).toBe(0)
  })

  test.each([
    ['orders.new.more', 'access-denied', ['denied orders.new.more manifest']],
    ['$sys.x', 'access-denied', ['denied $sys.x error']],
    ['_inbox.7.AAAAAAAAAAAAAAAAAAAAAA', 'access-denied', ['denied _inbox.7.* error']],
    ['_inbox', 'access-denied', ['denied _inbox error']],
    ['', 'invalid-subject', []],
    ['orders.', 'invalid-subject', []],
    ['orders.*', 'invalid-subject', []],
    ['>', 'invalid-subject', []],
    ['orders new', 'invalid-subject', []],
  ])('on `%s` is told `%s`', (subject, word, records) => {
    const { messages, publish, recorded } = guestWith()
    expect(publish(subject)).toBe(word)
    expect(recorded()).toEqual(records)
    expect(messages.steps).toEqual([])
  })

  test('with a reply-to is told `invalid-reply-to`, before anything is decided', () => {
    const { messages, publish, recorded } = guestWith()
    for (const replyTo of ['orders.new', '', '_inbox.7.AAAAAAAAAAAAAAAAAAAAAA']) {
      expect(publish('orders.new', replyTo)).toBe('invalid-reply-to')
    }
    expect([messages.steps, recorded()]).toEqual([[], []])
  })

  test.each(['too-large', 'overloaded'] as const)('and cannot go is told `%s`, at no charge', (word) => {
    const { messages, publish, recorded } = guestWith()
    messages.prepared = word
    expect(publish('orders.new')).toBe(word)
    expect([messages.steps, recorded()]).toEqual([['publish orders.new'], []])
    messages.prepared = 'ready'
    messages.committed = 'overloaded'
    expect(publish('orders.new')).toBe('overloaded')
  })

  test('over the rate is told `quota-exceeded`, on record as that alone', () => {
    const { messages, publish, recorded } = guestWith()
    messages.charged = false
    expect(publish('orders.new')).toBe('quota-exceeded')
    expect(recorded()).toEqual(['denied orders.new quota'])
    expect(messages.steps).toEqual(['publish orders.new', 'charge'])
  })

  test('by a guest without messages is told `access-denied`, and why is on record', () => {
    const guest = new TestGuest({ allow: ['publish orders.*', 'request ask.*'] })
    const tell = (name: string, ...args: unknown[]) =>
      outcome(() => guest.call('wasmcloud:messaging/consumer', name, ...args))
    const message = (subject: string) => ({ subject, body: bytesOf('x'), replyTo: undefined })
    expect(tell('publish', message('orders.new'))).toBe('access-denied')
    expect(tell('publish', message('bills.new'))).toBe('access-denied')
    expect(tell('publish', message('a b'))).toBe('invalid-subject')
    expect(tell('request', 'ask.a', bytesOf('x'), 1)).toBe('access-denied')
    expect(guest.records.map(({ resource, reason }) => [resource, reason?.includes('no messages')])).toEqual([
      ['orders.new', true],
      ['bills.new', false],
      ['ask.a', true],
    ])
  })
})

describe('an answer', () => {
  const topic = '_inbox.7.AAAAAAAAAAAAAAAAAAAAAA'

  test('needs no capability and leaves no record, but is charged', () => {
    const { messages, publish, recorded } = guestWith({})
    messages.state = 'open'
    expect(publish(topic)).toBe('ok')
    expect(messages.steps).toEqual([`reply ${topic}`, 'charge', 'commit'])
    expect(recorded()).toEqual([])
    messages.charged = false
    expect(publish(topic)).toBe('quota-exceeded')
    expect(recorded()).toEqual(['denied _inbox.7.* quota'])
  })

  test('that comes too late is told `timeout`', () => {
    const { messages, publish } = guestWith({})
    messages.state = 'expired'
    expect(publish(topic)).toBe('timeout')
    expect(messages.steps).toEqual([])
  })

  test('may wait for the host, whatever the rules become meanwhile', () => {
    const { guest, messages, publish } = guestWith({})
    messages.state = 'open'
    messages.during.prepare = (pause) => {
      guest.publish({}, 2)
      pause(() => false, guest.nowNs + 10n)
    }
    expect(publish(topic)).toBe('ok')
  })
})

describe('a message that waits for the host', () => {
  test.each(['prepare', 'commit'] as const)(
    'in `%s` goes on where the newer rules allow it, and ends where not',
    (place) => {
      for (const [allow, word] of [
        [['publish orders.*'], 'ok'],
        [['publish bills.*'], 'access-denied'],
      ] as const) {
        const { guest, messages, publish, recorded } = guestWith()
        messages.during[place] = (pause) => {
          pause(() => false, guest.nowNs + 10n)
          messages.steps.push('waited')
        }
        guest.onPark = () => {
          guest.nowNs += 20n
          guest.publish({ allow }, 2)
        }
        expect(publish('orders.new')).toBe(word)
        expect(messages.steps.includes('waited')).toBe(word === 'ok')
        if (word !== 'ok') expect(recorded().at(-1)).toBe('denied orders.new manifest')
        // While it slept the host need not wait for it.
        expect(guest.entered).toContain(0)
        expect(guest.entered.slice(-2)).toEqual([2, 0])
      }
    },
  )

  test('is refused when newer rules are announced and do not come', () => {
    const { guest, messages, publish, recorded } = guestWith()
    messages.during.prepare = (pause) => pause(() => false, guest.nowNs + 10n)
    guest.onPark = () => {
      guest.nowNs += 20n
      guest.announce(3)
    }
    expect(publish('orders.new')).toBe('access-denied')
    expect(recorded()).toEqual(['denied orders.new error'])
  })
})

describe('a request', () => {
  const answer: IncomingMessage = { subject: '_inbox.1.x', body: bytesOf('42'), replyTo: undefined }

  test('is sent and waits for its answer', () => {
    const { guest, messages, recorded } = guestWith()
    messages.onPark = () => {
      guest.nowNs += 1_000n
      messages.reply = answer
    }
    expect(guest.call('wasmcloud:messaging/consumer', 'request', 'ask.a', bytesOf('x'), 100)).toEqual(answer)
    expect(messages.steps).toEqual(['request ask.a', 'charge', 'commit'])
    expect(messages.ended).toEqual(['answered'])
    expect(recorded()).toEqual(['granted ask.a manifest'])
  })

  test('is told `timeout` when its time is over, at once when it has none', () => {
    const { guest, messages, request } = guestWith()
    const from = guest.nowNs
    messages.onPark = () => {
      guest.nowNs += 60_000_000n
    }
    expect(request('ask.a', 100)).toBe('timeout')
    expect(guest.nowNs - from).toBe(120_000_000n)
    expect(request('ask.a', 0)).toBe('timeout')
    expect(guest.nowNs - from).toBe(120_000_000n)
    expect(messages.ended).toEqual(['timed-out', 'timed-out'])
  })

  test.each([
    ['other.a', 'access-denied', ['denied other.a manifest']],
    ['$sys.a', 'access-denied', ['denied $sys.a error']],
    ['ask..a', 'invalid-subject', []],
  ])('on `%s` is told `%s`', (subject, word, records) => {
    const { messages, recorded, request } = guestWith()
    expect(request(subject)).toBe(word)
    expect(recorded()).toEqual(records)
    expect(messages.steps).toEqual([])
  })

  test('that cannot be sent ends as given up', () => {
    const { messages, request } = guestWith()
    messages.prepared = 'no-subscriber'
    expect(request('ask.a')).toBe('no-subscriber')
    messages.prepared = 'ready'
    messages.charged = false
    expect(request('ask.a')).toBe('quota-exceeded')
    messages.charged = true
    messages.committed = 'overloaded'
    expect(request('ask.a')).toBe('overloaded')
    expect(messages.ended).toEqual(['given-up', 'given-up', 'given-up'])
  })

  test('that is not allowed any more ends its wait, also when the answer is there', () => {
    const { guest, messages, recorded, request } = guestWith()
    messages.onPark = () => {
      messages.reply = answer
      guest.publish({ allow: ['request other.*'] }, 2)
    }
    expect(request('ask.a', 60_000)).toBe('access-denied')
    expect(messages.ended).toEqual(['given-up'])
    expect(recorded()).toEqual(['granted ask.a manifest', 'denied ask.a manifest'])
  })

  test('ends as given up when the guest is ended in its wait', () => {
    const { messages, request } = guestWith()
    messages.onPark = () => {
      throw new RangeError('somebody ends it here')
    }
    expect(() => request('ask.a')).toThrow(/poisoned/)
    expect(messages.ended).toEqual(['given-up'])
    expect(() => request('ask.a')).toThrow(/poisoned/)
  })
})
