import { describe, expect, it } from 'vitest'
import type { Generalisation } from './generalisation.js'
import type { ObservedAccess } from './observed-access.js'
import { recommend } from './recommend.js'
import { componentId, patternsOf, read, refusedBy } from './recommend.test.support.js'

function generalised(accesses: readonly ObservedAccess[], generalise: Generalisation): readonly string[] {
  return patternsOf(recommend({ componentId, accesses, present: { allow: [] }, generalise }))
}

function reads(generalise: Generalisation, ...paths: readonly string[]): readonly string[] {
  return generalised(paths.map(read), generalise)
}

function of(kind: 'messaging' | 'storage' | 'environment' | 'process', action: string) {
  return (generalise: Generalisation, ...names: readonly string[]): readonly string[] =>
    generalised(
      names.map((resource) => ({ kind, action, resource, verdict: 'granted' }) as ObservedAccess),
      generalise,
    )
}

describe('exact names', () => {
  it('are escaped, so that a name that looks like a pattern means only itself', () => {
    expect(reads('none', '/data/[a]*.csv', '/data/{b}?\\c')).toEqual(['/data/[[]a][*].csv', '/data/[{]b[}][?][\\]c'])
  })

  it('stay at every level where there are too few of them', () => {
    for (const level of ['none', 'siblings', 'directories', 'domains'] as const) {
      expect(reads(level, '/data/in/a.csv', '/data/in/b.csv')).toEqual(['/data/in/a.csv', '/data/in/b.csv'])
    }
  })
})

describe('siblings', () => {
  const three = ['/data/in/a.csv', '/data/in/b.csv', '/data/in/c.csv']

  it('become one line at their level, not before', () => {
    expect(reads('none', ...three)).toEqual(three)
    expect(reads('siblings', ...three)).toEqual(['/data/in/*'])
    expect(reads('directories', ...three)).toEqual(['/data/in/*'])
  })

  it('leave what lies deeper, and the directory itself, as they are', () => {
    expect(reads('siblings', ...three, '/data/in', '/data/in/deep/x')).toEqual([
      '/data/in',
      '/data/in/*',
      '/data/in/deep/x',
    ])
  })

  it('are never all that is in the root', () => {
    expect(reads('domains', '/a', '/b', '/c', '/d/e/f')).toEqual(['/a', '/b', '/c', '/d/e/f'])
  })

  it.each(['forbidden', 'deny', 'role', 'policy', 'manifest'] as const)(
    'do not take in a name that was refused by the layer `%s`',
    (layer) => {
      expect(generalised([...three.map(read), refusedBy(layer, '/data/in/secret')], 'siblings')).toEqual(three)
      expect(generalised([...three.map(read), refusedBy(layer, '/data/out/secret')], 'siblings')).toEqual([
        '/data/in/*',
      ])
    },
  )

  it.each(['reduction', 'os', 'quota', 'error', 'mount'] as const)(
    'take in what `%s` refused, which is no rule',
    (layer) => {
      expect(generalised([...three.map(read), refusedBy(layer, '/data/in/x')], 'siblings')).toEqual(['/data/in/*'])
    },
  )

  it('do not take in a refused name whatever else was refused beside it', () => {
    const refused = [refusedBy('deny', '/data/in/secret'), refusedBy('deny', '/data/in/deep/x')]
    expect(generalised([...three.map(read), ...refused], 'siblings')).toEqual(three)
    expect(generalised([...three.map(read), ...refused.slice(1)], 'siblings')).toEqual(['/data/in/*'])
  })

  it('take in probes, which were never meant', () => {
    const probe = { ...refusedBy('manifest', '/data/in/x'), probe: true }
    expect(generalised([...three.map(read), probe], 'siblings')).toEqual(['/data/in/*'])
  })
})

describe('names that a program makes up', () => {
  it('become `*` in the middle of a path where three of them lead on alike', () => {
    expect(reads('siblings', '/log/2024-01-01/a', '/log/2024-01-02/a', '/log/2024-01-03/a')).toEqual(['/log/*/a'])
    expect(reads('none', '/log/1/a', '/log/2/a', '/log/3/a')).toEqual(['/log/1/a', '/log/2/a', '/log/3/a'])
    const words = ['/log/one/a', '/log/three/a', '/log/two/a']
    expect(reads('siblings', ...words)).toEqual(words)
  })

  it.each([
    ['numbers', '1', '22', '333'],
    ['dates', '2024-01-01', '20240102', '2024_01'],
    ['times', '2024-01-01T10:00:00Z', '2024-01-01T10:00:01Z', '2024-01-01 10:00'],
    ['UUIDs', ...['a', 'b', 'c'].map((digit) => `${digit}0000000-0000-4000-8000-000000000000`)],
    ['hashes', 'deadbeef0001', 'DEADBEEF0002', 'deadbeef00030003'],
  ])('may be %s', (_, ...names) => {
    expect(reads('siblings', ...names.map((name) => `/log/${name}/a`))).toEqual(['/log/*/a'])
  })

  it('keep what only one of them had under its own name', () => {
    const paths = ['/log/1/a', '/log/1/only', '/log/2/a', '/log/3/a']
    expect(reads('siblings', ...paths)).toEqual(['/log/*/a', '/log/1/only'])
  })

  it('may differ in the last part too', () => {
    expect(reads('siblings', '/log/1/x', '/log/2/y', '/log/3/z')).toEqual(['/log/*/*'])
    expect(reads('siblings', '/log/1/x/n', '/log/2/y/n', '/log/3/z/n')).toHaveLength(3)
  })

  it('are joined only where three of them lead on', () => {
    expect(reads('siblings', '/log/1/a', '/log/1/b', '/log/2/c')).toHaveLength(3)
  })

  it('are never joined in the root', () => {
    const paths = ['/1/a', '/2/a', '/3/a']
    expect(reads('siblings', ...paths)).toEqual(paths)
  })

  it('do not take in anything refused in their place', () => {
    const granted = ['/log/1/a', '/log/2/a', '/log/3/a']
    for (const refused of ['/log/secret/a', '/log/4', '/log/4/b']) {
      expect(generalised([...granted.map(read), refusedBy('deny', refused)], 'siblings')).toEqual(granted)
    }
    expect(generalised([...granted.map(read), refusedBy('deny', '/log')], 'siblings')).toEqual(['/log/*/a'])
  })
})

describe('directories', () => {
  const deep = ['/data/in/a', '/data/in/b/x', '/data/in/c/y/z']

  it('become `**` where three entries are used, one of them deeper', () => {
    expect(reads('directories', ...deep)).toEqual(['/data/in/**'])
    expect(reads('siblings', ...deep)).toEqual(deep)
    expect(reads('directories', '/data/in/a/x', '/data/in/b/x')).toEqual(['/data/in/a/x', '/data/in/b/x'])
  })

  it('count all that is below', () => {
    const accesses = deep.map((path, index) => ({ ...read(path), count: index + 1 }))
    const { lines } = recommend({ componentId, accesses, present: { allow: [] }, generalise: 'directories' })
    expect(lines).toMatchObject([{ covers: 6, resources: 3, reason: 'used 6 times: 3 names below one place' }])
  })

  it('take themselves in', () => {
    expect(reads('directories', '/data/in', ...deep)).toEqual(['/data/in/**'])
  })

  it('reach no higher than where the entries part', () => {
    expect(reads('directories', ...deep, '/data/out/x')).toEqual(['/data/in/**', '/data/out/x'])
  })

  it('become narrower where something below was refused', () => {
    expect(generalised([...deep.map(read), refusedBy('deny', '/data/in/b/secret')], 'directories')).toEqual(deep)
    expect(generalised([...deep.map(read), refusedBy('deny', '/data/in')], 'directories')).toEqual(deep)
    expect(generalised([...deep.map(read), refusedBy('deny', '/data/inn')], 'directories')).toEqual(['/data/in/**'])
  })

  it('leave very deep names alone', () => {
    const long = ['a', 'b', 'c'].map((name) => `/${'d/'.repeat(130)}${name}`)
    expect(reads('directories', ...long)).toEqual(long)
  })
})

describe('deny rules in force', () => {
  it('are never taken in whole', () => {
    const deny = [
      { kind: 'filesystem', action: 'read', pattern: '/data/in/b/secret/*', origin: { document: 'p' } },
    ] as const
    const accesses = ['/data/in/a', '/data/in/b/x', '/data/in/c/y'].map(read)
    const lines = (rules: typeof deny | []): readonly string[] =>
      patternsOf(recommend({ componentId, accesses, present: { allow: [], deny: rules }, generalise: 'directories' }))
    expect(lines(deny)).toHaveLength(3)
    expect(lines([])).toEqual(['/data/in/**'])
  })
})

describe('topics', () => {
  const publishes = of('messaging', 'publish')

  it('are generalised in the last token, then below', () => {
    const three = ['orders.eu', 'orders.uk', 'orders.us']
    expect(publishes('none', ...three)).toEqual(three)
    expect(publishes('siblings', ...three)).toEqual(['orders.*'])
    expect(publishes('directories', ...three)).toEqual(['orders.*'])
    expect(publishes('directories', ...three, 'orders.eu.new')).toEqual(['orders.>'])
    expect(publishes('directories', 'orders', ...three, 'orders.eu.new')).toEqual(['orders', 'orders.>'])
    const above = { ...refusedBy('deny', 'orders'), kind: 'messaging', action: 'publish' } as const
    const granted = [...three, 'orders.eu.new'].map(
      (topic) => ({ ...read(topic), kind: 'messaging', action: 'publish' }) as const,
    )
    expect(generalised([...granted, above], 'directories')).toEqual(['orders.>'])
    expect(generalised([...granted, { ...above, resource: 'orders.x' }], 'directories')).toHaveLength(4)
    expect(publishes('domains', 'a', 'b', 'c.d')).toEqual(['a', 'b', 'c.d'])
  })
})

describe('storage keys', () => {
  const writes = of('storage', 'write')

  it('are generalised by their beginning', () => {
    const three = ['self:cache:a', 'self:cache:b', 'self:cache:c']
    expect(writes('siblings', ...three)).toEqual(three)
    expect(writes('directories', ...three)).toEqual(['self:cache:*'])
    expect(writes('directories', 'component:ingest:a', 'self:b', 'self:c')).toEqual(['self:*'])
    expect(writes('siblings', 'self:1:n', 'self:2:n', 'self:3:n')).toEqual(['self:*:n'])
  })

  it('are never all that is shared, or all of another component', () => {
    const shared = ['shared:a', 'shared:b', 'shared:c']
    expect(writes('domains', ...shared)).toEqual(shared)
    const other = ['component:x:a', 'component:x:b', 'component:x:c']
    expect(writes('domains', ...other)).toEqual(other)
    expect(writes('domains', 'component:x:k:a', 'component:x:k:b', 'component:x:k:c')).toEqual(['component:x:k:*'])
  })
})

describe('variables', () => {
  it('are generalised by their beginning', () => {
    const reads = of('environment', 'read')
    const three = ['INGEST_A', 'INGEST_B', 'INGEST_C_D']
    expect(reads('siblings', ...three)).toEqual(three)
    expect(reads('directories', ...three)).toEqual(['INGEST_*'])
    expect(reads('domains', 'A', 'B', 'C')).toEqual(['A', 'B', 'C'])
    expect(reads('siblings', 'A_1_X', 'A_2_X', 'A_3_X')).toEqual(['A_1_X', 'A_2_X', 'A_3_X'])
  })
})

describe('what is executed', () => {
  it('is never generalised', () => {
    const three = ['/bin/a', '/bin/b', '/bin/c']
    expect(of('process', 'spawn')('domains', ...three)).toEqual(three)
    const executed = three.map((path) => ({ ...read(path), action: 'execute' as const }))
    expect(generalised(executed, 'domains')).toEqual(three)
  })
})
