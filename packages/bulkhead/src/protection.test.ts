import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileTable, Decider } from '@bulkhead/capability'
import { afterAll, expect, test } from 'vitest'
import { dependencyDirectories } from './own-code.js'
import { protect } from './protection.js'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'protect-')))
afterAll(() => rmSync(root, { recursive: true }))
for (const name of ['state', 'node_modules']) mkdirSync(join(root, name))

const protection = protect([join(root, 'state')], [join(root, 'node_modules')])
const all = { kind: 'filesystem', pattern: '/**', origin: { document: 'test' } } as const
const decider = new Decider(
  compileTable({
    version: 1,
    componentId: 'test',
    layers: [],
    operator: (['read', 'write', 'create', 'delete'] as const).map((action) => ({ ...all, action })),
    deny: [],
    forbidden: protection.rules,
  }),
)
const verdict = (action: 'read' | 'write' | 'create' | 'delete', path: string) =>
  decider.decide({ kind: 'filesystem', action, resource: '/m', hostPath: join(root, path) }).verdict

test('own directories are closed for everything', () => {
  expect(['read', 'write', 'create', 'delete'].map((action) => verdict(action as 'read', 'state/audit.key'))).toEqual(
    Array(4).fill('denied'),
  )
})

test('what dependencies are loaded from may be read and not changed', () => {
  expect(verdict('read', 'node_modules/pino/pino.js')).toBe('granted')
  for (const action of ['write', 'create', 'delete'] as const) {
    expect(verdict(action, 'node_modules/pino/pino.js')).toBe('denied')
  }
  expect(verdict('write', 'elsewhere')).toBe('granted')
})

test('a mount may begin among the dependencies, not in an own directory', () => {
  const patterns = protection.roots.map(({ pattern }) => pattern)
  expect(patterns).toContain(`${root}/state/**`)
  expect(patterns).not.toContain(`${root}/node_modules/**`)
})

test('the dependencies of this very runtime are found', () => {
  expect(dependencyDirectories().some((path) => path.endsWith('/node_modules'))).toBe(true)
})
