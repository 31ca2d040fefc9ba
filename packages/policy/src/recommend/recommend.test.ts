import { defineKinds, type Grant, kindNamed } from '@bulkhead/capability'
import type { CustomAction } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../document/parse-policy.js'
import { AccessTally } from './access-tally.js'
import { confidenceOf } from './confidence.js'
import { unusedRoundsMax } from './limits.js'
import { type ObservedAccess, observedAccess } from './observed-access.js'
import { type RecommendInput, recommend } from './recommend.js'
import { componentId, deciderOf, origin, patternsOf, read, refusedBy, rule, tableOf } from './recommend.test.support.js'

const hour = 3_600_000

function recommended(accesses: RecommendInput['accesses'], others: Partial<RecommendInput> = {}) {
  return recommend({ componentId, accesses, present: { allow: [] }, ...others })
}

function at(access: ObservedAccess, time: number): ObservedAccess {
  return { ...access, time }
}

describe('a line', () => {
  it('says what it is there for', () => {
    const accesses = [
      { ...at(read('/data/in/a'), 5 * hour), count: 7 },
      at(read('/data/in/a'), hour),
      at(read('/data/in/a'), 9 * hour),
    ]
    expect(recommended(accesses).lines).toEqual([
      {
        grant: { kind: 'filesystem', action: 'read', pattern: '/data/in/a', origin: { document: 'recommendation' } },
        covers: 9,
        resources: 1,
        confidence: 0.59,
        reason: 'used 9 times',
        examples: ['/data/in/a'],
        firstSeen: hour,
        lastSeen: 9 * hour,
        widens: true,
      },
    ])
  })

  it('has no instants where the accesses have none', () => {
    expect(Object.keys(recommended([read('/a')]).lines[0] ?? {})).not.toContain('firstSeen')
  })

  it('says whether it allows more than what is granted now', () => {
    const present = { allow: [rule('filesystem', 'read', '/data/in/[abc]')] }
    const accesses = ['a', 'b', 'c'].map((name) => read(`/data/in/${name}`))
    expect(recommended(accesses, { present }).lines.map(({ widens }) => widens)).toEqual([false, false, false])
    expect(recommended(accesses, { present, generalise: 'siblings' }).lines).toMatchObject([
      { widens: true, resources: 3, examples: ['/data/in/a', '/data/in/b', '/data/in/c'] },
    ])
  })

  it('is the narrower action where only that was used', () => {
    const present = { allow: [rule('filesystem', 'write', '/data/**')] }
    const created = { ...read('/data/a'), action: 'create' as const }
    const { lines, diff } = recommended([created], { present })
    expect(lines.map(({ grant }) => [grant.action, grant.pattern])).toEqual([['create', '/data/a']])
    expect(diff.removed).toEqual(present.allow)
    const written = { ...read('/data/a'), action: 'write' as const }
    expect(recommended([created, written], { present }).lines.map(({ grant }) => grant.action)).toEqual(['write'])
  })

  it('for creating is left out where a wildcard for writing covers it', () => {
    const written = ['a', 'b', 'c'].map((name) => ({ ...read(`/out/${name}`), action: 'write' as const }))
    const created = ['a', 'z'].map((name) => ({ ...read(`/out/${name}`), action: 'create' as const }))
    expect(patternsOf(recommended([...written, ...created], { generalise: 'siblings' }))).toEqual(['/out/*'])
    const more = ['x', 'y', 'z'].map((name) => ({ ...read(`/out/${name}`), action: 'create' as const }))
    expect(patternsOf(recommended([...written, ...more], { generalise: 'siblings' }))).toEqual(['/out/*'])
    const below = ['x', 'y', 'z'].map((name) => ({ ...read(`/out/deep/${name}`), action: 'create' as const }))
    const deeper = { ...read('/out/b/c'), action: 'write' as const }
    expect(patternsOf(recommended([...written, deeper, ...below], { generalise: 'directories' }))).toEqual(['/out/**'])
    const elsewhere = { ...read('/other/z'), action: 'create' as const }
    expect(patternsOf(recommended([...written, elsewhere], { generalise: 'siblings' }))).toEqual(['/out/*', '/other/z'])
  })

  it('keeps the limits under which its accesses were granted', () => {
    const limited: Grant = { ...rule('filesystem', 'write', '/out/**'), limits: { maxFileSizeBytes: 1024 } }
    const present = { allow: [limited, rule('filesystem', 'write', '/out/free')] }
    const accesses = ['a', 'b', 'c', 'free'].map((name) => ({ ...read(`/out/${name}`), action: 'write' as const }))
    const { lines, diff } = recommended(accesses, { present })
    expect(lines.map(({ grant }) => [grant.pattern, grant.limits?.maxFileSizeBytes])).toEqual([
      ['/out/a', 1024],
      ['/out/b', 1024],
      ['/out/c', 1024],
      ['/out/free', undefined],
    ])
    expect(diff.kept.map(({ pattern }) => pattern)).toEqual(['/out/free'])
    // What is under another limit is no reason to stretch this one, and nothing that it may stretch over.
    expect(recommended(accesses, { present, generalise: 'siblings' }).lines).toHaveLength(4)
    expect(recommended(accesses.slice(0, 3), { present, generalise: 'siblings' }).lines).toMatchObject([
      { grant: { pattern: '/out/*', limits: { maxFileSizeBytes: 1024 } }, widens: false },
    ])
  })

  it('for resolving has no limit, whatever the rule that implied it', () => {
    const present = { allow: [{ ...rule('network', 'connect', '*.example.com:443'), limits: { connections: 2 } }] }
    const resolved = { ...read('a.example.com'), kind: 'network', action: 'resolve' } as const
    expect(recommended([resolved], { present }).lines).toMatchObject([{ grant: { action: 'resolve' } }])
    const connected = { ...read('a.example.com:443'), kind: 'network', action: 'connect' } as const
    expect(recommended([connected], { present }).lines[0]?.grant.limits).toEqual({ connections: 2 })
  })
})

describe('confidence', () => {
  it('grows with uses, with time, and for a wildcard with the names that it stands for', () => {
    expect(confidenceOf('exact', { covers: 1, resources: 1, spanMs: 0 })).toBe(0.27)
    expect(confidenceOf('exact', { covers: 64, resources: 1, spanMs: 0 })).toBe(0.6)
    expect(confidenceOf('exact', { covers: 1000, resources: 1, spanMs: 168 * hour })).toBe(1)
    expect(confidenceOf('siblings', { covers: 1000, resources: 3, spanMs: 500 * hour })).toBe(0.67)
    expect(confidenceOf('siblings', { covers: 1000, resources: 10, spanMs: 500 * hour })).toBe(0.9)
  })
})

describe('names that no pattern can say', () => {
  const store = (resource: string): ObservedAccess => ({ ...read(resource), kind: 'storage', action: 'read' })

  it('keep the rule that allowed them', () => {
    const present = { allow: [rule('storage', 'read', 'self:*'), rule('storage', 'read', 'shared:*')] }
    const result = recommended([store('self:a*b'), store('self:c'), store('self:d*')], { present })
    expect(patternsOf(result)).toEqual(['self:*', 'self:c'])
    expect(result.lines[0]).toMatchObject({
      widens: false,
      covers: 2,
      reason: expect.stringContaining('the rule in force stays'),
    })
    expect(result.unused.map(({ pattern }) => pattern)).toEqual(['shared:*'])
    expect(result.notes).toEqual([])
  })

  it('are said not to be covered where there is no such rule', () => {
    const odd: readonly ObservedAccess[] = [
      store('self:a::b'),
      read('/a\u0007b'),
      { ...read('10.0.0.256:80'), kind: 'network', action: 'connect' },
      { ...read('A*'), kind: 'environment' },
      { ...read('a..b'), kind: 'messaging', action: 'publish' },
      { ...read('x'), kind: 'gone' as ObservedAccess['kind'] },
      { ...read('/x'), action: 'gone' as CustomAction },
    ]
    const result = recommended([...odd, read('/a')])
    expect(patternsOf(result)).toEqual(['/a'])
    expect(result.notes).toEqual(['7 names that were used cannot be written as a pattern and are not covered'])
  })

  it('may be cut short by the log, which tells of the rule', () => {
    const cut = { ...read(`/data/${'x'.repeat(1015)}…`), rule: '/data/**' }
    const present = { allow: [rule('filesystem', 'write', '/data/**'), rule('filesystem', 'read', '/data/**')] }
    expect(recommended([cut], { present }).lines).toMatchObject([{ grant: { action: 'read', pattern: '/data/**' } }])
    expect(recommended([cut], { present: { allow: present.allow.slice(0, 1) } }).lines).toMatchObject([
      { grant: { action: 'write', pattern: '/data/**' } },
    ])
    const limited = { ...rule('filesystem', 'write', '/data/**'), limits: { maxFileSizeBytes: 7 } }
    const { lines } = recommended([{ ...cut, action: 'write' }], { present: { allow: [limited] } })
    expect(lines).toMatchObject([{ grant: { limits: { maxFileSizeBytes: 7 } }, widens: false }])
    expect(recommended([cut]).notes).toHaveLength(1)
    expect(patternsOf(recommended([read('/data/short…')]))).toEqual(['/data/short…'])
  })
})

describe('what is wanted', () => {
  const denied = (
    ['manifest', 'approval', 'policy', 'mount', 'deny', 'forbidden', 'role', 'ceiling', 'error'] as const
  ).map((layer) => refusedBy(layer, `/x/${layer}`))
  const { layer: _, ...unlayered } = refusedBy('manifest', '/x/unlayered')

  it('is what was granted', () => {
    expect(patternsOf(recommended([read('/a'), ...denied, unlayered]))).toEqual(['/a'])
  })

  it('may be what a grant would have allowed too, never what only another layer can', () => {
    const result = recommended([read('/a'), ...denied, unlayered], { wanted: 'granted-and-denied' })
    expect(patternsOf(result)).toEqual(['/a', '/x/approval', '/x/manifest', '/x/mount', '/x/policy', '/x/unlayered'])
    expect(result.lines[1]?.reason).toBe('asked for once, refused so far')
  })

  it('counts both verdicts of a name', () => {
    const accesses = [{ ...refusedBy('policy', '/x/a'), count: 2 }, read('/x/b'), refusedBy('policy', '/x/c')]
    expect(recommended(accesses, { wanted: 'granted-and-denied', generalise: 'siblings' }).lines).toMatchObject([
      { reason: 'used once, refused 3 times: 3 names that differ in the last part only' },
    ])
  })

  it('is not what was revoked since', () => {
    expect(patternsOf(recommended([read('/a'), refusedBy('policy', '/a'), read('/b')]))).toEqual(['/b'])
    expect(patternsOf(recommended([read('/a'), refusedBy('os', '/a')]))).toEqual(['/a'])
    const wanted = 'granted-and-denied'
    expect(patternsOf(recommended([refusedBy('policy', '/a'), refusedBy('deny', '/a')], { wanted }))).toEqual([])
    expect(patternsOf(recommended([read('/a'), refusedBy('deny', '/a')], { wanted }))).toEqual([])
  })

  it('is what was allowed since', () => {
    const result = recommended([refusedBy('policy', '/d/a'), ...['a', 'b', 'c'].map((name) => read(`/d/${name}`))], {
      generalise: 'siblings',
    })
    expect(patternsOf(result)).toEqual(['/d/*'])
    expect(result.denied).toHaveLength(1)
  })
})

describe('rules in force', () => {
  it('are unused when no access needs or matches them', () => {
    const allow = ['/data/**', '/data/in/*', '/data/in/a', '/data/out/**', '/data/in/?'].map((pattern) =>
      rule('filesystem', 'read', pattern),
    )
    const unused = recommended([read('/data/in/a')], { present: { allow } }).unused
    expect(unused).toEqual([allow[3]])
    expect(unused[0]?.origin).toEqual(origin)
    expect(recommended([refusedBy('policy', '/data/in/a')], { present: { allow } }).unused).toEqual(allow)
  })

  it('are unused alike when they lie in one another, however deep', () => {
    const nested = Array.from({ length: 3 * unusedRoundsMax }, (_, at) => `/**${'/*'.repeat(at)}/**`)
    const allow = [...nested, '/data/out/**', '/never/*'].map((pattern) => rule('filesystem', 'read', pattern))
    const deep = read(`/data/in${'/a'.repeat(4 * unusedRoundsMax)}`)
    expect(recommended([read('/data/in'), deep], { present: { allow } }).unused).toEqual(allow.slice(-2))
  })

  it('are kept, removed, or added to', () => {
    const allow = [rule('filesystem', 'read', '/a'), rule('filesystem', 'read', '/z')]
    const { diff } = recommended([read('/a'), read('/b')], { present: { allow } })
    expect(diff).toMatchObject({
      added: [{ pattern: '/b' }],
      removed: [{ pattern: '/z', origin }],
      kept: [{ pattern: '/a' }],
    })
  })
})

describe('denials', () => {
  it('are grouped by what refused them, the most frequent first', () => {
    const { denied } = recommended([
      refusedBy('deny', '/s/a'),
      { ...refusedBy('policy', '/p/a'), count: 5 },
      ...['b', 'c', 'd'].map((name) => refusedBy('policy', `/p/${name}`)),
      { ...refusedBy('deny', '/s/a'), rule: '/s/**' },
      { ...refusedBy('manifest', '/m'), action: 'write' },
    ])
    expect(denied).toMatchObject([
      { action: 'read', layer: 'policy', count: 8, resources: 4, examples: ['/p/a', '/p/b', '/p/c'], grantHelps: true },
      { action: 'read', layer: 'deny', count: 2, resources: 1, rule: '/s/**', grantHelps: false },
      { action: 'write', layer: 'manifest', count: 1, resources: 1, grantHelps: true },
    ])
  })

  it.each([
    ['manifest', true],
    ['approval', true],
    ['policy', true],
    ['operator', true],
    ['ceiling', true],
    ['reduction', true],
    ['forbidden', false],
    ['deny', false],
    ['role', false],
    ['mount', false],
    ['os', false],
    ['quota', false],
    ['error', false],
  ] as const)('of the layer `%s` say whether a grant helps (%s), and what does', (layer, grantHelps) => {
    const [group] = recommended([refusedBy(layer, '/a')]).denied
    expect(group).toMatchObject({ layer, grantHelps, remedy: expect.stringMatching(/\w/) })
  })

  it('without a layer are taken for want of a grant', () => {
    const { layer: _, ...unlayered } = refusedBy('manifest', '/a')
    expect(recommended([unlayered]).denied).toMatchObject([{ grantHelps: true }])
  })

  it('are no probes', () => {
    const probe = { ...refusedBy('manifest', '/a'), probe: true, count: 3 }
    expect(recommended([probe])).toMatchObject({ probes: 3, denied: [], lines: [] })
  })
})

describe('what was observed', () => {
  it('is of the present digest alone', () => {
    const accesses = [
      at({ ...read('/a'), digest: 'sha256:now' }, 3),
      at({ ...read('/b'), digest: 'sha256:old' }, 1),
      at({ ...read('/c'), digest: 'sha256:old' }, 9),
      { ...read('/d'), count: 4 },
    ]
    const result = recommended(accesses, { digest: 'sha256:now' })
    expect(patternsOf(result)).toEqual(['/a', '/d'])
    expect(result.observed).toEqual({
      records: 2,
      accesses: 5,
      from: 3,
      to: 3,
      digest: 'sha256:now',
      leftOut: [{ digest: 'sha256:old', records: 2 }],
      uncounted: 0,
    })
    expect(result.notes).toEqual(['2 records of sha256:old were left out'])
    expect(patternsOf(recommended(accesses))).toEqual(['/a', '/b', '/c', '/d'])
  })

  it('tells only so many other digests apart', () => {
    const tally = new AccessTally({ digest: 'now' })
    for (let n = 0; n < 20; n++) tally.add({ ...read('/a'), digest: `old-${n}` })
    expect(tally.observed.leftOut).toHaveLength(17)
    expect(tally.observed.leftOut.at(-1)).toEqual({ digest: 'other', records: 4 })
  })

  it('is bounded, and says so', () => {
    const tally = new AccessTally()
    for (let n = 0; n <= 100_000; n++) tally.add({ ...read(`/data/in/${n}`), verdict: 'denied', layer: 'deny' })
    tally.add(refusedBy('deny', '/data/in/7'))
    const result = recommended(tally)
    expect(result.observed).toMatchObject({ records: 100_002, uncounted: 1 })
    expect(result.notes).toEqual([
      '1 records were not looked at: there are too many distinct names; the policy may be too narrow',
    ])
    expect(result.denied).toMatchObject([{ count: 100_001, resources: 100_000 }])
  })

  it('may be nothing: then nothing is recommended', () => {
    const result = recommended([])
    expect(result).toMatchObject({ lines: [], notes: ['nothing was observed: this recommends to grant nothing'] })
    expect(result.text).toBe('[allow]\n# nothing was used\n')
    expect(parsePolicy(result.text, { file: 'p.toml', componentId }).allow).toEqual([])
  })

  it('is read from the audit log', () => {
    const record = {
      v: 1,
      seq: 7,
      time: '2024-05-17T10:00:00.000Z',
      event: 'access-granted',
      kind: 'filesystem',
      action: 'read',
      resource: '/a',
      verdict: 'granted',
      layer: 'manifest',
      rule: '/**',
      count: 2,
      digest: 'sha256:x',
      probe: false,
    } as const
    expect(observedAccess(record)).toEqual({
      kind: 'filesystem',
      action: 'read',
      resource: '/a',
      verdict: 'granted',
      layer: 'manifest',
      rule: '/**',
      count: 2,
      digest: 'sha256:x',
      probe: false,
      time: Date.UTC(2024, 4, 17, 10),
    })
    expect(observedAccess({ time: record.time, event: 'access-denied', kind: 'filesystem' })).toBeUndefined()
    expect(observedAccess({ ...record, event: 'permission-granted' })).toBeUndefined()
    const { layer, rule: _, count, digest, probe, ...least } = record
    expect(Object.keys(observedAccess(least) ?? {})).toEqual(['kind', 'action', 'resource', 'verdict', 'time'])
  })
})

describe('the recommended document', () => {
  const limited: Grant = { ...rule('filesystem', 'write', '/out/**'), limits: { maxFileSizeBytes: 10 * 1024 ** 2 } }
  const connecting: Grant = { ...rule('network', 'connect', 'https://*.example.com'), limits: { connections: 8 } }

  it('is native, in order, with reasons', () => {
    const present = { allow: [limited, connecting, rule('filesystem', 'read', '/**')] }
    const { text } = recommended(
      [
        { ...read('https://a.example.com:443'), kind: 'network', action: 'connect' },
        { ...read('/out/b'), action: 'write' },
        read('/z'),
        read('/a"\\'),
      ],
      { present },
    )
    expect(text).toBe(
      [
        '[allow]',
        'filesystem.read = [',
        '  # used once; confidence 0.27',
        '  "/a\\"[\\\\]",',
        '  # used once; confidence 0.27',
        '  "/z",',
        ']',
        'filesystem.write = [',
        '  # used once; confidence 0.27',
        '  { pattern = "/out/b", max_file_size = "10MiB" },',
        ']',
        'network.connect = [',
        '  # used once; confidence 0.27',
        '  { pattern = "https://a.example.com", connections = 8 },',
        ']',
        '',
      ].join('\n'),
    )
    const { allow } = parsePolicy(text, { file: 'p.toml', componentId })
    const decider = deciderOf({ layers: [{ layer: 'policy', grants: allow }] })
    expect(decider.decide({ kind: 'filesystem', action: 'read', resource: '/a"\\' }).verdict).toBe('granted')
  })

  it('keeps all of the policy in force but what it allows', () => {
    const before = parsePolicy(
      [
        'description = "ingest"',
        '[allow]',
        'filesystem.read = ["/**"]',
        '[deny]',
        'filesystem.read = ["/secret/**"]',
        '[limits]',
        'memory = "64MiB"',
      ].join('\n'),
      { file: 'p.toml', componentId },
    )
    const { text } = recommended([read('/a')], { present: { allow: before.allow, deny: before.deny, policy: before } })
    const after = parsePolicy(text, { file: 'p.toml', componentId })
    expect(after.allow.map(({ pattern }) => pattern)).toEqual(['/a'])
    expect(after.deny.map(({ pattern }) => pattern)).toEqual(['/secret/**'])
    expect(after).toMatchObject({ description: 'ingest', limits: { memoryBytes: 64 * 1024 ** 2 } })
  })

  it('says when it is more than a policy can hold', () => {
    const accesses = Array.from({ length: 4001 }, (_, n) => read(`/data/${n % 2}/${n}`))
    expect(recommended(accesses).notes).toEqual(['4001 rules are more than one policy can hold: generalise further'])
    expect(recommended(accesses.slice(1)).notes).toEqual([])
    expect(recommended(accesses, { generalise: 'siblings' }).notes).toEqual([])
  })
})

describe('custom kinds', () => {
  const kinds = defineKinds([
    { name: 'crm-contact', grammar: 'name', actions: ['find'] },
    { name: 'crm-file', grammar: 'path', actions: ['open'] },
    { name: 'crm-event', grammar: 'topic', actions: ['send'] },
    { name: 'crm-code', grammar: 'exact', actions: ['use'] },
  ])
  const of = (name: string, action: string, ...resources: readonly string[]): readonly ObservedAccess[] =>
    resources.map((resource) => ({
      kind: kindNamed(name, kinds) ?? 'process',
      action: action as CustomAction,
      resource,
      verdict: 'granted',
    }))

  it('are recommended in their grammars', () => {
    const accesses = [
      ...of('crm-contact', 'find', 'c-1', 'c-2', 'c-3'),
      ...of('crm-file', 'open', '/d/a*', '/d/b', '/d/c'),
      ...of('crm-event', 'send', 'e.a', 'e.b', 'e.c'),
      ...of('crm-code', 'use', '*', 'b', 'c'),
    ]
    const result = recommended(accesses, { kinds, generalise: 'domains' })
    expect(patternsOf(result)).toEqual(['*', 'b', 'c', 'c-1', 'c-2', 'c-3', 'e.*', '/d/*'])
    expect(patternsOf(recommended(accesses, { kinds }))).toContain('/d/a[*]')
    expect(result.notes).toEqual([])
  })
})

describe('the whole recommendation', () => {
  it('is plain values', () => {
    const result = recommended([at(read('/a'), 1), refusedBy('deny', '/b')], { generalise: 'domains' })
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
    expect(structuredClone(result)).toEqual(result)
    expect(tableOf(result).decide({ kind: 'filesystem', action: 'read', resource: '/a' }).verdict).toBe('granted')
  })
})
