import type { HealthEvent } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { cursorOf, positionOf } from './cursor.js'
import { HealthLog, type HealthQuestion } from './health-log.js'
import type { HealthItem } from './health-reader.js'

const id = '00112233aabb'

function logOf(keptMax?: number): { readonly log: HealthLog; readonly told: HealthEvent[] } {
  const told: HealthEvent[] = []
  const powers = { id, wallMs: () => 1_000 + told.length, emit: (event: HealthEvent) => void told.push(event) }
  return { log: new HealthLog({ ...powers, ...(keptMax === undefined ? {} : { keptMax }) }), told }
}

function raise(log: HealthLog, times: number, child = 'ingest'): void {
  for (let at = 0; at < times; at++) log.raise({ type: 'child.ready', supervisor: 'root', child })
}

/** What there is now, in short: the number of an event, or what is said to be missing. */
async function read(log: HealthLog, question: HealthQuestion = {}): Promise<readonly unknown[]> {
  const seen: unknown[] = []
  for await (const item of log.read({ ...question, follow: false })) seen.push(short(item))
  return seen
}

function short(item: HealthItem | undefined): unknown {
  if (item?.kind !== 'missed') return item?.event.seq
  return `${item.why} ${item.from}-${item.to} (${item.count})`
}

it('numbers and stamps events, and tells them when they are kept', async () => {
  const { log, told } = logOf()
  raise(log, 2)
  expect(told).toEqual([
    { seq: 1, time: 1_000, type: 'child.ready', supervisor: 'root', child: 'ingest' },
    { seq: 2, time: 1_001, type: 'child.ready', supervisor: 'root', child: 'ingest' },
  ])
  expect([log.first, log.last]).toEqual([1, 2])
  const items: HealthItem[] = []
  for await (const item of log.read({ follow: false })) items.push(item)
  expect(items).toEqual(told.map((event) => ({ kind: 'event', cursor: cursorOf(event, id), event })))
})

it('goes on after a cursor, and after a number', async () => {
  const { log } = logOf()
  raise(log, 5)
  expect(await read(log, { after: `${id}-3` })).toEqual([4, 5])
  expect(await read(log, { after: 3 })).toEqual([4, 5])
  expect(await read(log, { after: 0 })).toEqual([1, 2, 3, 4, 5])
  expect(await read(log, { after: `${id}-5` })).toEqual([])
})

it('says of a cursor that it cannot go on from there, and goes on from the first that is kept', async () => {
  const { log } = logOf(4)
  raise(log, 3)
  const hopeless = [
    `${id}-4`,
    'ffffffffffff-2',
    '',
    '-',
    'x'.repeat(9_000),
    `${id}-`,
    `${id}-01`,
    `${id}-9${'9'.repeat(15)}`,
  ]
  for (const after of [...hopeless, -1, 4, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(await read(log, { after }), String(after)).toEqual(['other-runtime 1-0 (0)', 1, 2, 3])
  }
  raise(log, 7)
  expect(await read(log, { after: 'ffffffffffff-9' })).toEqual(['other-runtime 1-6 (6)', 7, 8, 9, 10])
  expect(await read(log, { after: `${id}-2` })).toEqual(['too-old 3-6 (4)', 7, 8, 9, 10])
  expect(await read(log, { after: `${id}-6` })).toEqual([7, 8, 9, 10])
  expect(await read(log)).toEqual([7, 8, 9, 10])
})

it('tells a reader what it missed while it did not read, and not who is up to date', async () => {
  const { log } = logOf(4)
  const slow = log.read()
  const quick = log.read()
  const next = async (reader: typeof slow): Promise<unknown> => short((await reader.next()).value)
  raise(log, 2)
  expect(await next(slow)).toBe(1)
  for (let at = 1; at <= 10; at++) {
    if (at > 2) raise(log, 1)
    expect(await next(quick)).toBe(at)
  }
  const rest = [await next(slow), await next(slow), await next(slow), await next(slow), await next(slow)]
  expect(rest).toEqual(['too-slow 2-6 (5)', 7, 8, 9, 10])
  raise(log, 5)
  log.close()
  expect(await next(slow)).toBe('too-slow 11-11 (1)')
})

it('holds nothing for readers that do not read but what is kept for all', async () => {
  const { log } = logOf(4)
  const readers = Array.from({ length: 100 }, () => log.read())
  raise(log, 1_000)
  log.close()
  for (const reader of readers) {
    const seen: unknown[] = []
    for await (const item of reader) seen.push(short(item))
    expect(seen).toEqual(['too-slow 1-996 (996)', 997, 998, 999, 1_000])
  }
})

it('gives whom it concerns the events as they come, and is not overtaken by others', async () => {
  const { log } = logOf(4)
  const mine = log.read({ child: 'mine', types: ['child.exited', 'child.ready'] })
  const seen: Promise<IteratorResult<HealthItem>>[] = [mine.next(), mine.next()]
  raise(log, 50, 'other')
  raise(log, 1, 'mine')
  log.raise({ type: 'child.starting', supervisor: 'root', child: 'mine' })
  raise(log, 50, 'other')
  log.raise({ type: 'child.exited', supervisor: 'root', child: 'mine' })
  expect((await Promise.all(seen)).map(({ value }) => short(value))).toEqual([51, 103])
  expect(await read(log, { types: ['child.exited'] })).toEqual([103])
  expect(await read(log, { types: [] })).toEqual([])
})

it('ends with the signal, with its reader, and with the runtime; what was there before is read', async () => {
  const { log } = logOf()
  raise(log, 1)
  const controller = new AbortController()
  const byOther = log.read({ signal: controller.signal })
  controller.abort()
  raise(log, 1)
  expect(short((await byOther.next()).value)).toBe(1)
  expect(await byOther.next()).toEqual({ done: true, value: undefined })
  const late = log.read({ signal: controller.signal, after: 1 })
  expect(short((await late.next()).value)).toBe(2)
  expect((await late.next()).done).toBe(true)

  const byItself = log.read()
  for await (const item of byItself) if (short(item) === 1) break
  expect((await byItself.next()).done).toBe(true)

  const last = log.read({ after: 2 })
  const waiting = last.next()
  log.close()
  expect(await waiting).toEqual({ done: true, value: undefined })
  expect(await read(log)).toEqual([1, 2])
  const afterwards = log.read({ after: 1 })
  expect(short((await afterwards.next()).value)).toBe(2)
  expect((await afterwards.next()).done).toBe(true)
})

it('what is raised while an event is told comes after it', async () => {
  const seen: number[] = []
  const log: HealthLog = new HealthLog({
    ...{ id, wallMs: () => 0 },
    emit: ({ seq }) => {
      if (seq === 1) log.raise({ type: 'child.healthy', supervisor: 'root' })
    },
  })
  const reader = log.read()
  raise(log, 1)
  raise(log, 1)
  log.close()
  for await (const item of reader) if (item.kind === 'event') seen.push(item.event.seq)
  expect(seen).toEqual([1, 2, 3])
})

it('tells a place by a cursor of its own runtime only', () => {
  expect(positionOf(cursorOf({ seq: 7 }, id), id, 7)).toBe(7)
  expect(positionOf(`${id}-8`, id, 7)).toBeUndefined()
  expect(['', id, `${id}-`, `${id}-x`, `x${id}-1`, `${id}-1 `].map((text) => positionOf(text, id, 7))).toEqual(
    Array.from({ length: 6 }, () => undefined),
  )
})

it('keeps so much of a reason', () => {
  const { log, told } = logOf()
  for (const reason of ['x'.repeat(1_024), 'x'.repeat(1_025), `${'x'.repeat(1_022)}😀😀`]) {
    log.raise({ type: 'policy.updated', supervisor: 'root', reason })
  }
  expect(told.map(({ reason }) => reason)).toEqual([
    ...['x'.repeat(1_024), `${'x'.repeat(1_023)}…`, `${'x'.repeat(1_022)}…`],
  ])
})
