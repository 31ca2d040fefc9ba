import { expect, it } from 'vitest'
import type { AuthorityStores } from './authority-stores.js'
import { documentsOf } from './documents-of.js'
import type { Judgement } from './judge.js'

const subject = { child: 'ingest', componentId: 'ingest', tree: { file: 'bulkhead.toml', line: 3 } }

function placeOf(file: string, key = 'child:ingest') {
  let read = 0
  const version = { number: 3, file, format: 'native' }
  const registry = {
    history: () => {
      read += 1
      return [version, { ...version, number: 2 }, { ...version, number: 1 }]
    },
    version: (_key: string, number: number) => ({
      ...{ ...version, number },
      text: number === 1 ? 'nonsense' : '[allow]\nfilesystem.read = ["/data/**"]\n',
    }),
  } as unknown as AuthorityStores['registry']
  const judgement = { subject, policy: { key, version, policy: {} } } as unknown as Judgement
  const { policy } = documentsOf(judgement, { registry } as AuthorityStores)
  return { policy, read: () => read }
}

it('reads earlier versions only when somebody asks, and once', () => {
  const { policy, read } = placeOf('policy:child:ingest')
  expect(read()).toBe(0)
  expect(policy?.past).toMatchObject([{ version: 2, allow: [{ pattern: '/data/**' }] }])
  expect(policy?.past).toHaveLength(1)
  expect(read()).toBe(1)
  expect(placeOf('p.toml').policy).not.toHaveProperty('past')
})

it('suggests no command that does more than it says, whatever the file is called', () => {
  expect(placeOf('p.toml').policy?.apply).toBe('bulkhead policy update ingest p.toml')
  expect(placeOf('p.toml; id').policy?.apply).toBe("bulkhead policy update ingest 'p.toml; id'")
  expect(placeOf('p.toml', 'default:command').policy).not.toHaveProperty('apply')
})
