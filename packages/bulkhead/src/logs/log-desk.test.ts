import { expect, it } from 'vitest'
import { Emitter } from '../emitter.js'
import type { RuntimeEvents } from '../types.js'
import { LogBook } from './log-book.js'
import { LogDesk } from './log-desk.js'
import type { LogItem } from './log-stream.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function openDesk(bytesPerHour = 1e9) {
  const emitter = new Emitter<RuntimeEvents>()
  const events: string[] = []
  emitter.on('log', ({ stream, level, context, message }) =>
    events.push([stream, level, ...(context === undefined ? [] : [context]), message].join(' ')),
  )
  emitter.on('output', ({ stream, chunk }) => events.push(`${stream}: ${Buffer.from(chunk).toString()}`))
  const desk = new LogDesk({ emitter, nowNs: () => 0n, wallMs: () => 5 })
  return { desk, events, begin: (incarnation = 1) => desk.begin('a', incarnation, 'a', () => bytesPerHour) }
}

it('makes records of what a child writes and logs, beside the raw output', () => {
  const { desk, events, begin } = openDesk()
  const logs = begin(3)
  void logs.stdout(bytes('one\ntw'))
  void logs.logs({ level: 'warn', context: 'db', message: 'slow' })
  void logs.logs({ level: 'debug', context: '', message: 'm' })
  void logs.stderr(bytes('bad'))
  logs.end()
  expect(events).toEqual([
    ...['stdout: one\ntw', 'stdout info one', 'logging warn db slow', 'logging debug m', 'stderr: bad'],
    ...['stdout info tw', 'stderr error bad'],
  ])
  expect(desk.records('a', { tail: 1 })).toEqual([
    { child: 'a', incarnation: 3, seq: 5, time: 5, level: 'error', stream: 'stderr', message: 'bad' },
  ])
  expect([desk.records('a').length, desk.records('a', { tail: 0 }), desk.records('b')]).toEqual([5, [], []])
  expect(() => desk.records('a', { tail: -1 })).toThrow('is no number of records')
})

it('lets nobody write more lines than their bytes are worth', () => {
  // A thousand bytes a second, of which one second's worth may be saved up; who brings the bytes charges them.
  const { begin } = openDesk(3_600_000)
  const [empty, long] = [begin(), openDesk(3_600_000).begin()]
  void empty.stdout(bytes('\n'.repeat(100)))
  expect(empty.pace.waitMs()).toBe(100 * 31 - 1_000)
  void long.stdout(bytes(`${'x'.repeat(31)}\n`.repeat(100)))
  expect(long.pace.waitMs()).toBe(0)
})

it('keeps nothing of who may write nothing', () => {
  const { desk, events, begin } = openDesk(0)
  const logs = begin()
  void logs.stdout(bytes('x\n'))
  void logs.logs({ level: 'info', context: '', message: 'x' })
  expect([events, desk.records('a')]).toEqual([[], []])
})

it('counts what a child writes for its quota, whoever of it writes', () => {
  const { desk, begin } = openDesk(3_600_000)
  begin().pace.charge(500)
  begin().pace.charge(250)
  expect(desk.spentOf('a')).toEqual({ used: 750, limit: 1_000 })
  desk.forget('a')
  expect(desk.spentOf('a')).toBeUndefined()
})

it('is followed by who reads slowly, and tells it what it missed', async () => {
  const { desk, begin } = openDesk()
  const logs = begin()
  void logs.stdout(bytes('before\n'))
  const controller = new AbortController()
  const items = desk.follow('a', { signal: controller.signal })
  void logs.stdout(bytes('x\n'.repeat(2_500)))
  controller.abort()
  const seen: LogItem[] = []
  for await (const item of items) seen.push(item)
  expect(seen[0]).toMatchObject({ kind: 'record', record: { seq: 1, message: 'before' } })
  expect(seen.length).toBe(2_001)
  expect(seen.at(-1)).toEqual({ kind: 'missed', count: 501 })
})

it('wakes a reader that waits, until the reader or the desk has enough', async () => {
  const { desk, begin } = openDesk()
  const { signal } = new AbortController()
  const items = desk.follow('a', { signal })
  const first = items.next()
  void begin().stdout(bytes('x\n'))
  expect((await first).value).toMatchObject({ kind: 'record', record: { message: 'x' } })
  await items.return?.()
  const others = desk.follow('a', { signal, tail: 0 })
  const ended = others.next()
  desk.close()
  expect((await ended).done).toBe(true)
})

it('remembers a bounded past of each child, and of all together', () => {
  const book = new LogBook()
  const record = { incarnation: 1, time: 0, level: 'info', stream: 'stdout' } as const
  for (let at = 0; at < 1_100; at++) book.add({ ...record, child: 'many', message: 'm' })
  expect(book.of('many').map(({ seq }) => seq)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 101))
  for (let at = 0; at < 100; at++) book.add({ ...record, child: 'large', message: 'x'.repeat(10_000) })
  expect(book.of('large').length).toBe(52)
  for (let at = 0; at < 70; at++) {
    for (let piece = 0; piece < 52; piece++) book.add({ ...record, child: `c${at}`, message: 'x'.repeat(10_000) })
  }
  const kept = Array.from({ length: 70 }, (_, at) => book.of(`c${at}`).length)
  expect(kept.reduce((sum, count) => sum + count, 0) * 20_064).toBeLessThanOrEqual(64 * 1024 * 1024)
  expect(Math.min(...kept)).toBeGreaterThan(40)
  for (let at = 0; at <= 10_000; at++) book.add({ ...record, child: `d${at}`, message: 'm' })
  expect([book.of('many').length, book.of('d1').length]).toEqual([0, 1])
})
