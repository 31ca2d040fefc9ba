import { expect, it } from 'vitest'
import { type ChildEntry, parseChild } from './parse-child.js'
import { parseTree } from './parse-tree.js'

const tree = parseTree(
  [
    '[supervisors.shop]',
    'tenant = "acme"',
    'ceiling = { memory = "32MiB" }',
    'auto_shutdown = "any_significant"',
    '[supervisors.shop.children.till]',
    'component = "till.wasm"',
  ].join('\n'),
  { file: '/srv/bulkhead.toml' },
)
const [shop] = tree.root.children
if (shop?.kind !== 'supervisor') throw new Error('there is no shop')

it('reads a child that comes later as the file would have it', () => {
  const entry = {
    ...{ component: './pack.wasm', restart: 'transient', args: ['a'], instances: 1, significant: true },
    ...{ mounts: { '/data': { host: './data', mode: 'write' } }, lifetime: 'idle 5s', env: undefined },
  }
  expect(parseChild('pack', entry, tree, shop)).toMatchObject({
    ...{ id: 'acme/pack', memberIds: ['acme/pack'], component: './pack.wasm', restart: 'transient', args: ['a'] },
    ...{ lifetime: { kind: 'idle', afterMs: 5_000 }, significant: true, ceiling: { memoryBytes: 32 * 1024 * 1024 } },
    mounts: [{ guestPath: '/data', hostPath: '/srv/data', mode: 'write' }],
  })
})

it('refuses what the file would refuse, and says of which child', () => {
  const read = (entry: object) => () => parseChild('pack', { component: 'a', ...entry }, tree, shop)
  expect(read({ lifetim: 'call' })).toThrow('new child: children.pack.lifetim: unknown key `lifetim`')
  expect(read({ instances: 1.5, restart: 'often' })).toThrow(/1\.5|whole number/)
  expect(read({ significant: true, restart: 'permanent' })).toThrow('always restarted')
  expect(read({ tenant: 'other' })).toThrow('acme')
  expect(() => parseChild('No Name', { component: 'a' }, tree, shop)).toThrow('not a child id')
})

it('refuses what no document can hold', () => {
  const read = (args: unknown) => () => parseChild('pack', { component: 'a', args }, tree, shop)
  for (const value of [null, [undefined], () => 1, Symbol('a')])
    expect(read(value)).toThrow('new child: children.pack.args')
  const endless: unknown[] = []
  endless.push(endless)
  expect(read(endless)).toThrow('holds itself')
  const none = undefined as unknown as ChildEntry
  expect(() => parseChild('pack', none, tree, shop)).toThrow('`pack` has no entry')
})
