import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { tailLog } from './tail-log.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tail-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const line = (seq: number, component: string): string =>
  `${JSON.stringify({ v: 1, seq, time: '2026-01-01T00:00:00.000Z', event: 'access-denied', component, prev: '0', hash: '0' })}\n`
const seqs = async (more: Partial<Parameters<typeof tailLog>[1]> = {}): Promise<number[]> =>
  (await tailLog(directory, { component: 'a', recordsMax: 100, bytesMax: 1_000_000, ...more })).map(({ seq }) => seq)

it('gives the last records of a component over the files of a log, oldest first', async () => {
  writeFileSync(join(directory, 'audit-000001.jsonl'), line(1, 'a') + line(2, 'b') + line(3, 'a'))
  writeFileSync(join(directory, 'audit-000002.jsonl'), line(4, 'b') + line(5, 'a'))
  expect(await seqs()).toEqual([1, 3, 5])
  expect(await seqs({ recordsMax: 2 })).toEqual([3, 5])
  expect(await seqs({ recordsMax: 1 })).toEqual([5])
  expect(await seqs({ component: 'c' })).toEqual([])
})

it('looks back so far and no further, and believes no half of a line', async () => {
  const file = join(directory, 'audit-000001.jsonl')
  writeFileSync(file, line(1, 'a') + line(2, 'a') + line(3, 'a'))
  const bytes = line(1, 'a').length
  expect(await seqs({ bytesMax: 2 * bytes + 10 })).toEqual([2, 3])
  expect(await seqs({ bytesMax: bytes - 1 })).toEqual([])
  appendFileSync(file, `${line(4, 'a').slice(0, 40)}`)
  appendFileSync(join(directory, 'audit-000002.jsonl'), `{"component":"a"}\n${line(5, 'a')}`)
  expect(await seqs()).toEqual([1, 2, 3, 5])
})

it('is not fooled by who names another in what he asks for', async () => {
  const record = { ...JSON.parse(line(1, 'b')), resource: '"a"', reason: 'a' }
  writeFileSync(join(directory, 'audit-000001.jsonl'), `${JSON.stringify(record)}\n${line(2, 'a')}`)
  expect(await seqs()).toEqual([2])
})
