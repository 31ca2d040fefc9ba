import type { Grant } from '@bulkhead/capability'
import { defaultForbidden } from '@bulkhead/policy'
import { expect, test } from 'vitest'
import { contextLimits } from './context-limits.js'
import { joinContext } from './join.js'
import { mountOf } from './mount-of.js'
import { type Denied, remedyFor } from './remedy.js'
import type { ContextMount } from './worker-context.js'

const mount = (guestPath: string, mode: 'read' | 'write' = 'write'): ContextMount => ({
  guestPath,
  hostPath: `/srv${guestPath}`,
  mode,
  kind: 'directory',
  device: 1n,
  inode: 1n,
  hardlinks: false,
})

const granted: Grant = { kind: 'filesystem', action: 'read', pattern: '/data/**', origin: { document: 'test' } }

const context = joinContext({
  principal: 'component:test',
  componentId: 'test',
  policyVersion: 1,
  layers: [{ layer: 'manifest', grants: [granted] }],
  operator: [],
  deny: [],
  forbidden: defaultForbidden,
  ownDirectories: [],
  mounts: [mount('/data'), mount('/data/ro', 'read')],
  args: [],
  environment: [['SET', '1']],
  limits: contextLimits(1, 1),
})

const denied = (resource: string, rest: Partial<Denied> = {}): Denied => ({
  kind: 'filesystem',
  action: 'read',
  resource,
  layer: 'mount',
  ...rest,
})

test('nothing is mounted: a flag mounts and grants, two lines do it for good', () => {
  const remedy = remedyFor(denied('/etc/passwd'), context, {
    tree: { file: 'bulkhead.toml', line: 9 },
    manifest: { file: 'Component.toml', line: 7 },
  })
  expect(remedy).toEqual({
    once: ['--read /etc/passwd'],
    always: [
      '"/etc/passwd" = { host = "/etc/passwd", mode = "read" } under mounts in bulkhead.toml:9',
      'filesystem.read = ["/etc/passwd"] in Component.toml:7',
    ],
  })
})

test('what the forbidden list covers at its own name is not suggested', () => {
  expect(remedyFor(denied('/etc/shadow'), context, {})).toBeUndefined()
  expect(remedyFor(denied('/etc/passwd', { action: 'write' }), context, {})).toBeUndefined()
  expect(remedyFor(denied('/etc/passwd', { layer: 'forbidden' }), context, {})).toBeUndefined()
})

test('a mount that is read-only', () => {
  const remedy = remedyFor(denied('/data/ro/x', { action: 'write' }), context, {})
  expect(remedy?.once).toEqual(['--write /srv/data/ro:/data/ro'])
})

test('mounted but not granted: a grant with the path escaped and quoted', () => {
  const remedy = remedyFor(denied("/data/it's [1]", { action: 'write', layer: 'manifest' }), context, {})
  expect(remedy?.once).toEqual([`--allow 'filesystem.write=/data/it'\\''s [[]1]'`])
})

test('a variable that is set is granted, one that is not is set and granted', () => {
  const ask = (resource: string) => remedyFor(denied(resource, { kind: 'environment', layer: 'manifest' }), context, {})
  expect(ask('SET')?.once).toEqual(['--allow environment.read=SET'])
  expect(ask('UNSET')?.once).toEqual(['--env UNSET'])
})

test('doors that do not exist are not opened by a grant', () => {
  expect(
    remedyFor(denied('tcp://a.example:80', { kind: 'network', action: 'connect', layer: 'manifest' }), context, {}),
  ).toBeUndefined()
})

test('the deepest mount owns a path', () => {
  expect(mountOf('/data/ro/x', context.parts.mounts)?.guestPath).toBe('/data/ro')
  expect(mountOf('/data2', context.parts.mounts)).toBeUndefined()
})
