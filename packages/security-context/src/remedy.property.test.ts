import { type Capability, Decider } from '@bulkhead/capability'
import type { Request } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explainRequest } from './explain-request.js'
import { refusalsOf } from './refusals.js'
import { applyAll, capability, contextOf, documentsOf, isGranted, mountAt, type World } from './world.test.support.js'

const patterns = [
  '/data/**',
  '/data/a',
  '/data/*/x',
  '/data/a/**',
  '/etc/**',
  '/srv/b c',
  '/**',
  '/data/[a]/x',
  "/data/it's",
]
const resources = [
  '/data/a',
  '/data/a/x',
  '/data/b/x',
  '/etc/shadow',
  '/etc/hosts',
  '/srv/b c',
  '/data',
  "/data/it's",
  '/data/[1]*',
]
const actions = ['read', 'write', 'create', 'delete'] as const

const capabilities = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...actions), fc.constantFrom(...patterns))
      .map(([action, pattern]): Capability => ({ kind: 'filesystem', action, pattern })),
  },
  fc
    .constantFrom('MODE', 'MO*', 'OTHER')
    .map((pattern): Capability => ({ kind: 'environment', action: 'read', pattern })),
)
const lists = fc.uniqueArray(capabilities, { maxLength: 4, selector: (one) => JSON.stringify(one) })
const sometimes = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined })
const policies = fc.record({ allow: lists, deny: lists })
const roleLines = fc.array(
  fc
    .tuple(capabilities, fc.constantFrom('', ', deny'))
    .map(([{ kind, action, pattern }, effect]) => `p, component:ingest, ${kind}:${action}, "${pattern}"${effect}`),
  { maxLength: 4 },
)
const mounts = fc.subarray([
  mountAt('/data', '/srv/data'),
  mountAt('/data/a', '/srv/other', 'read'),
  mountAt('/etc', '/etc', 'read'),
  mountAt('/', '/srv'),
])

const worlds: fc.Arbitrary<World> = fc
  .record({
    tree: fc.boolean(),
    manifest: sometimes(lists),
    approved: fc.constantFrom('none', 'all', 'narrowed', 'not-yet', 'outdated'),
    pinned: fc.boolean(),
    policy: sometimes(policies),
    past: fc.array(policies, { minLength: 1, maxLength: 3 }),
    edited: fc.boolean(),
    shared: sometimes(policies),
    roles: sometimes(roleLines),
    operator: lists,
    denyFlags: fc.array(capabilities, { maxLength: 1 }),
    mounts,
    variables: fc.subarray(['MODE', 'OTHER']),
  })
  .map(({ tree, manifest, approved, pinned, policy, past, edited, shared, roles, operator, denyFlags, ...world }) => {
    const of = manifest ?? []
    const approvals = {
      all: { of },
      narrowed: { of, narrow: of.slice(1) },
      'not-yet': 'not-yet',
      outdated: { of: [...of, capability('filesystem.execute=/x')] },
    } as const
    return {
      ...world,
      operator,
      ...(manifest === undefined && !tree ? {} : { manifest: of }),
      ...(tree ? { child: 'ingest', pinned } : { denyFlags }),
      ...(tree && approved !== 'none' ? { approved: approvals[approved] } : {}),
      ...(policy === undefined ? {} : { policy }),
      ...(tree && edited && policy !== undefined ? { past } : {}),
      ...(shared === undefined ? {} : { shared }),
      // Role files speak of children.
      ...(roles === undefined || !tree ? {} : { roles }),
    }
  })

const requests: fc.Arbitrary<Request> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...actions), fc.constantFrom(...resources))
      .map(([action, resource]): Request => ({ kind: 'filesystem', action, resource })),
  },
  fc
    .constantFrom('MODE', 'OTHER', 'UNSET')
    .map((resource): Request => ({ kind: 'environment', action: 'read', resource })),
)

describe('whatever the documents say', () => {
  it('an explanation says what is decided, and every remedy, applied, makes the call succeed', async () => {
    let remedied = 0
    await fc.assert(
      fc.asyncProperty(worlds, requests, async (world, request) => {
        const context = await contextOf(world)
        const report = explainRequest(request, context, documentsOf(world))
        const granted = await isGranted(world, request)
        if (report.verdict === 'granted') {
          // A variable may be granted and not set: then there is nothing to read.
          if (request.kind === 'filesystem') expect(granted).toBe(true)
          return
        }
        expect(granted).toBe(false)
        if (report.remedy === undefined) {
          expect(['forbidden', 'mount']).toContain(report.layer)
          if (report.layer === 'mount') {
            const atHome = new Decider(context.table).decide({ ...request, hostPath: request.resource })
            expect(atHome.layer).toBe('forbidden')
          }
          return
        }
        if (report.remedy.note !== undefined) return
        remedied++
        const { once, always } = report.remedy
        expect(always.length).toBeGreaterThan(0)
        expect(await isGranted(applyAll(world, always), request), `always: ${always.join('\n')}`).toBe(true)
        if (once.length > 0) {
          expect(await isGranted(applyAll(world, once), request), `once: ${once.join('\n')}`).toBe(true)
        }
      }),
      { numRuns: 250 },
    )
    expect(remedied).toBeGreaterThan(50)
  })

  it('a request is granted exactly where nothing refuses it', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, requests, async (world, request) => {
        const context = await contextOf(world)
        const refusals = refusalsOf(request, context)
        const granted = await isGranted({ ...world, variables: ['MODE', 'OTHER', 'UNSET'] }, request)
        expect(refusals.length === 0).toBe(granted)
      }),
      { numRuns: 150 },
    )
  })
})
