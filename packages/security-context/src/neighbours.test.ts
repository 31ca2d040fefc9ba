import { expect, test } from 'vitest'
import { contextLimits } from './context-limits.js'
import { joinContext, type SecurityContext } from './join.js'
import { acquaint } from './neighbours.js'

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
