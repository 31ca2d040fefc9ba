import { metricFamilies } from 'bulkhead'
import { expect, it } from 'vitest'
import { startMessageTree, until } from '../messages/message-tree.js'

const patienceMs = 60_000

it(
  'counts what real children do',
  async () => {
    const { runtime, tell, order, events } = await startMessageTree({
      talker: { publish: ['work.*'], entry: 'quotas = { messages = "1000/s" }' },
      worker: { subscribe: ['work.*'], entry: 'restart = "permanent"' },
    })
    expect(await tell('talker', 'burst work.do 1 5 32')).toBe('5')
    const value = (name: string, labels: Readonly<Record<string, string>>): number | undefined =>
      runtime
        .metrics()
        .families.find((family) => family.name === name)
        ?.samples.find((sample) => Object.entries(labels).every(([key, text]) => sample.labels[key] === text))?.value
    const worker = { child: 'worker' }
    await until(() => value('bulkhead.messages', { ...worker, outcome: 'handled' }) === 5, 'five handled messages')
    expect(value('bulkhead.messages', { child: 'talker', outcome: 'published' })).toBeGreaterThanOrEqual(5)
    expect(value('bulkhead.ready', {})).toBe(1)
    expect(value('bulkhead.children', { state: 'running' })).toBe(2)
    expect(value('bulkhead.child.level', { ...worker, level: 'thread' })).toBe(1)
    expect(value('bulkhead.child.memory', worker)).toBeGreaterThan(0)
    expect(value('bulkhead.mailbox.limit', worker)).toBe(1_024)
    expect(value('bulkhead.child.restarts', worker)).toBe(0)

    const checks = { child: 'talker', kind: 'messaging' }
    const granted = value('bulkhead.permission.checks', { ...checks, verdict: 'granted' }) ?? 0
    await tell('talker', 'burst secret.plans 1 1 32').catch(() => {})
    await until(
      () => (value('bulkhead.permission.checks', { ...checks, verdict: 'denied' }) ?? 0) > 0,
      'a check that was refused, by kind',
    )
    expect(granted).toBeGreaterThan(0)
    expect(value('bulkhead.permission.denials', { child: 'talker' })).toBeGreaterThan(0)

    await order('worker', 'trap')
    await until(() => events.some(({ type }) => type === 'child.restarted'), 'the next run')
    expect(value('bulkhead.child.exits', { ...worker, class: 'crash' })).toBe(1)
    expect(value('bulkhead.child.restarts', worker)).toBe(1)
    expect(value('bulkhead.events', { type: 'child.exited' })).toBe(1)
    expect(value('bulkhead.messages.dead_letters', worker)).toBe(1)

    const described = new Map(metricFamilies.map((family) => [family.name as string, family]))
    for (const { name, samples } of runtime.metrics().families) {
      for (const { labels, value: number } of samples) {
        expect(Object.keys(labels), name).toEqual(described.get(name)?.labels)
        expect(number, name).toBeGreaterThanOrEqual(0)
      }
    }
  },
  patienceMs,
)
