import { describe, expect, it } from 'vitest'
import { explainContext } from './explain-context.js'
import { joinContext } from './join.js'
import { narrowLimits } from './narrow-limits.js'
import { capability, contextOf, documentsOf, emptyWorld, mountAt, type World } from './world.test.support.js'

const asks = [
  capability('filesystem.read=/data/**'),
  capability('filesystem.write=/data/out/**'),
  capability('environment.read=MODE'),
]
const world: World = {
  ...emptyWorld,
  child: 'ingest',
  mounts: [mountAt('/data', '/srv/data')],
  variables: ['MODE'],
  manifest: asks,
  approved: { of: asks },
}
const report = async (change: Partial<World> = {}) => {
  const changed = { ...world, ...change }
  return explainContext(await contextOf(changed), documentsOf(changed))
}
const inWords = (granted: readonly { kind: string; action: string; pattern: string; extent?: string }[]) =>
  granted.map(({ kind, action, pattern, extent = '' }) => `${kind}.${action}=${pattern} ${extent}`.trim())

describe('explainContext', () => {
  it('says for each grant which rules say so, layer by layer', async () => {
    const policy = {
      allow: [capability('filesystem.read=/data/in/**'), capability('filesystem.read=/data/x')],
      deny: [],
    }
    const { granted, ungranted } = await report({ policy })
    expect(granted).toHaveLength(1)
    expect(granted[0]).toEqual({
      kind: 'filesystem',
      action: 'read',
      pattern: '/data/**',
      extent: 'part',
      from: [
        { layer: 'manifest', pattern: '/data/**', origin: { document: 'Component.toml', line: 6, column: 20 } },
        { layer: 'approval', pattern: '/data/**', origin: { document: 'Component.toml', line: 6, column: 20 } },
        { layer: 'policy', pattern: '/data/in/**', origin: { document: 'ingest.policy.toml', line: 1 } },
        { layer: 'policy', pattern: '/data/x', origin: { document: 'ingest.policy.toml', line: 2 } },
      ],
      except: [],
      optional: false,
    })
    expect(inWords(ungranted)).toEqual(['filesystem.write=/data/out/**', 'environment.read=MODE'])
    expect(ungranted[0]).toMatchObject({ layer: 'policy', reason: 'the policy allows nothing of it', optional: false })
  })

  it('has nothing ungranted where every layer agrees', async () => {
    const { granted, ungranted, roles } = await report()
    expect(inWords(granted)).toEqual(asks.map(({ kind, action, pattern }) => `${kind}.${action}=${pattern} whole`))
    expect(ungranted).toEqual([])
    expect(roles).toBeUndefined()
  })

  it('counts nothing as granted that two layers allow at different places', async () => {
    const narrow = [capability('filesystem.read=/data/a/**')]
    const policy = { allow: [capability('filesystem.read=/data/b/**')], deny: [] }
    const { granted, ungranted } = await report({ approved: { of: asks, narrow }, policy })
    expect(inWords(granted)).toEqual([])
    expect(ungranted[0]).toMatchObject({ pattern: '/data/**', layer: 'approval' })
  })

  it('says what is left of an action that implies another', async () => {
    const { granted, ungranted } = await report({
      policy: { allow: [capability('filesystem.create=/data/**')], deny: [] },
    })
    expect(inWords(granted)).toEqual(['filesystem.create=/data/out/** whole'])
    expect(inWords(ungranted)).toContain('filesystem.write=/data/out/**')
  })

  it('lists deny rules, and what they take out', async () => {
    const policy = { allow: asks, deny: [capability('filesystem.read=/data/secret/**')] }
    const roles = ['p, component:ingest, filesystem:*, /**', 'p, component:ingest, filesystem:read, /data/own, deny']
    const {
      granted,
      ungranted,
      denied,
      roles: told,
    } = await report({
      policy,
      shared: { allow: [], deny: [capability('filesystem.write=/**')] },
      roles,
    })
    expect(denied.map(({ action, rule }) => `${action} ${rule.pattern} ${rule.origin.document}`)).toEqual([
      'read /data/secret/** ingest.policy.toml',
      'write /** shared.policy.toml',
    ])
    const [read] = granted
    expect(read?.extent).toBe('whole')
    expect(read?.except.map(({ layer, pattern }) => `${layer} ${pattern}`)).toEqual([
      'deny /data/secret/**',
      'role /data/own',
    ])
    expect(ungranted.map(({ layer, action }) => `${action} ${layer}`)).toEqual(['write deny', 'read role'])
    expect(told?.deny).toEqual([
      { kind: 'filesystem', action: 'read', rule: { layer: 'role', pattern: '/data/own', origin: expect.anything() } },
    ])
    expect(told?.allow.length).toBeGreaterThan(1)
  })

  it('lists operator grants apart, with who gave them, also what a deny rule makes idle', async () => {
    const context = await contextOf({
      ...world,
      policy: { allow: asks, deny: [capability('filesystem.read=/data/no')] },
    })
    const origin = { document: 'operator grant' }
    const operator = [
      { ...capability('filesystem.read=/etc/hosts'), origin, grantedBy: 'ann', expiresAt: 1000, reason: 'for a look' },
      { ...capability('filesystem.read=/data/no'), origin },
      { ...capability('filesystem.delete=/data/x'), origin },
    ]
    const { granted, ungranted } = explainContext(joinContext({ ...context.parts, operator }), { child: 'ingest' })
    expect(granted.filter((one) => one.operator !== undefined)).toMatchObject([
      {
        pattern: '/etc/hosts',
        from: [{ layer: 'operator', pattern: '/etc/hosts', origin }],
        operator: { grantedBy: 'ann', expiresAt: 1000, reason: 'for a look' },
        note: 'nothing is mounted there',
      },
      { pattern: '/data/x', operator: { grantedBy: 'the operator' } },
    ])
    expect(ungranted).toMatchObject([
      { pattern: '/data/no', layer: 'deny', reason: 'denied: `/data/no` (ingest.policy.toml:1)' },
    ])
  })

  it('shows a declared pattern that only an operator covers with the operator as its source', async () => {
    const { granted } = await report({ policy: { allow: [], deny: [] }, operator: [capability('filesystem.read=/**')] })
    expect(granted[0]).toMatchObject({
      pattern: '/data/**',
      extent: 'whole',
      from: [{ layer: 'operator', pattern: '/**' }],
    })
  })

  it('tells the limits of what is granted: the narrowest over the layers, none with an operator grant', async () => {
    const policy = { allow: asks, deny: [], maxFileSize: '1MiB' }
    const limitsOf = async (change: Partial<World>) =>
      (await report(change)).granted.find(({ action }) => action === 'write')?.limits
    expect(await limitsOf({ policy })).toEqual({ maxFileSizeBytes: 1024 ** 2 })
    expect(await limitsOf({ policy, operator: [capability('filesystem.write=/**')] })).toBeUndefined()
    const context = await contextOf({ ...world, manifest: [], approved: { of: [] } })
    const grant = { ...capability('network.connect=a.example:443'), origin: { document: 'd' } }
    const limited = [
      { ...grant, pattern: '*:443', limits: { connections: 8 } },
      { ...grant, limits: { connections: 2 } },
    ]
    const layers = [{ layer: 'manifest', grants: [grant] } as const]
    const networked = joinContext({ ...context.parts, layers, approval: [grant], policy: limited })
    expect(explainContext(networked, {}).granted).toMatchObject([{ limits: { connections: 8 } }])
  })

  it('says of what is granted whether anything is there', async () => {
    const notes = async (mounts: World['mounts']) => (await report({ mounts })).granted.map(({ note }) => note)
    expect(await notes([])).toEqual(['nothing is mounted there', 'nothing is mounted there', undefined])
    expect(await notes([mountAt('/data', '/srv', 'read')])).toEqual([
      undefined,
      '`/data` is mounted for reading only',
      undefined,
    ])
    expect(await notes([mountAt('/', '/srv')])).toEqual([undefined, undefined, undefined])
  })

  it('hands on the words of the author, and what is known of trust, limits and mounts', async () => {
    const context = await contextOf({ ...world, policy: { allow: [], deny: [] } })
    const { layers } = context.parts
    const spoken = layers.map((one) => ({
      ...one,
      grants: one.grants.map((grant) => ({ ...grant, optional: true, why: 'to see\u001b[2J' })),
    }))
    const narrowed = narrowLimits([{ document: 'bulkhead.toml', limits: { cpuPercent: 50, deadlineMs: 10 } }])
    const told = explainContext(joinContext({ ...context.parts, layers: spoken, narrowed }), {})
    expect(told).toMatchObject({
      principal: 'component:ingest',
      componentId: 'ingest',
      policyVersion: 1,
      trust: 'unknown',
      approval: 'approved',
      mounts: [{ guest: '/data', host: '/srv/data', mode: 'write' }],
    })
    expect(told.ungranted[0]).toMatchObject({ optional: true, why: 'to see\u001b[2J' })
    expect(told.limits).toEqual([
      { name: 'memoryBytes', value: 64 * 1024 ** 2, document: 'default' },
      { name: 'cpuPercent', value: 50, document: 'bulkhead.toml' },
      { name: 'handles', value: 256, document: 'default' },
      { name: 'messagesPerHour', value: 3_600_000, document: 'default' },
      { name: 'logBytesPerHour', value: 235_929_600, document: 'default' },
      { name: 'storageBytes', value: 104_857_600, document: 'default' },
      { name: 'networkBytesPerHour', value: 37_748_736_000, document: 'default' },
      { name: 'deadlineMs', value: 10, document: 'bulkhead.toml' },
    ])
  })

  it('is plain JSON, also of a run of exec without any document', async () => {
    const { standing: _standing, ...parts } = (await contextOf(emptyWorld)).parts
    const told = explainContext(joinContext(parts), {})
    expect(told).not.toHaveProperty('trust')
    expect(JSON.parse(JSON.stringify(told))).toEqual(told)
    expect(told.limits.map(({ name, value }) => `${name} ${value}`)).toEqual([
      'memoryBytes 1',
      'cpuPercent 100',
      'handles 1',
      'messagesPerHour 3600000',
      'logBytesPerHour 235929600',
      'storageBytes 104857600',
      'networkBytesPerHour 37748736000',
    ])
  })
})
