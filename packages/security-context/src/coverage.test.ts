import { type Capability, compilePathPattern, Decider } from '@bulkhead/capability'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actionsAllowedBy, coverageOf } from './coverage.js'
import { joinContext } from './join.js'
import { missingRequirements } from './missing-requirements.js'
import { withHostPath } from './refusals.js'
import { applyAll, capability, contextOf, documentsOf, emptyWorld, mountAt, type World } from './world.test.support.js'

const patterns = ['/data/**', '/data/a', '/data/*', '/data/a/**', '/data/b/**', '/**', '/etc/shadow', '/data/[ab]/x']
const capabilities = fc
  .tuple(fc.constantFrom('read', 'write', 'create'), fc.constantFrom(...patterns))
  .map(([action, pattern]): Capability => capability(`filesystem.${action}=${pattern}`))
const lists = fc.uniqueArray(capabilities, { maxLength: 4, selector: (one) => JSON.stringify(one) })
const sometimes = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined, freq: 2 })
const policies = fc.record({ allow: lists, deny: lists })
const mounts = [mountAt('/', '/')]

const worlds: fc.Arbitrary<World> = fc
  .record({
    manifest: lists,
    narrow: sometimes(lists),
    policy: sometimes(policies),
    shared: sometimes(policies),
    roles: sometimes(
      fc.array(
        fc
          .tuple(capabilities, fc.constantFrom('', ', deny'))
          .map(([{ action, pattern }, effect]) => `p, component:ingest, filesystem:${action}, ${pattern}${effect}`),
        { maxLength: 4 },
      ),
    ),
  })
  .map(({ manifest, narrow, policy, shared, roles }) => ({
    ...emptyWorld,
    child: 'ingest',
    mounts,
    manifest,
    approved: narrow === undefined ? { of: manifest } : { of: manifest, narrow },
    ...(policy === undefined ? {} : { policy }),
    ...(shared === undefined ? {} : { shared }),
    ...(roles === undefined ? {} : { roles }),
  }))

const paths = ['/data', '/data/a', '/data/a/x', '/data/b', '/data/b/x', '/data/c/x/y', '/etc/shadow', '/etc/hosts', '/']

describe('coverageOf', () => {
  it('finds nothing left exactly where nothing that it matches is granted, and no gap only where all is', async () => {
    let none = 0
    let whole = 0
    await fc.assert(
      fc.asyncProperty(worlds, fc.nat(3), async (world, index) => {
        const wanted = world.manifest?.[index]
        if (wanted === undefined) return
        const context = await contextOf(world)
        const { gaps, refusals } = coverageOf(wanted, context.parts)
        const decider = new Decider(context.table)
        const decisions = paths
          .filter((path) => compilePathPattern(wanted.pattern).matches(path))
          .map((resource) => decider.decide(withHostPath({ ...wanted, resource }, context)))
        if (refusals.length > 0) {
          none++
          expect(decisions.filter(({ verdict }) => verdict === 'granted')).toEqual([])
        }
        if (gaps.length === 0) {
          whole++
          const byLayer = decisions.filter((one) => one.verdict === 'denied' && !('rule' in one))
          // Narrower deny rules take something out; each of them is named.
          expect(byLayer).toEqual([])
        }
        expect(gaps.length === 0 && refusals.length > 0).toBe(false)
      }),
      { numRuns: 400 },
    )
    expect(Math.min(none, whole)).toBeGreaterThan(10)
  })

  it('knows what an action implies', async () => {
    const { parts } = await contextOf(emptyWorld)
    const actions = (text: string) => actionsAllowedBy(capability(text), parts).map(({ action }) => action)
    expect(actions('filesystem.write=/a')).toEqual(['write', 'create'])
    expect(actions('filesystem.read=/a')).toEqual(['read'])
    expect(actions('network.connect=a.example:443')).toEqual(['connect', 'resolve'])
  })
})

describe('missingRequirements', () => {
  const missingOf = async (world: World) => missingRequirements(await contextOf(world), documentsOf(world))
  const tree = (world: Partial<World>): World => ({ ...emptyWorld, child: 'ingest', mounts, ...world })
  const asks = [capability('filesystem.read=/data/**')]

  it('has none where every layer covers what is asked', async () => {
    const policy = { allow: [capability('filesystem.read=/**')], deny: [] }
    const roles = ['p, component:ingest, filesystem:*, /data/**']
    expect(await missingOf(tree({ manifest: asks, approved: { of: asks }, policy, roles }))).toEqual([])
    expect(await missingOf({ ...emptyWorld, manifest: asks })).toEqual([])
    expect(await missingOf(emptyWorld)).toEqual([])
  })

  it('names the first layer that does not, why, and what would', async () => {
    const policy = { allow: [capability('filesystem.read=/data/in/**')], deny: [] }
    expect(await missingOf(tree({ manifest: asks, approved: { of: asks }, policy }))).toEqual([
      {
        ...asks[0],
        origin: { document: 'Component.toml', line: 6, column: 20 },
        layer: 'policy',
        reason: 'the policy allows only a part of it: `/data/in/**`',
        remedy: {
          once: ["bulkhead grant ingest 'filesystem.read=/data/**'"],
          always: [
            'filesystem.read = ["/data/**"] under [allow] in ingest.policy.toml:1',
            'bulkhead policy update ingest ingest.policy.toml',
          ],
        },
      },
    ])
  })

  it('counts an operator grant', async () => {
    const world = tree({ manifest: asks, approved: { of: asks }, policy: { allow: [], deny: [] } })
    expect(await missingOf({ ...world, operator: [capability('filesystem.read=/**')] })).toEqual([])
    expect(await missingOf({ ...world, operator: [capability('filesystem.read=/data')] })).toHaveLength(1)
  })

  it.each([
    [
      'deny',
      { policy: { allow: asks, deny: [capability('filesystem.read=/**')] } },
      'denied: `/**` (ingest.policy.toml:1)',
    ],
    ['deny', { shared: { allow: [], deny: asks } }, 'denied: `/data/**` (shared.policy.toml:1)'],
    ['role', { roles: [] }, 'the role file allows nothing of it'],
    [
      'role',
      { roles: ['p, component:ingest, filesystem:read, /**', 'p, component:ingest, filesystem:read, /**, deny'] },
      'a role denies it: `/**` (roles.csv:2)',
    ],
    ['approval', { approved: 'not-yet' }, 'the approval allows nothing of it'],
  ] as const)('is refused by %s', async (layer, world, reason) => {
    const [missing, ...others] = await missingOf(tree({ manifest: asks, approved: { of: asks }, ...world }))
    expect(others).toEqual([])
    expect(missing).toMatchObject({ layer, reason })
    expect(missing?.remedy?.always).not.toEqual([])
  })

  it('does not take a narrower deny rule for a missing grant', async () => {
    const policy = { allow: asks, deny: [capability('filesystem.read=/data/secret/**')] }
    expect(await missingOf(tree({ manifest: asks, approved: { of: asks }, policy }))).toEqual([])
  })

  it('has no remedy for what is forbidden on the host', async () => {
    const asked = [capability('filesystem.read=/host/etc/shadow')]
    const world = { ...emptyWorld, child: 'ingest', manifest: asked, approved: { of: asked } }
    const [missing] = await missingOf({ ...world, mounts: [mountAt('/host', '/')] })
    expect(missing).toMatchObject({ layer: 'forbidden', reason: 'the forbidden list allows nothing of it' })
    expect(missing).not.toHaveProperty('remedy')
    // What lies behind the name is another file.
    expect(await missingOf({ ...world, mounts: [mountAt('/host', '/srv')] })).toEqual([])
    expect(await missingOf({ ...world, mounts: [mountAt('/host', '/'), mountAt('/host/etc', '/srv')] })).toEqual([])
  })

  it('refuses what nothing may ever reach, whatever the layers say', async () => {
    const asked = [capability('network.connect=169.254.169.254:80'), capability('network.connect=10.0.0.1:80')]
    const world = { ...emptyWorld, manifest: asked, operator: asked }
    expect((await missingOf(world)).map(({ pattern }) => pattern)).toEqual(['169.254.169.254:80'])
  })

  it('goes back to the version before a rule that revoke made', async () => {
    const deny = [capability('filesystem.read=/**')]
    const past = [
      { allow: [], deny: [] },
      { allow: asks, deny: [] },
    ]
    const world = tree({ manifest: asks, approved: { of: asks }, policy: { allow: asks, deny }, past })
    const [missing] = await missingOf(world)
    expect(missing?.remedy?.always).toEqual(['bulkhead policy rollback ingest 1'])
    expect(await missingOf(applyAll(world, missing?.remedy?.always ?? []))).toEqual([])
  })

  it('hands on the words of the author', async () => {
    const { parts } = await contextOf(tree({ approved: { of: [] } }))
    const grant = { ...capability('filesystem.read=/data/**'), origin: { document: 'd' }, why: 'drops' }
    const layers = [{ layer: 'manifest', grants: [grant] } as const]
    expect(missingRequirements(joinContext({ ...parts, layers }), {})).toMatchObject([{ why: 'drops' }])
    const optional = [{ layer: 'manifest', grants: [{ ...grant, optional: true }] } as const]
    expect(missingRequirements(joinContext({ ...parts, layers: optional }), {})).toEqual([])
  })

  it('tells of a ceiling that no grant lifts it', async () => {
    const context = await contextOf({ ...emptyWorld, child: 'ingest', manifest: asks })
    const capped = { ...context.parts, layers: [...context.parts.layers, { layer: 'ceiling', grants: [] } as const] }
    const [missing] = missingRequirements({ ...context, parts: capped }, { child: 'ingest' })
    expect(missing).toMatchObject({ layer: 'ceiling', remedy: { once: [], always: [], note: expect.any(String) } })
  })

  it('whatever the documents say, each remedy ends its requirement', async () => {
    let remedied = 0
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        for (const { kind, action, pattern, remedy } of await missingOf(world)) {
          if (remedy === undefined) continue
          remedied++
          const still = async (after: World) =>
            (await missingOf(after)).filter(
              (one) => one.kind === kind && one.action === action && one.pattern === pattern,
            )
          expect(await still(applyAll(world, remedy.always)), remedy.always.join('\n')).toEqual([])
          if (remedy.once.length > 0)
            expect(await still(applyAll(world, remedy.once)), remedy.once.join('\n')).toEqual([])
        }
      }),
      { numRuns: 100 },
    )
    expect(remedied).toBeGreaterThan(20)
  })
})
