import { expect, it } from 'vitest'
import { contextLimits } from './context-limits.js'
import { narrowLimits } from './narrow-limits.js'

it('takes each limit from the document that writes the narrowest', () => {
  const narrowed = narrowLimits([
    {
      document: 'Component.toml',
      limits: {
        memoryBytes: 64,
        handles: 8,
        deadlineMs: 1000,
        messages: { amount: 20, perMs: 60_000 },
        storageBytes: 7,
      },
    },
    {
      document: 'bulkhead.toml',
      limits: {
        memoryBytes: 128,
        cpuPercent: 50,
        deadlineMs: 500,
        logs: { amount: 10, perMs: 1000 },
        requests: { amount: 2, perMs: 1000 },
      },
    },
    {
      document: 'ingest.policy.toml',
      limits: {
        memoryBytes: 32,
        cpuPercent: 200,
        handles: 8,
        messagesPerHour: 3_600,
        network: { amount: 5, perMs: 1000 },
      },
    },
  ])
  expect(narrowed).toEqual({
    memoryBytes: { value: 32, document: 'ingest.policy.toml' },
    cpuPercent: { value: 50, document: 'bulkhead.toml' },
    handles: { value: 8, document: 'Component.toml' },
    messagesPerHour: { value: 1_200, document: 'Component.toml' },
    logBytesPerHour: { value: 36_000, document: 'bulkhead.toml' },
    storageBytes: { value: 7, document: 'Component.toml' },
    networkBytesPerHour: { value: 18_000, document: 'ingest.policy.toml' },
    requestsPerHour: { value: 7_200, document: 'bulkhead.toml' },
    deadlineMs: { value: 500, document: 'bulkhead.toml' },
  })
})

it('has defaults where no document says anything, and no deadline', () => {
  expect(narrowLimits([])).toEqual({
    memoryBytes: { value: 64 * 1024 ** 2, document: 'default' },
    cpuPercent: { value: 100, document: 'default' },
    handles: { value: 256, document: 'default' },
    messagesPerHour: { value: 3_600_000, document: 'default' },
    logBytesPerHour: { value: 64 * 1024 * 3_600, document: 'default' },
    storageBytes: { value: 100 * 1024 ** 2, document: 'default' },
    networkBytesPerHour: { value: 10 * 1024 ** 2 * 3_600, document: 'default' },
  })
})

it('takes zero for none', () => {
  const { handles } = narrowLimits([
    { document: 'a', limits: { handles: 4 } },
    { document: 'b', limits: { handles: 0 } },
  ])
  expect(handles).toEqual({ value: 0, document: 'b' })
})

it('hands the guard its numbers', () => {
  expect(contextLimits(64, undefined)).toMatchObject({ memoryBytesMax: 64, handlesMax: 256, cpuPercent: 100 })
  expect(contextLimits(64, 0, 50)).toMatchObject({ handlesMax: 0, cpuPercent: 50 })
})

it('gives nobody more than the ceiling, and nobody more because of it', () => {
  const ceiling = {
    document: 'bulkhead.toml ([supervisor])',
    limits: { memoryBytes: 32 * 1024 ** 2, handles: 1000, deadlineMs: 5000, cpuPercent: 50 },
  }
  const narrowed = narrowLimits([{ document: 'Component.toml', limits: { cpuPercent: 20, handles: 2000 } }], ceiling)
  expect(narrowed).toMatchObject({
    memoryBytes: { value: 32 * 1024 ** 2, document: ceiling.document },
    handles: { value: 1000, document: ceiling.document },
    cpuPercent: { value: 20, document: 'Component.toml' },
    deadlineMs: { value: 5000, document: ceiling.document },
  })
  expect(narrowLimits([], { ...ceiling, limits: { handles: 1000 } })).toEqual(narrowLimits([]))
})
