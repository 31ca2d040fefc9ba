import { expect, test } from 'vitest'
import { contextLimits } from './context-limits.js'
import { joinContext, type SecurityContext } from './join.js'
import { acquaint, reacquaint } from './neighbours.js'

function contextOf(principal: string, ...hostPaths: readonly string[]): SecurityContext {
  return joinContext({
    principal,
    componentId: 'test',
    policyVersion: 1,
    layers: [],
    operator: [],
    deny: [],
    forbidden: [],
    ownDirectories: [],
    mounts: hostPaths.map((hostPath, index) => ({
      guestPath: `/m${index}`,
      hostPath,
      mode: 'write',
      kind: 'directory',
      device: 1n,
      inode: 1n,
      hardlinks: false,
    })),
    args: [],
    environment: [],
    limits: contextLimits(0, 0),
  })
}

const neighboursOf = (contexts: readonly SecurityContext[]) =>
  acquaint(contexts).map(({ worker }) =>
    worker.neighbours.flatMap(({ mounts }) => mounts.map(({ hostPath }) => hostPath)),
  )

test('children whose roots are the same or inside one another are neighbours', () => {
  const contexts = [contextOf('a', '/srv/data'), contextOf('b', '/srv/data/in'), contextOf('c', '/srv')]
  expect(neighboursOf(contexts)).toEqual([
    ['/srv/data/in', '/srv'],
    ['/srv/data', '/srv'],
    ['/srv/data', '/srv/data/in'],
  ])
})

test('of directories of the runtime itself the guard gets device and inode', () => {
  const { parts } = contextOf('a', '/srv')
  const own = [{ path: '/srv/state', device: 7n, inode: 8n }]
  expect(joinContext({ ...parts, ownDirectories: own }).worker.ownDirectories).toEqual([{ device: 7n, inode: 8n }])
})

test('children that share nothing, or only the beginning of a name, are not', () => {
  expect(neighboursOf([contextOf('a', '/srv/data'), contextOf('b', '/srv/data2'), contextOf('c')])).toEqual([
    [],
    [],
    [],
  ])
})

test('a neighbour is known with what its mount allows at most', () => {
  const [a] = acquaint([contextOf('a', '/srv/data'), contextOf('b', '/srv/data')])
  expect(a?.worker.neighbours[0]?.mounts).toEqual([{ guestPath: '/m0', hostPath: '/srv/data', mode: 'write' }])
})

test('who joins, leaves or changes moves the neighbours, and nobody else', () => {
  const a = contextOf('a', '/srv/data')
  const b = contextOf('b', '/srv/data/in')
  const far = contextOf('far', '/srv/far')
  const alone = reacquaint(
    new Map(),
    new Map([
      ['a', a],
      ['far', far],
    ]),
  )
  expect(alone.moved).toEqual([])

  const joined = reacquaint(alone.contexts, new Map([...alone.contexts, ['b', b]]))
  expect(joined.moved).toEqual(['a'])
  expect(joined.contexts.get('a')?.worker.neighbours.map(({ table }) => table)).toEqual([b.table])
  expect(joined.contexts.get('b')?.worker.neighbours.map(({ table }) => table)).toEqual([a.table])

  const changed = reacquaint(joined.contexts, new Map([...joined.contexts, ['b', contextOf('b', '/srv/data/in')]]))
  expect(changed.moved).toEqual(['a'])

  const same = reacquaint(changed.contexts, changed.contexts)
  expect(same.moved).toEqual([])
  expect(same.contexts.get('a')?.worker.neighbours).toEqual(changed.contexts.get('a')?.worker.neighbours)

  const left = reacquaint(changed.contexts, new Map([...changed.contexts].filter(([child]) => child !== 'b')))
  expect(left.moved).toEqual(['a'])
  expect(left.contexts.get('a')?.worker.neighbours).toEqual([])
  expect(left.contexts.get('far')).toBe(far)
})

test('whose mounts move away from a neighbour is one no longer', () => {
  const both = reacquaint(
    new Map(),
    new Map([
      ['a', contextOf('a', '/srv/data')],
      ['b', contextOf('b', '/srv/data')],
    ]),
  )
  const moved = reacquaint(both.contexts, new Map([...both.contexts, ['b', contextOf('b', '/srv/elsewhere')]]))
  expect(moved.moved).toEqual(['a'])
})
