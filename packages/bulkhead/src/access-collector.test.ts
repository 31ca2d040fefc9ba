import { contextLimits, joinContext, narrowLimits } from '@bulkhead/security-context'
import { expect, it } from 'vitest'
import { AccessCollector } from './access-collector.js'
import { deniedOfChildMax } from './limits.js'

const limits = narrowLimits([])
const context = joinContext({
  principal: 'component:ingest',
  componentId: 'ingest',
  policyVersion: 1,
  layers: [],
  operator: [],
  deny: [],
  forbidden: [],
  ownDirectories: [],
  mounts: [],
  args: [],
  environment: [],
  limits: contextLimits(limits.memoryBytes.value, limits.handles.value, limits.cpuPercent.value),
  narrowed: limits,
})

type Reported = Parameters<AccessCollector['add']>[0]

function refused(resource: string, more: Partial<Reported> = {}): Reported {
  return {
    ring: 1,
    type: 'access',
    kind: 'filesystem',
    action: 'read',
    resource,
    verdict: 'denied',
    layer: 'mount',
    probe: false,
    count: 1,
    ...more,
  } as Reported
}

it('explains a denial once, with what would allow it, and counts the others', () => {
  const collector = new AccessCollector(context, {}, 'all')
  expect(collector.add(refused('/data/x'))).toMatchObject({ allow: '--read /data/x', count: 1 })
  expect(collector.add(refused('/data/x', { count: 2 }))).toBeUndefined()
  expect(collector.denied).toMatchObject([{ resource: '/data/x', count: 3 }])
  expect(collector.accesses).toMatchObject([{ resource: '/data/x', count: 3 }])
})

it('explains and keeps only so many of a child, whatever names it makes up, and goes on with those that it knows', () => {
  const child = new AccessCollector(context, { child: 'ingest' }, 'denied')
  const run = new AccessCollector(context, {}, 'all')
  for (let index = 0; index <= deniedOfChildMax; index++) {
    const told = child.add(refused(`/data/${index}`))
    expect(told === undefined).toBe(index === deniedOfChildMax)
    expect(run.add(refused(`/data/${index}`))).toBeDefined()
  }
  child.add(refused('/data/0'))
  child.add(refused('/data/none', { probe: true }))
  expect(child.denied).toHaveLength(deniedOfChildMax)
  expect(child.denied[0]).toMatchObject({ resource: '/data/0', count: 2 })
  expect(child.probes).toBe(1)
  // Nobody asks a child's collector for these: they would only grow.
  expect([child.accesses, child.probed]).toEqual([[], []])
})
