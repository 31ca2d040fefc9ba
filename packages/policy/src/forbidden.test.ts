import { compileHostPattern, compilePathPattern } from '@bulkhead/capability'
import { expect, test } from 'vitest'
import { defaultForbidden, escapePath, forbiddenMountRoot, forbidOwnDirectories } from './index.js'

test.each([
  ['/proc', '/proc/**'],
  ['/proc/1/root', '/proc/**'],
  ['/sys/kernel', '/sys/**'],
  ['/root/.ssh', '/root/.ssh/**'],
  ['/etc/shadow', '/etc/shadow'],
  ['/home/ann/.ssh', '/home/*/.ssh/**'],
])('a mount may not begin at %s', (path, pattern) => {
  expect(forbiddenMountRoot(path, defaultForbidden)).toBe(pattern)
})

test.each(['/', '/etc', '/etc/passwd', '/home/ann', '/processes', '/srv/data'])('a mount may begin at %s', (path) => {
  expect(forbiddenMountRoot(path, defaultForbidden)).toBeUndefined()
})

test('changing a forbidden file means writing, creating and deleting it', () => {
  const actions = defaultForbidden.filter((rule) => rule.pattern === '/etc/passwd').map((rule) => rule.action)
  expect(actions.sort()).toEqual(['create', 'delete', 'write'])
})

test.each([
  ['connect', 'udp://169.254.169.254:53', 'udp://169.254.169.253:53'],
  ['connect', 'http://169.254.169.254:80', 'http://169.254.169.253:80'],
  ['bind', 'tcp://0.0.0.0:1023', 'tcp://0.0.0.0:1024'],
  ['bind', 'udp://0.0.0.0:53', 'udp://0.0.0.0:1024'],
])('nobody may %s to %s, and the list says nothing of %s', (action, forbidden, free) => {
  const patterns = defaultForbidden.filter((rule) => rule.kind === 'network' && rule.action === action)
  const meets = (host: string) => patterns.some(({ pattern }) => compileHostPattern(pattern).matches(host))
  expect([forbidden, free].map(meets)).toEqual([true, false])
})

test('a program that nobody may start is no place that nothing may be mounted from', () => {
  const origin = { document: 'forbidden list' }
  const program = { kind: 'process', action: 'spawn', pattern: '/srv/**', origin } as const
  const files = { kind: 'filesystem', action: 'read', pattern: '/srv/keys/**', origin } as const
  expect(forbiddenMountRoot('/srv/data', [program, files])).toBeUndefined()
  expect(forbiddenMountRoot('/srv/keys', [program, files])).toBe('/srv/keys/**')
})

test('own directories are closed whatever characters their names have', () => {
  const rules = forbidOwnDirectories(['/srv/odd[1]*{x}'])
  expect(forbiddenMountRoot('/srv/odd[1]*{x}/audit', rules)).toBeDefined()
  expect(forbiddenMountRoot('/srv/odd1', rules)).toBeUndefined()
})

test('an escaped path matches itself and nothing else', () => {
  const pattern = compilePathPattern(escapePath('/a/[b]?*\\{c}'))
  expect(pattern.matches('/a/[b]?*\\{c}')).toBe(true)
  expect(pattern.matches('/a/bxx\\{c}')).toBe(false)
})
