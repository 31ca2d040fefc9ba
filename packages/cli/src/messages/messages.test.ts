import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { letterReasons, type MessageCounts, type SubscriptionItem } from '@bulkhead/admin'
import { BulkheadError } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { runLive } from '../live.test.support.js'
import { main } from '../main.js'
import { recorder } from '../terminal.test.support.js'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('publish', () => {
  const sent = { 'messages.publish': { receivers: 2, overloaded: 0 } }

  it('says how many have it', async () => {
    const ran = await runLive(['publish', 'orders.new', '{"id":1}', '--state', 'kept'], sent)
    expect(ran).toMatchObject({ code: 0, out: 'orders.new: 2 receivers\n', opened: ['/kept', 'closed'] })
    expect(ran.asked).toEqual([
      { command: 'messages.publish', input: { topic: 'orders.new', body: base64('{"id":1}') } },
    ])
    const json = await runLive(['publish', 'orders.new', '--json'], sent)
    expect(json.out).toBe('{"topic":"orders.new","receivers":2,"overloaded":0}\n')
  })

  it('ends with 1 when somebody had no room, and with 0 when nobody is there', async () => {
    const full = await runLive(['publish', 'a'], { 'messages.publish': { receivers: 1, overloaded: 2 } })
    expect(full).toMatchObject({ code: 1, out: 'a: 1 receiver, 2 had no room\n' })
    const alone = await runLive(['publish', 'a'], { 'messages.publish': { receivers: 0, overloaded: 0 } })
    expect(alone).toMatchObject({ code: 0, out: 'nobody is subscribed to `a`\n' })
  })

  it('takes the body from stdin, a file, or nowhere', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cli-'))
    await writeFile(join(directory, 'body.bin'), Uint8Array.of(0, 255))
    const stdin = [Buffer.from('one '), Buffer.from('two')]
    const bodyOf = async (...argv: string[]): Promise<unknown> => {
      const { asked } = await runLive(['publish', 'a', ...argv], sent, { stdin, directory })
      return asked.map(({ input }) => (input as { readonly body: string }).body)[0]
    }
    expect(await bodyOf('-')).toBe(base64('one two'))
    expect(await bodyOf('--file', 'body.bin')).toBe('AP8=')
    expect(await bodyOf()).toBe('')
    expect(await bodyOf('--traceparent', 't', '--', '--json')).toBe(base64('--json'))
  })

  it('refuses two bodies, and one that is too large, before anybody is asked', async () => {
    const two = await runLive(['publish', 'a', 'b', '--file', 'c'], sent)
    expect(two).toMatchObject({ code: 2, asked: [], error: expect.stringContaining('there are two bodies') })
    const fitting = { stdin: [Buffer.alloc(262_144)] }
    expect(await runLive(['publish', 'a', '-'], sent, fitting)).toMatchObject({ code: 0 })
    const large = await runLive(['publish', 'a', '-'], sent, { stdin: [Buffer.alloc(262_144), Buffer.alloc(1)] })
    expect(large).toMatchObject({ code: 2, asked: [], error: expect.stringContaining('more than 262144 bytes') })
    const missing = await runLive(['publish', 'a', '--file', '/nowhere/body'], sent)
    expect(missing).toMatchObject({ code: 2, asked: [] })
  })

  it('ends with 4 where no process runs, at once', async () => {
    const { terminal, error } = recorder(await mkdtemp(join(tmpdir(), 'cli-')))
    expect(await main(['publish', 'a'], terminal)).toBe(4)
    expect(error()).toContain('no process answers for the state directory')
  })
})

describe('request', () => {
  const reply = (body: Uint8Array) => ({
    'messages.request': { topic: 'price', from: 'catalogue', body: Buffer.from(body).toString('base64') },
  })
  const binary = Uint8Array.of(0xff, 0x0a, 0x1b)

  it('prints the answer byte for byte where a program reads it, escaped on a terminal', async () => {
    const piped = await runLive(['request', 'price', 'chair', '--timeout', '2s'], reply(binary))
    expect(piped).toMatchObject({ code: 0, error: '' })
    expect([...piped.bytes]).toEqual([...binary])
    expect(piped.asked[0]?.input).toEqual({ topic: 'price', body: base64('chair'), timeoutMs: 2_000 })
    const shown = await runLive(['request', 'price'], reply(binary), { isTerminal: true })
    expect(shown.out).toBe('\\xff\\n\\x1b\n')
    const text = await runLive(['request', 'price'], reply(Buffer.from('a\nb\u001b[2J')), { isTerminal: true })
    expect(text.out).toBe('a\nb\\x1b[2J\n')
  })

  it('prints JSON', async () => {
    const text = await runLive(['request', 'price', '--json'], reply(Buffer.from('{"eur":1}')))
    expect(JSON.parse(text.out)).toEqual({ topic: 'price', from: 'catalogue', text: '{"eur":1}' })
    const bytes = await runLive(['request', 'price', '--json'], reply(binary))
    expect(JSON.parse(bytes.out)).toMatchObject({ base64: '/wob' })
  })

  it.each([
    ['call-timeout', 1],
    ['no-subscriber', 1],
    ['mailbox-overloaded', 1],
    ['topic-access-denied', 3],
    ['runtime-unreachable', 4],
    ['usage', 2],
  ] as const)('ends with its own code for %s', async (code, exit) => {
    const ran = await runLive(['request', 'price'], { 'messages.request': new BulkheadError(code, 'no') })
    expect(ran).toMatchObject({ code: exit, out: '', error: expect.stringContaining('no') })
  })

  it.each(['0s', 'soon', '2h', '-1s'])('does not wait for `%s`', async (text) => {
    const ran = await runLive(['request', 'price', `--timeout=${text}`], reply(binary))
    expect(ran).toMatchObject({ code: 2, asked: [], error: expect.stringContaining('not a duration up to 100 s') })
  })
})

describe('subscribe', () => {
  const message = (body: string | Uint8Array, from = 'intake'): SubscriptionItem => ({
    ...{ kind: 'message', topic: 'orders.new', from, incarnation: 1, sentAt: Date.UTC(2026, 0, 2, 3, 4, 5, 6) },
    body: Buffer.from(body).toString('base64'),
  })
  const items = [{ kind: 'subscribed' }, message('{"id":1}'), message('b\u001b[2J\nc', 'host')] as const

  it('prints a line a message, and tells on stderr what is no message', async () => {
    const missed = { kind: 'missed', count: 3 } as const
    const ran = await runLive(['subscribe', 'orders.>', '--count', '2'], {}, { items: [items[0], missed, ...items] })
    expect(ran.code).toBe(0)
    expect(ran.asked).toEqual([{ command: 'messages.subscribe', input: { pattern: 'orders.>' } }])
    expect(ran.out).toBe('03:04:05.006 orders.new  intake  {"id":1}\n03:04:05.006 orders.new  host  b\\x1b[2J\\nc\n')
    expect(ran.error).toContain('subscribed to `orders.>`\n')
    expect(ran.error).toContain('3 messages missed: they came faster than they were read\n')
  })

  it('prints one JSON object a line', async () => {
    const all = [...items, { kind: 'missed', count: 1 }, message(Uint8Array.of(0xff))] as const
    const ran = await runLive(['subscribe', 'orders.>', '--json', '--count', '3'], {}, { items: all })
    const lines = ran.out.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { kind: 'subscribed', pattern: 'orders.>' },
      expect.objectContaining({ kind: 'message', from: 'intake', text: '{"id":1}', sentAt: 1767323045006 }),
      expect.objectContaining({ kind: 'message', from: 'host', text: 'b\u001b[2J\nc' }),
      { kind: 'missed', count: 1 },
      expect.objectContaining({ base64: '/w==' }),
    ])
    expect(ran.out).not.toContain('\u001b')
  })

  it('prints bodies alone, raw where a program reads them', async () => {
    const binary = [items[0], message(Uint8Array.of(0xff, 0x1b))]
    const piped = await runLive(['subscribe', 'a', '--raw', '--count', '1'], {}, { items: binary })
    expect([...piped.bytes]).toEqual([0xff, 0x1b, 0x0a])
    const shown = await runLive(['subscribe', 'a', '--raw', '--count', '1'], {}, { items: binary, isTerminal: true })
    expect(shown.out).toBe('\\xff\\x1b\n')
  })

  it('ends in order when it is interrupted, and when nobody reads any more', async () => {
    const quiet = { items: [...items, 'silence'] as const }
    const interrupted = await runLive(
      ['subscribe', 'a'],
      {},
      { ...quiet, onListening: (interrupt) => setTimeout(() => interrupt('SIGINT'), 10) },
    )
    expect(interrupted).toMatchObject({ code: 0, opened: ['/.bulkhead', 'closed'] })
    expect(interrupted.out).toContain('{"id":1}')
    const left = await runLive(['subscribe', 'a'], {}, { ...quiet, onReader: (leave) => setTimeout(leave, 10) })
    expect(left.code).toBe(0)
  })

  it('ends the process at a second signal', async () => {
    const twice = (interrupt: (signal: 'SIGINT' | 'SIGTERM') => void): void => {
      interrupt('SIGTERM')
      expect(() => interrupt('SIGINT')).toThrow('exit 130')
      expect(() => interrupt('SIGTERM')).toThrow('exit 143')
    }
    await runLive(['subscribe', 'a'], {}, { items: ['silence'], onListening: twice })
    expect.assertions(2)
  })

  it('ends with 4 when the process ends first', async () => {
    const ran = await runLive(['subscribe', 'a'], {}, { items })
    expect(ran).toMatchObject({ code: 4, error: expect.stringContaining('ended the subscription') })
  })

  it.each(['0', 'many', '1.5', '-1'])('does not count to `%s`', async (text) => {
    expect(await runLive(['subscribe', 'a', `--count=${text}`], {}, { items })).toMatchObject({ code: 2, asked: [] })
  })
})

describe('deadletters', () => {
  const letter = {
    ...({ id: 3, reason: 'poison', topic: 'orders.new', from: 'intake', incarnation: 2 } as const),
    ...{ receiver: 'validate-1', at: Date.UTC(2026, 0, 2, 3, 4, 5), bytes: 8, head: base64('{"id":1}') },
  }
  const listed = (letters: readonly (typeof letter)[], total = letters.length, dropped = 0) => ({
    'messages.deadletters': { letters: [...letters], total, dropped },
  })

  it('lists them', async () => {
    const { receiver: _nobody, ...other } = { ...letter, id: 12, bytes: 500, head: base64('x\u001b[2J') }
    const ran = await runLive(['deadletters'], listed([letter, other as typeof letter], 4, 1))
    expect(ran.code).toBe(0)
    expect(ran.out).toBe(
      [
        'id  reason  topic       from    to          since                 bytes  body',
        ' 3  poison  orders.new  intake  validate-1  2026-01-02T03:04:05Z      8  {"id":1}',
        '12  poison  orders.new  intake  -           2026-01-02T03:04:05Z    500  x\\x1b[2J…',
        '2 older ones are not shown: --limit',
        '1 older one had to make place and is lost',
        '',
      ].join('\n'),
    )
    expect((await runLive(['deadletters'], listed([]))).out).toBe('there are no dead letters\n')
  })

  it('asks for some of them', async () => {
    const argv = ['deadletters', '--child', 'validate-1', '--reason', 'poison', '--limit', '5', '--json']
    const ran = await runLive(argv, listed([letter]))
    expect(ran.asked[0]?.input).toEqual({ child: 'validate-1', reason: 'poison', limit: 5 })
    expect(JSON.parse(ran.out)).toMatchObject({ total: 1, letters: [{ id: 3, head: { text: '{"id":1}' } }] })
    expect(await runLive(['deadletters', '--limit', '1001'], listed([]))).toMatchObject({ code: 2, asked: [] })
    for (const reason of letterReasons) {
      expect(await runLive(['deadletters', '--reason', reason], listed([]))).toMatchObject({ code: 0 })
    }
  })

  it('shows one: its body where a program reads it, the rest where people look', async () => {
    const whole = { ...letter, body: 'AP8=', bytes: 2, replyTo: '_inbox.1.x', traceparent: '00-a' }
    const ran = await runLive(['deadletters', '3'], { 'messages.deadletter': whole })
    expect(ran.asked).toEqual([{ command: 'messages.deadletter', input: { id: 3 } }])
    expect([...ran.bytes]).toEqual([0, 255])
    expect(ran.error).toContain('from      intake (incarnation 2)\nto        validate-1\n')
    expect(ran.error).toContain('body      2 bytes\n')
    const json = await runLive(['deadletters', '3', '--json'], { 'messages.deadletter': whole })
    expect(JSON.parse(json.out)).toMatchObject({ id: 3, base64: 'AP8=', replyTo: '_inbox.1.x' })
    expect(await runLive(['deadletters', 'three'])).toMatchObject({ code: 2, asked: [] })
  })

  it('sends them again, and ends with 1 unless all were sent', async () => {
    const all = { 'messages.replay': { letters: [{ id: 3, outcome: 'sent' as const }] } }
    const one = await runLive(['deadletters', '--replay', '3'], all)
    expect(one).toMatchObject({ code: 0, out: 'sent 1 dead letter again\n' })
    expect(one.asked).toEqual([{ command: 'messages.replay', input: { ids: [3], author: 'ada' } }])
    expect((await runLive(['deadletters', '--replay', '--all'], all)).asked[0]?.input).toEqual({
      ids: 'all',
      author: 'ada',
    })
    const others = ['no-subscriber', 'overloaded', 'not-found', 'answers-nobody'] as const
    const letters = [{ id: 1, outcome: 'sent' as const }, ...others.map((outcome, at) => ({ id: at + 2, outcome }))]
    const some = await runLive(['deadletters', '--replay', '1', '2', '3', '4', '5'], { 'messages.replay': { letters } })
    expect(some.code).toBe(1)
    expect(some.out).toContain('sent 1 of 5 dead letters again\n2: nobody is subscribed to its topic now; it is kept\n')
    const many = Array.from({ length: 60 }, (_, id) => ({ id, outcome: 'overloaded' as const }))
    const kept = await runLive(['deadletters', '--replay', '--all'], { 'messages.replay': { letters: many } })
    expect(kept.out).toMatch(/\n10 more were not sent\n$/)
  })

  it('forgets them', async () => {
    const answer = { 'messages.discard': { discarded: 2 } }
    const two = await runLive(['deadletters', '--discard', '3', '4'], answer)
    expect(two).toMatchObject({ code: 0, out: 'discarded 2 dead letters\n' })
    expect(await runLive(['deadletters', '--discard', '3', '4', '5'], answer)).toMatchObject({ code: 1 })
    expect(await runLive(['deadletters', '--discard', '--all'], answer)).toMatchObject({ code: 0 })
  })

  it.each([
    [['3', '--replay', '4']],
    [['--replay', '3', '--discard', '4']],
    [['--replay']],
    [['--replay', '3', '--all']],
    [['--all']],
    [['--replay', 'x']],
    [['--discard', '0']],
  ])('does not guess what %j means', async (argv) => {
    expect(await runLive(['deadletters', ...argv])).toMatchObject({ code: 2, asked: [], opened: [] })
  })
})

describe('messages', () => {
  const counts: MessageCounts = {
    ...{ depth: 3, depthMax: 1_024, bytes: 300, memoryBytes: 65_536, lanes: 2, oldestMs: 1_500 },
    ...{
      published: 10,
      requested: 1,
      received: 7,
      handled: 7,
      handlerErrors: 0,
      refusedByRate: 5,
      refusedByOverload: 0,
    },
    ...{ deadLetters: 1, publishedPerSecond: 0.2, handledPerSecond: 123.4 },
  }
  const { oldestMs: _none, ...idle } = { ...counts, depth: 0, depthMax: 0, memoryBytes: 0, lanes: 0 }
  const report = {
    children: [
      { child: 'validate-1', ...counts },
      { child: 'acme/price', tenant: 'acme', ...idle },
    ],
    tenants: [
      { tenant: 'acme', children: 1, ...idle },
      { children: 1, ...counts },
    ],
    deadLetters: { kept: 2, dropped: 1 },
  }

  it('shows a child a line', async () => {
    const { code, out } = await runLive(['messages'], { 'messages.stats': report })
    expect(code).toBe(0)
    const [head, first, second, letters] = out.split('\n')
    expect(head).toMatch(/^child +waiting +oldest +memory +lanes +out\/s +in\/s +published/)
    expect(first).toMatch(/^validate-1 +3\/1024 +1\.5 s +64 KiB +2 +0\.2 +123 +10 +1 +7 +0 +5 +0 +1$/)
    expect(second).toMatch(/^acme\/price +- +- +0 B +0 /)
    expect(letters).toBe('2 dead letters, 1 older one had to make place: bulkhead deadletters')
  })

  it('shows a tenant a line, and JSON', async () => {
    const { out } = await runLive(['messages', '--tenants'], { 'messages.stats': report })
    expect(out).toMatch(/^tenant +children.*\nacme +1 +- .*\n- +1 +3\/1024 /)
    const json = await runLive(['messages', '--json'], { 'messages.stats': report })
    expect(JSON.parse(json.out)).toEqual(report)
    const none = { children: [], tenants: [], deadLetters: { kept: 0, dropped: 0 } }
    expect((await runLive(['messages'], { 'messages.stats': none })).out).toBe('no child sends or takes messages\n')
  })
})
