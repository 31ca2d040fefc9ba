import { BulkheadError } from '@bulkhead/vocabulary'
import { expect, test } from 'vitest'
import {
  grantsOfMounts,
  parseDeadline,
  parseEnvironment,
  parseGrant,
  parseMemory,
  parseMounts,
} from './parse-options.js'

const usage = expect.objectContaining({ code: 'usage' })

test('a mount of text is read-only', () => {
  expect(parseMounts({ '/data': '/srv' }, 'mounts')).toEqual([
    { guestPath: '/data', hostPath: '/srv', mode: 'read', hardlinks: false },
  ])
})

test.each(['data', '/a/', '/a/../b', '//a', '/a\0', ''])('`%s` is no guest path', (guestPath) => {
  expect(() => parseMounts({ [guestPath]: '/srv' }, 'mounts')).toThrowError(usage)
})

test('a mount in mode write grants reading, writing, creating and deleting below it, and nothing beside it', () => {
  const mount = {
    guestPath: '/d[1]',
    hostPath: '/srv',
    mode: 'write',
    kind: 'directory',
    device: 1n,
    inode: 2n,
    hardlinks: false,
  } as const
  const grants = grantsOfMounts([mount], { document: 'mounts' })
  expect(grants.map(({ action, pattern }) => `${action} ${pattern}`)).toEqual([
    'read /d[[]1]/**',
    'write /d[[]1]/**',
    'create /d[[]1]/**',
    'delete /d[[]1]/**',
  ])
})

test('a mounted file is granted alone', () => {
  const mount = {
    guestPath: '/in.txt',
    hostPath: '/srv/in.txt',
    mode: 'read',
    kind: 'file',
    device: 1n,
    inode: 2n,
    hardlinks: false,
  } as const
  expect(grantsOfMounts([mount], { document: 'mounts' }).map(({ pattern }) => pattern)).toEqual(['/in.txt'])
})

test('KIND.ACTION=PATTERN', () => {
  expect(parseGrant('filesystem.read=/a=b/**', 'allow')).toMatchObject({
    kind: 'filesystem',
    action: 'read',
    pattern: '/a=b/**',
  })
})

test.each(['filesystem.read', 'filesystem.fly=/a', 'files.read=/a', '=/a', 'filesystem.read='])(
  '`%s` is refused',
  (text) => {
    expect(() => parseGrant(text, 'allow')).toThrowError(BulkheadError)
  },
)

test('amounts: zero memory is zero, no memory is an error', () => {
  expect(parseMemory('0B')).toBe(0)
  expect(parseMemory('64MiB')).toBe(67108864)
  expect(parseDeadline('2s')).toBe(2000)
  for (const bad of ['64MB', '', '-1', 'unlimited']) expect(() => parseMemory(bad)).toThrowError(usage)
  for (const bad of ['0s', '2', 'soon', -1]) expect(() => parseDeadline(bad)).toThrowError(usage)
})

test('environment names and values that cannot be are refused', () => {
  expect(parseEnvironment({ A: '1' })).toEqual([['A', '1']])
  expect(() => parseEnvironment({ 'A=B': '1' })).toThrowError(usage)
  expect(() => parseEnvironment({ A: 'x\0y' })).toThrowError(usage)
})
