import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { followLog } from './follow-log.js'
import { Journal } from './journal.js'
import { loadOrCreateSealKey } from './seal-key.js'

const root = mkdtempSync(join(tmpdir(), 'bulkhead-follow-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

it('tells what is there, then what comes, over every rotation and without a gap', async () => {
  const directory = join(root, 'log')
  const journal = await Journal.open({ directory, sealKey: loadOrCreateSealKey(root), fileBytesMax: 1_500 })
  const note = (count: number) => journal.note({ event: 'released', details: { count } })
  for (let count = 1; count <= 5; count++) await note(count)
  const over = new AbortController()
  const told: (number | 'caught-up')[] = []
  for await (const record of followLog(directory, { event: 'released' }, over.signal)) {
    told.push(record === 'caught-up' ? record : record.seq)
    if (record === 'caught-up') for (let count = 6; count <= 30; count++) await note(count)
    else if (record.seq === 30) over.abort()
  }
  await journal.close()
  const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)
  expect(told).toEqual([...upTo(1, 5), 'caught-up', ...upTo(6, 30)])
})

it('ends when it is told to, also while it waits', async () => {
  const directory = join(root, 'quiet')
  const journal = await Journal.open({ directory, sealKey: loadOrCreateSealKey(root) })
  const over = new AbortController()
  const told: unknown[] = []
  for await (const record of followLog(directory, {}, over.signal)) {
    told.push(record)
    over.abort()
  }
  expect(told).toEqual(['caught-up'])
  await journal.close()
})
