// What an operator takes away stays away, when the journal fails and when the wall clock is set.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Journal } from '@bulkhead/audit'
import { StateDirectory } from '@bulkhead/state'
import { BulkheadError, SimulatedClock } from '@bulkhead/vocabulary'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type AuthorityStores, openAuthorityStores } from './authority-stores.js'
import { Desk } from './desk.js'
import { SharedPolicies } from './shared-policies.js'
import type { Subject } from './subject.js'
import { TrustWatch } from './trust-watch.js'

let root = ''
let state: StateDirectory
let stores: AuthorityStores
let desk: Desk
let timers: SimulatedClock
let wallMs = 0
let journalFails = false
let rebound: string[] = []

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'desk-'))
  state = await StateDirectory.open(join(root, 'state'), { create: true })
  timers = new SimulatedClock()
  wallMs = 1_000_000
  journalFails = false
  rebound = []
  const clock = { monotonicNs: timers.monotonicNs, after: timers.after, wallMs: () => wallMs }
  stores = await openAuthorityStores(state, clock)
  const journal = {
    note: async () => {
      if (journalFails) throw new BulkheadError('journal-stalled', 'the disk is full')
    },
  } as unknown as Journal
  desk = new Desk(
    {
      ...{ stores, journal, clock, trust: new TrustWatch(undefined), roles: undefined, devMode: false },
      protection: { directories: [], roots: [], rules: [] },
      shared: new SharedPolicies([], new Set(['ingest']), stores.kinds),
      fetcher: undefined,
      raise: () => {},
    },
    state.path('audit'),
  )
  desk.attach({
    stateOf: () => 'running',
    versionOf: () => 1,
    prepare: async () => {},
    rebind: async (children) => {
      rebound.push(...children)
      return children.map((child) => ({ child, within: 'running', stuck: false }))
    },
  })
  await stores.subjects.put('ingest', subject)
})
afterEach(async () => {
  await desk.close()
  await stores.close()
  await state.close()
  rmSync(root, { recursive: true })
})

const manifestText = '[component]\nid = "ingest"\nversion = "1.0.0"\n[capabilities]\nfilesystem.read = ["/data/**"]\n'
const digest = `sha256:${'1'.repeat(64)}`
const subject: Subject = {
  child: 'ingest',
  componentId: 'ingest',
  component: { reference: 'ingest.wasm', file: '/nowhere/ingest.wasm', digest },
  manifest: { file: '/nowhere/Component.toml', text: manifestText, digest },
  mounts: [],
  inherited: [],
  variables: [],
  approved: { digests: [digest, digest], line: 3 },
  tree: { file: '/nowhere/bulkhead.toml', line: 1, shared: [], dev: false },
  limits: {},
}
const act = { author: 'ana', reason: 'incident' }
const extra = ['filesystem.read=/extra/**']

const settled = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

it('a revocation that was persisted binds, also when it cannot be put on record', async () => {
  await desk.grants.grant('ingest', extra, act)
  expect(desk.grants.list('ingest')).toHaveLength(1)
  journalFails = true
  for (const one of [extra, ['filesystem.read=/data/**']]) {
    rebound = []
    await expect(desk.grants.revoke('ingest', one, act)).rejects.toMatchObject({ code: 'journal-stalled' })
    expect(rebound).toEqual(['ingest'])
  }
  const { parts } = (await desk.judge('ingest')).contextAt(1, { mounts: [], args: [], environment: [] })
  expect([parts.operator, parts.policy]).toEqual([[], []])
})

it('a grant that cannot be put on record binds nobody, and is not kept', async () => {
  journalFails = true
  await expect(desk.grants.grant('ingest', extra, act)).rejects.toMatchObject({ code: 'journal-stalled' })
  expect(rebound).toEqual([])
  expect(desk.grants.list('ingest')).toEqual([])
})

it('a denial that was persisted binds, also when it cannot be put on record; an approval does not', async () => {
  const { approved: _approved, ...unpinned } = subject
  const file = join(root, 'ingest.wasm')
  writeFileSync(file, '')
  await stores.subjects.put('ingest', { ...unpinned, component: { ...subject.component, file } })
  journalFails = true
  await expect(desk.approvals.deny('ingest', {}, act)).rejects.toMatchObject({ code: 'journal-stalled' })
  expect(rebound).toEqual(['ingest'])
  rebound = []
  await expect(desk.approvals.approve('ingest', {}, act)).rejects.toMatchObject({ code: 'journal-stalled' })
  expect(rebound).toEqual([])
})

it('a grant ends within a minute of its hour when the clock is set forward or the machine slept, and not before it', async () => {
  await desk.grants.grant('ingest', extra, { ...act, expiresMs: 3_600_000 })
  rebound = []
  wallMs += 3_599_999
  timers.advance(60_000)
  await settled(() => timers.pendingTimers === 1)
  expect(rebound).toEqual([])
  wallMs += 1
  timers.advance(60_000)
  await settled(() => rebound.length > 0)
  expect(rebound).toEqual(['ingest'])
  expect(desk.grants.list('ingest')).toEqual([])
})

it('a clock that is set back ends nothing early, and nothing is lost', async () => {
  await desk.grants.grant('ingest', extra, { ...act, expiresMs: 1 })
  rebound = []
  wallMs -= 10_000
  timers.advance(1_000)
  await settled(() => timers.pendingTimers === 1)
  expect(desk.grants.list('ingest')).toHaveLength(1)
  wallMs += 10_001
  timers.advance(60_000)
  await settled(() => rebound.length > 0)
  expect(desk.grants.list('ingest')).toEqual([])
})
