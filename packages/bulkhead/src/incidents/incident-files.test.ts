import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StateDirectory } from '@bulkhead/state'
import { incidentBundle } from '@bulkhead/supervisors'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { IncidentFiles } from './incident-files.js'

let base: string
let state: StateDirectory
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'incidents-'))
  state = await StateDirectory.open(join(base, 'state'), { create: true })
})
afterEach(async () => {
  await state.close()
  rmSync(base, { recursive: true })
})

const bundle = (child: string, log = '') =>
  incidentBundle({
    ...{
      child,
      incarnation: 2,
      from: 'thread',
      to: 'quarantine',
      reason: 'looked around',
      atMs: 0,
      digest: 'sha256:0',
    },
    ...{ audit: [], events: [], mailbox: [], ledger: { restarts: 1 }, policy: { version: 1 }, secrets: [] },
    log: new TextEncoder().encode(log),
  })

const folder = (): string => state.path('incidents')

it('keeps incidents over the life of a process, each in a file of its own that nobody else may read', async () => {
  const files = new IncidentFiles(state)
  expect(await files.list()).toEqual([])
  const first = await files.add(bundle('acme/ingest'))
  await files.add(bundle('tally'))
  await files.replace({ ...first, hooks: [{ hook: 'topic', outcome: 'done' }] })
  expect(readdirSync(folder())).toEqual(['000001.acme+ingest.json', '000002.tally.json'])
  expect(statSync(join(folder(), '000002.tally.json')).mode & 0o777).toBe(0o600)

  const again = new IncidentFiles(state)
  expect(await again.list()).toEqual([
    {
      ...{ id: 1, child: 'acme/ingest', incarnation: 2, from: 'thread', to: 'quarantine', reason: 'looked around' },
      ...{ time: '1970-01-01T00:00:00.000Z', hooks: [{ hook: 'topic', outcome: 'done' }] },
    },
    expect.objectContaining({ id: 2, child: 'tally', hooks: [] }),
  ])
  expect(await again.show(2)).toEqual({ id: 2, hooks: [], bundle: bundle('tally') })
  expect((await again.add(bundle('tally'))).id).toBe(3)
})

it('says so when there is none of that number', async () => {
  const files = new IncidentFiles(state)
  await files.add(bundle('tally'))
  await expect(files.show(2)).rejects.toMatchObject({ code: 'usage', hint: 'bulkhead incidents list' })
  rmSync(join(folder(), '000001.tally.json'))
  await expect(files.show(1)).rejects.toMatchObject({ code: 'usage' })
  expect(await files.list()).toEqual([])
})

it('makes place at the cost of the child that has most: who causes many pushes out his own', async () => {
  const files = new IncidentFiles(state, { incidentsMax: 4, bytesMax: 1_000_000 })
  await files.add(bundle('ingest'))
  for (let round = 0; round < 5; round++) await files.add(bundle('forger'))
  expect((await files.list()).map(({ id, child }) => `${id} ${child}`)).toEqual([
    '1 ingest',
    '4 forger',
    '5 forger',
    '6 forger',
  ])
  await files.replace({ id: 2, hooks: [], bundle: bundle('forger') })
  expect(readdirSync(folder())).toHaveLength(4)
})

it('has a bound on their bytes together, and keeps the newest whatever it takes', async () => {
  const files = new IncidentFiles(state, { incidentsMax: 100, bytesMax: 30_000 })
  for (const child of ['one', 'two', 'three']) await files.add(bundle(child, 'x'.repeat(12_000)))
  expect((await files.list()).map(({ child }) => child)).toEqual(['two', 'three'])
  const small = new IncidentFiles(state, { incidentsMax: 1, bytesMax: 1 })
  await small.add(bundle('four'))
  expect((await small.list()).map(({ child }) => child)).toEqual(['four'])
})

it('believes no file that is damaged, and minds none that is not its own', async () => {
  const files = new IncidentFiles(state)
  await files.add(bundle('tally'))
  writeFileSync(join(folder(), 'notes.txt'), 'not ours')
  writeFileSync(join(folder(), '000009.tally.json'), '{"id":9,')
  writeFileSync(join(folder(), '000010.tally.json'), JSON.stringify({ id: 1, hooks: [], bundle: {} }))
  writeFileSync(join(folder(), '000011.tally.json'), '7')
  const again = new IncidentFiles(state)
  for (const id of [9, 10, 11]) await expect(again.show(id), `${id}`).rejects.toMatchObject({ code: 'store-corrupt' })
  expect(await again.show(1)).toMatchObject({ id: 1 })
  await expect(again.list()).rejects.toThrow('000009.tally.json')
})
