import type { LogItem, LogReport } from '@bulkhead/admin'
import { expect, it } from 'vitest'
import { runLive } from '../live.test.support.js'

const record = (more: Partial<LogReport>): LogItem => ({
  kind: 'record',
  record: {
    ...{ child: 'ingest', incarnation: 2, seq: 7, time: Date.UTC(2026, 0, 1, 12), level: 'info', stream: 'stdout' },
    ...{ message: 'read \u001b[31m a.csv' },
    ...more,
  },
})
const items: readonly LogItem[] = [
  record({}),
  record({ stream: 'stderr', level: 'error', message: 'no such file' }),
  { kind: 'missed', count: 2 },
  record({ stream: 'logging', level: 'warn', context: 'db', message: 'slow\nvery' }),
  record({ stream: 'logging', level: 'info', message: 'plain' }),
]

it('prints what a child has written and logged, its words escaped', async () => {
  const ran = await runLive(['logs', 'ingest', '--tail', '3'], {}, { items })
  expect(ran).toMatchObject({
    code: 0,
    asked: [{ command: 'logs', input: { child: 'ingest', tail: 3, follow: false } }],
    error: '2 records missed\n',
  })
  expect(ran.out.split('\n').map((line) => line.replace(/^\S+ /, ''))).toEqual([
    ...['│ read \\x1b[31m a.csv', '! no such file', '│ warn db: slow\\nvery', '│ info plain', ''],
  ])
})

it('prints records for programs, and follows until it is stopped', async () => {
  let interrupt: (signal: 'SIGINT') => void = () => {}
  const ran = await runLive(
    ['logs', 'ingest', '--follow', '--json'],
    {},
    {
      items: [...items.slice(1, 3), 'silence'],
      onListening: (listener) => {
        interrupt = listener
        setTimeout(() => interrupt('SIGINT'), 10)
      },
    },
  )
  expect(ran.code).toBe(0)
  expect(ran.asked).toEqual([{ command: 'logs', input: { child: 'ingest', follow: true } }])
  expect(
    ran.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { child: 'ingest', incarnation: 2, seq: 7, level: 'error', stream: 'stderr', message: 'no such file' },
    { missed: 2 },
  ])
})

it('takes a number of records for one', async () => {
  for (const tail of ['0', 'many', '1001']) {
    expect(await runLive(['logs', 'ingest', '--tail', tail])).toMatchObject({ code: 2, asked: [] })
  }
})
