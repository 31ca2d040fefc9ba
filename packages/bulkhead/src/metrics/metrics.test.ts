import { metrics as openTelemetry } from '@opentelemetry/api'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { afterEach, expect, it } from 'vitest'
import { labelledChildrenMax } from '../limits.js'
import { ChildNames, otherChildren } from './child-names.js'
import { EventCounts } from './event-counts.js'
import { metricFamilies } from './metric-families.js'
import { MetricSheet, type MetricsSnapshot } from './metric-sheet.js'
import { observe } from './open-telemetry.js'
import { MemberTotals, noTotals, type RunTotals } from './run-totals.js'

afterEach(() => openTelemetry.disable())

/** A sheet for these children, by names that have not looked at any before. */
function sheetOf(children: readonly string[], names = new ChildNames()): MetricSheet {
  names.look(children)
  return new MetricSheet(names)
}

const children = (count: number): string[] => Array.from({ length: count }, (_, index) => `child-${index}`)

it('names a thousand children, and sums up the others or takes the worst of them', () => {
  const names = children(labelledChildrenMax + 500)
  const sheet = sheetOf(names)
  for (const [index, child] of names.entries()) {
    sheet.put('bulkhead.child.restarts', 1, { child })
    sheet.put('bulkhead.mailbox.oldest', index, { child })
  }
  const { families, others } = sheet.snapshot(1)
  expect(others).toBe(500)
  const samplesOf = (name: string) => families.find((family) => family.name === name)?.samples ?? []
  expect(samplesOf('bulkhead.child.restarts')).toHaveLength(labelledChildrenMax + 1)
  expect(samplesOf('bulkhead.child.restarts').at(-1)).toEqual({ labels: { child: otherChildren }, value: 500 })
  expect(samplesOf('bulkhead.mailbox.oldest').at(-1)?.value).toBe(labelledChildrenMax + 499)
})

it('lets no sum over the others fall: neither when one is gone, nor when one begins again', () => {
  const names = new ChildNames()
  const many = children(labelledChildrenMax)
  const told = (counts: Readonly<Record<string, number>>, snapshot = 0): number | undefined => {
    const sheet = sheetOf([...many, ...Object.keys(counts)], names)
    for (const [child, count] of Object.entries(counts)) sheet.put('bulkhead.child.cpu', count, { child })
    const others: MetricsSnapshot = sheet.snapshot(snapshot)
    return others.families.find(({ name }) => name === 'bulkhead.child.cpu')?.samples[0]?.value
  }
  expect(told({ x: 5, y: 7 })).toBe(12)
  expect(told({ x: 6 })).toBe(13)
  expect(told({ x: 6, y: 1 })).toBe(14)
  expect(told({ x: 2, y: 1 })).toBe(16)
  // There is room for a name now: not for one that was among the others.
  many.splice(0, 2)
  expect(told({ x: 3, y: 2 })).toBe(18)
  expect(told({})).toBe(18)
  const sheet = sheetOf([...many, 'new'], names)
  sheet.put('bulkhead.child.restarts', 1, { child: 'new' })
  const restarts = sheet.snapshot(1).families.find(({ name }) => name === 'bulkhead.child.restarts')
  expect(restarts?.samples).toEqual([{ labels: { child: 'new' }, value: 1 }])
})

it('sums up the runs of a member, and never less than before', () => {
  const member = new MemberTotals()
  const run = (cpuMs: number, hits: number): RunTotals => ({
    ...{ cpuMs, hostWaitMs: 1, traffic: { bytes: 10, requests: 1 } },
    checks: { ...noTotals.checks, cacheHits: hits, byKind: [hits] },
  })
  expect(member.sum()).toEqual(noTotals)
  let now = run(20, 3)
  member.begin(() => now)
  expect(member.sum()).toEqual(run(20, 3))
  // Its thread is gone, and its exit not yet told.
  now = run(0, 3)
  expect(member.sum().cpuMs).toBe(20)
  member.end(21)
  expect(member.sum()).toEqual(run(21, 3))
  now = run(1, 2)
  member.begin(() => now)
  expect(member.sum()).toEqual({ ...run(22, 5), hostWaitMs: 2, traffic: { bytes: 20, requests: 2 } })
})

it('adds up what is put twice, and keeps series apart by every label', () => {
  const sheet = sheetOf(['a'])
  sheet.put('bulkhead.permission.cache', 2, { result: 'hit' })
  sheet.put('bulkhead.permission.cache', 3, { result: 'hit' })
  sheet.put('bulkhead.permission.cache', 5, { result: 'miss' })
  const cache = sheet.snapshot(7).families.find(({ name }) => name === 'bulkhead.permission.cache')
  expect(cache?.samples).toEqual([
    { labels: { result: 'hit' }, value: 5 },
    { labels: { result: 'miss' }, value: 3 + 2 },
  ])
})

it('says of each family what it is', () => {
  expect(new Set(metricFamilies.map(({ name }) => name)).size).toBe(metricFamilies.length)
  for (const { name, unit, help, labels } of metricFamilies) {
    expect(name).toMatch(/^bulkhead(\.[a-z_]+)+$/)
    expect(unit).toMatch(/^(1|s|By|\{[a-z]+\})$/)
    expect(help).not.toBe('')
    for (const label of labels) expect(label).toMatch(/^[a-z]+$/)
  }
})

it('counts events and ends of runs, and forgets who is gone for good', () => {
  const counts = new EventCounts()
  const common = { supervisor: 'root', time: 1, child: 'a' }
  counts.note({ ...common, seq: 1, type: 'child.exited', class: 'crash' })
  counts.note({ ...common, seq: 2, type: 'child.exited', class: 'crash' })
  counts.note({ ...common, seq: 3, type: 'child.exited', class: 'resource' })
  expect([...counts.exitsOf('a')]).toEqual([
    ['crash', 2],
    ['resource', 1],
  ])
  counts.note({ ...common, seq: 4, type: 'child.removed' })
  expect([...counts.exitsOf('a')]).toEqual([])
  expect(new Map(counts.types)).toEqual(
    new Map([
      ['child.exited', 3],
      ['child.removed', 1],
    ]),
  )
})

class OnDemand extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

it("is read by the host application's meter provider, until it lets go", async () => {
  const reader = new OnDemand()
  openTelemetry.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
  let asked = 0
  const release = observe('1.2.3', () => {
    asked += 1
    const sheet = sheetOf(['a'])
    sheet.put('bulkhead.messages', 42, { child: 'a', outcome: 'handled' })
    sheet.put('bulkhead.mailbox.depth', 7, { child: 'a' })
    return sheet.snapshot(1)
  })
  const read = async () => {
    const { resourceMetrics } = await reader.collect()
    return resourceMetrics.scopeMetrics.flatMap(({ scope, metrics }) =>
      metrics.flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => [scope.name, scope.version, descriptor.name, attributes, value]),
      ),
    )
  }
  expect(asked).toBe(0)
  const labels = { child: 'a', outcome: 'handled' }
  expect(await read()).toEqual([
    ['bulkhead', '1.2.3', 'bulkhead.messages', labels, 42],
    ['bulkhead', '1.2.3', 'bulkhead.mailbox.depth', { child: 'a' }, 7],
  ])
  release()
  await read()
  expect(asked).toBe(1)
})
