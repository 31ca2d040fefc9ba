// A supervisor's ceiling bounds what its children use. An operator's grant adds to what a child may do, and to no limit.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Journal } from '@bulkhead/audit'
import { StateDirectory } from '@bulkhead/state'
import { SimulatedClock } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { openAuthorityStores } from './authority-stores.js'
import { Desk } from './desk.js'
import { SharedPolicies } from './shared-policies.js'
import type { Subject } from './subject.js'
import { TrustWatch } from './trust-watch.js'

const digest = `sha256:${'1'.repeat(64)}`
const text =
  '[component]\nid = "ingest"\nversion = "1.0.0"\n[quotas]\nmemory = "64MiB"\ncpu = "20%"\nmessages = "10/s"\nstorage = "8MiB"\n'
const subject: Subject = {
  child: 'ingest',
  componentId: 'ingest',
  component: { reference: 'ingest.wasm', file: '/nowhere/ingest.wasm', digest },
  manifest: { file: '/nowhere/Component.toml', text, digest },
  mounts: [],
  inherited: [],
  variables: [],
  approved: { digests: [digest, digest], line: 3 },
  tree: { file: '/nowhere/bulkhead.toml', line: 1, shared: [], dev: false },
  limits: {},
  ceiling: { memoryBytes: 1024 ** 2, cpuPercent: 50, messagesPerHour: 60, storageBytes: 4096 },
}

it('no grant of an operator widens a limit, below a ceiling or without one', async () => {
  const root = mkdtempSync(join(tmpdir(), 'ceiling-'))
  const state = await StateDirectory.open(join(root, 'state'), { create: true })
  const timers = new SimulatedClock()
  const clock = { monotonicNs: timers.monotonicNs, after: timers.after, wallMs: () => 1_000_000 }
  const stores = await openAuthorityStores(state, clock)
  const shared = new SharedPolicies([], new Set(['ingest']), stores.kinds)
  const journal = { note: async () => {} } as unknown as Journal
  const desk = new Desk(
    {
      ...{ stores, journal, clock, trust: new TrustWatch(undefined), roles: undefined, devMode: false },
      ...{ protection: { directories: [], roots: [], rules: [] }, shared, fetcher: undefined, raise: () => {} },
    },
    state.path('audit'),
  )
  desk.attach({
    stateOf: () => 'running',
    versionOf: () => 1,
    prepare: async () => {},
    rebind: async (children) => children.map((child) => ({ child, within: 'running', stuck: false })),
  })
  try {
    const partsNow = async () =>
      (await desk.judge('ingest')).contextAt(1, { mounts: [], args: [], environment: [] }).parts
    const everything = [
      ...['filesystem.read=/data/**', 'filesystem.write=/data/**', 'messaging.publish=orders.>'],
      ...['storage.read=notes', 'storage.write=notes', 'network.connect=example.org:443'],
    ]
    await stores.subjects.put('ingest', subject)
    const before = await partsNow()
    expect(before.limits).toMatchObject({ memoryBytesMax: 1024 ** 2 })
    expect(before.narrowed).toMatchObject({
      memoryBytes: { value: 1024 ** 2, document: '/nowhere/bulkhead.toml (ceiling of its supervisor)' },
      cpuPercent: { value: 20, document: '/nowhere/Component.toml' },
      messagesPerHour: { value: 60 },
      storageBytes: { value: 4096 },
    })
    await desk.grants.grant('ingest', everything, { author: 'ana', reason: 'incident' })
    const after = await partsNow()
    // The grants are there: a ceiling holds limits, and takes none of them.
    expect(after.operator).toHaveLength(everything.length)
    expect([after.limits, after.narrowed]).toEqual([before.limits, before.narrowed])
    await stores.subjects.put('ingest', { ...subject, ceiling: { memoryBytes: 1024 ** 3 } })
    const roomy = await partsNow()
    expect(roomy.narrowed).toMatchObject({
      memoryBytes: { value: 64 * 1024 ** 2 },
      storageBytes: { value: 8 * 1024 ** 2 },
    })
  } finally {
    await desk.close()
    await stores.close()
    await state.close()
    rmSync(root, { recursive: true })
  }
})
