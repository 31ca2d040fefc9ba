import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineKinds, parseCapability } from '@bulkhead/capability'
import { jsonCodec, StateDirectory } from '@bulkhead/state'
import { Store } from '@bulkhead/state/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { entryCodec } from './approval-records.js'
import { type ApprovalSubject, fingerprintOf } from './approval-subject.js'
import { Approvals } from './approvals.js'
import { digestText } from './keys.test.support.js'
import {
  decisionsPerChildMax,
  narrowedPatternsMax,
  queueEntriesMax,
  reasonCharactersMax,
  reviewerCharactersMax,
} from './limits.js'
import { subjectOf } from './subjects.test.support.js'

let folder: string
let state: StateDirectory
let store: Store
let approvals: Approvals

async function open(): Promise<void> {
  state = await StateDirectory.open(folder, { create: true })
  store = await Store.open(state, 'approvals')
  approvals = Approvals.open(store)
}

async function close(): Promise<void> {
  await store.close()
  await state.close()
}

beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'bulkhead-approvals-')), 'state')
  await open()
})
afterEach(close)

const subject = subjectOf()
const fingerprint = fingerprintOf(subject)
const other = subjectOf({ inherited: ['TZ', 'LANG'] })
const ana = { fingerprint, reviewer: 'ana', now: 2000 }
const read = (pattern: string) =>
  ({ kind: 'filesystem', action: 'read', pattern, origin: { document: 'approval' } }) as const

describe('the queue', () => {
  it('holds what was asked, once', async () => {
    const entry = await approvals.request('acme/ingest', subject, 1000)
    expect(entry).toEqual({ child: 'acme/ingest', state: 'pending', fingerprint, subject, requestedAt: 1000 })
    expect(await approvals.request('acme/ingest', subject, 1500)).toEqual(entry)
    expect(approvals.reviews()).toEqual([entry])
    expect(approvals.entry('acme/ingest')).toEqual(entry)
    expect(approvals.decisionFor('acme/ingest', fingerprint)).toBeUndefined()
  })

  it('lists the longest waiting first', async () => {
    await approvals.request('a', subject, 3000)
    await approvals.request('b', subject, 1000)
    await approvals.request('c', subject, 2000)
    expect(approvals.reviews().map(({ child }) => child)).toEqual(['b', 'c', 'a'])
  })

  it('has an entry for somebody who looks at it, and for another who takes over', async () => {
    await approvals.request('ingest', subject, 1000)
    expect(await approvals.begin('ingest', 'ana')).toMatchObject({ state: 'reviewing', reviewer: 'ana' })
    expect(await approvals.begin('ingest', 'ben')).toMatchObject({ state: 'reviewing', reviewer: 'ben' })
    expect(approvals.reviews()).toMatchObject([{ state: 'reviewing', reviewer: 'ben' }])
  })

  it('lets go of a child that is gone', async () => {
    await approvals.request('ingest', subject, 1000)
    expect(await approvals.withdraw('ingest')).toBe(true)
    expect(await approvals.withdraw('ingest')).toBe(false)
    expect(approvals.reviews()).toEqual([])
  })

  it('is bounded, and says so to the next one only', async () => {
    const raw = store.table('queue', entryCodec)
    await store.transact(() => {
      for (let index = 1; index < queueEntriesMax; index++) {
        raw.put(`child-${index}`, {
          child: `child-${index}`,
          state: 'pending',
          fingerprint,
          subject,
          requestedAt: index,
        })
      }
    })
    expect(await approvals.request('the-last', subject, 1000)).toMatchObject({ state: 'pending' })
    expect(approvals.reviews()).toHaveLength(queueEntriesMax)
    await expect(approvals.request('one-more', subject, 2000)).rejects.toMatchObject({
      code: 'approval-queue-full',
      hint: expect.stringContaining('bulkhead review'),
    })
    expect(await approvals.request('child-7', other, 2000)).toMatchObject({ state: 'pending', requestedAt: 2000 })
    await approvals.deny('child-8', { ...ana, reason: 'no' })
    expect(await approvals.request('one-more', subject, 2000)).toMatchObject({ state: 'pending' })
  })

  it('takes no child of no name', () => {
    expect(() => approvals.request('a|b', subject, 1000)).toThrow(
      expect.objectContaining({ code: 'component-rejected-name' }),
    )
    expect(() => approvals.request('../x', subject, 1000)).toThrow()
  })
})

describe('a decision', () => {
  it('holds for one child and one fingerprint, with its reviewer, time and reason', async () => {
    await approvals.request('ingest', subject, 1000)
    await approvals.begin('ingest', 'ana')
    const decision = await approvals.approve('ingest', { ...ana, reason: 'looked at it' })
    expect(decision).toEqual({
      child: 'ingest',
      fingerprint,
      verdict: 'approved',
      reviewer: 'ana',
      time: 2000,
      reason: 'looked at it',
    })
    expect(approvals.decisionFor('ingest', fingerprint)).toEqual(decision)
    expect(approvals.decisionFor('ingest', fingerprintOf(other))).toBeUndefined()
    expect(approvals.decisionFor('acme/ingest', fingerprint)).toBeUndefined()
    expect(approvals.decisionFor('inges', fingerprint)).toBeUndefined()
    expect(approvals.reviews()).toEqual([])
    expect(approvals.entry('ingest')).toMatchObject({ state: 'approved', reviewer: 'ana' })
    expect(approvals.lastApproved('ingest')).toEqual(subject)
  })

  it('survives the process', async () => {
    await approvals.request('ingest', subject, 1000)
    await approvals.request('waiting', subject, 1000)
    const decision = await approvals.deny('ingest', { ...ana, reason: 'too broad' })
    await close()
    await open()
    expect(approvals.decisionFor('ingest', fingerprint)).toEqual(decision)
    expect(approvals.reviews().map(({ child }) => child)).toEqual(['waiting'])
  })

  it('that denies sticks until it is approved explicitly', async () => {
    await approvals.request('ingest', subject, 1000)
    await approvals.deny('ingest', { ...ana, reason: 'too broad' })
    expect(await approvals.request('ingest', subject, 3000)).toMatchObject({ state: 'denied' })
    expect(approvals.reviews()).toEqual([])
    await expect(approvals.begin('ingest', 'ben')).rejects.toMatchObject({ code: 'approval-not-found' })
    expect(approvals.lastApproved('ingest')).toBeUndefined()
    await approvals.approve('ingest', { ...ana, now: 4000 })
    expect(approvals.decisionFor('ingest', fingerprint)).toMatchObject({ verdict: 'approved', time: 4000 })
    await approvals.deny('ingest', { ...ana, now: 5000, reason: 'on second thought' })
    expect(approvals.history('ingest').map(({ verdict }) => verdict)).toEqual(['denied', 'approved', 'denied'])
  })

  it('is not asked again when the old request comes back', async () => {
    await approvals.request('ingest', subject, 1000)
    await approvals.deny('ingest', { ...ana, reason: 'too broad' })
    expect(await approvals.request('ingest', other, 3000)).toMatchObject({ state: 'pending' })
    expect(await approvals.request('ingest', subject, 4000)).toMatchObject({ state: 'denied', fingerprint })
    expect(approvals.reviews()).toEqual([])
  })

  it.each([
    ['component', { componentDigest: digestText('9') }],
    ['mounts', { mounts: [{ guest: '/data', host: '/', mode: 'write' }] }],
    ['inherited variables', { inherited: ['AWS_SECRET_ACCESS_KEY'] }],
  ] as readonly (readonly [string, Partial<ApprovalSubject>])[])(
    'about something whose %s changed while under review is refused',
    async (_, more) => {
      await approvals.request('ingest', subject, 1000)
      await approvals.begin('ingest', 'ana')
      const now = await approvals.request('ingest', subjectOf(more), 1500)
      expect(now).toMatchObject({ state: 'pending' })
      const conflict = { code: 'update-conflict', message: expect.stringContaining('changed while under review') }
      await expect(approvals.approve('ingest', ana)).rejects.toMatchObject(conflict)
      await expect(approvals.deny('ingest', { ...ana, reason: 'no' })).rejects.toMatchObject(conflict)
      expect(approvals.reviews()).toHaveLength(1)
      expect(approvals.history('ingest')).toEqual([])
      expect(await approvals.approve('ingest', { ...ana, fingerprint: now.fingerprint })).toMatchObject({
        verdict: 'approved',
      })
      expect(approvals.decisionFor('ingest', fingerprint)).toBeUndefined()
    },
  )

  it('needs something to decide about, a name, and for a denial a reason', async () => {
    await expect(approvals.approve('ingest', ana)).rejects.toMatchObject({ code: 'approval-not-found' })
    await expect(approvals.begin('ingest', 'ana')).rejects.toMatchObject({ code: 'approval-not-found' })
    await approvals.request('ingest', subject, 1000)
    const usage = expect.objectContaining({ code: 'usage' })
    for (const reviewer of ['', ' ', 'x'.repeat(reviewerCharactersMax + 1)]) {
      expect(() => approvals.approve('ingest', { ...ana, reviewer })).toThrow(usage)
      expect(() => approvals.begin('ingest', reviewer)).toThrow(usage)
    }
    const longest = 'x'.repeat(reviewerCharactersMax)
    expect(await approvals.begin('ingest', longest)).toMatchObject({ reviewer: longest })
    expect(() => approvals.deny('ingest', { ...ana, reason: ' ' })).toThrow(usage)
    expect(() => approvals.approve('ingest', { ...ana, reason: 'x'.repeat(reasonCharactersMax + 1) })).toThrow(usage)
    expect(await approvals.deny('ingest', { ...ana, reason: 'x'.repeat(reasonCharactersMax) })).toMatchObject({
      verdict: 'denied',
    })
  })

  it('is one of at most so many that are remembered', async () => {
    await approvals.request('ingest', subject, 1000)
    for (let count = 0; count < decisionsPerChildMax + 3; count++)
      await approvals.approve('ingest', { ...ana, now: count })
    const history = approvals.history('ingest')
    expect(history).toHaveLength(decisionsPerChildMax)
    expect(history[0]?.time).toBe(decisionsPerChildMax + 2)
    expect(history.at(-1)?.time).toBe(3)
  })
})

describe('a reviewer', () => {
  beforeEach(() => approvals.request('ingest', subject, 1000))

  it('may leave less of it', async () => {
    const narrow = [read('/data/in/2026/*.csv')]
    expect(await approvals.approve('ingest', { ...ana, narrow })).toMatchObject({ narrow })
    expect(approvals.decisionFor('ingest', fingerprint)?.narrow).toEqual(narrow)
    expect(await approvals.approve('ingest', { ...ana, narrow: [] })).toMatchObject({ narrow: [] })
    expect(await approvals.approve('ingest', ana)).not.toHaveProperty('narrow')
  })

  it('never more, and is told what was too much', async () => {
    const narrow = [
      read('/data/in/2026/**'),
      read('/data/**'),
      { ...read('/data/in/x'), action: 'write' } as const,
      { kind: 'storage', action: 'write', pattern: 'component:other:*', origin: { document: 'approval' } } as const,
    ]
    await expect(approvals.approve('ingest', { ...ana, narrow })).rejects.toMatchObject({
      code: 'grant-refused',
      details: {
        notCovered: ['filesystem.read=/data/**', 'filesystem.write=/data/in/x', 'storage.write=component:other:*'],
      },
    })
    expect(approvals.history('ingest')).toEqual([])
    expect(approvals.reviews()).toHaveLength(1)
    expect(approvals.lastApproved('ingest')).toBeUndefined()
    const own = {
      kind: 'storage',
      action: 'write',
      pattern: 'component:ingest:a',
      origin: { document: 'approval' },
    } as const
    expect(await approvals.approve('ingest', { ...ana, narrow: [own] })).toMatchObject({ narrow: [own] })
  })

  it('may speak of kinds of the host application', async () => {
    const kinds = defineKinds([{ name: 'contacts', actions: ['find'], grammar: 'name' }])
    const asked = subjectOf({ capabilities: [{ ...parseCapability('contacts.find=team-*', kinds) }] })
    const entry = await approvals.request('crm', asked, 1000)
    const narrow = [{ ...parseCapability('contacts.find=team-a', kinds), origin: { document: 'approval' } }]
    const verdict = { ...ana, fingerprint: entry.fingerprint, narrow }
    await expect(approvals.approve('crm', verdict)).rejects.toThrow()
    expect(await Approvals.open(store, { kinds }).approve('crm', verdict)).toMatchObject({ narrow })
  })

  it('writes patterns that are some, and not too many', async () => {
    await expect(approvals.approve('ingest', { ...ana, narrow: [read('data')] })).rejects.toMatchObject({
      code: 'document-invalid',
    })
    const many = Array.from({ length: narrowedPatternsMax + 1 }, () => read('/data/in/a'))
    await expect(approvals.approve('ingest', { ...ana, narrow: many })).rejects.toMatchObject({ code: 'grant-refused' })
    const most = many.slice(1)
    expect((await approvals.approve('ingest', { ...ana, narrow: most })).narrow).toHaveLength(narrowedPatternsMax)
  })
})

describe('what lies on the disk', () => {
  it.each([
    ['queue', { child: 'ingest' }],
    ['queue', { child: 'ingest', fingerprint, state: 'allowed', requestedAt: 1, subject }],
    ['queue', { child: 'ingest', fingerprint, state: 'pending', requestedAt: 1, subject: {} }],
    ['queue', 7],
    ['decisions', { child: 'ingest', fingerprint, reviewer: 'ana', verdict: 'maybe', time: 1 }],
    ['decisions', { child: 'ingest', fingerprint, reviewer: 'ana', verdict: 'approved', time: 1, narrow: 'all' }],
    ['approved', []],
  ])('of another shape in %s is no decision, and no start', async (table, value) => {
    const raw = store.table(
      table,
      jsonCodec((found) => found),
    )
    await store.transact(() => raw.put(table === 'decisions' ? 'ingest|0000000001' : 'ingest', value))
    const corrupt = expect.objectContaining({ code: 'store-corrupt' })
    const look = {
      queue: () => approvals.entry('ingest'),
      decisions: () => approvals.decisionFor('ingest', fingerprint),
      approved: () => approvals.lastApproved('ingest'),
    }
    expect(look[table as keyof typeof look]).toThrow(corrupt)
  })
})
