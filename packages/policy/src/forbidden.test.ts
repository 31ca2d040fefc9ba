import { compilePathPattern } from '@bulkhead/capability'
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

test.each(['/', '/etc', '/home/ann', '/processes', '/srv/data'])('a mount may begin at %s', (path) => {
  expect(forbiddenMountRoot(path, defaultForbidden)).toBeUndefined()
})

test('changing a forbidden file means writing, creating and deleting it', () => {
  const actions = defaultForbidden.filter((rule) => rule.pattern === '/etc/passwd').map((rule) => rule.action)
  expect(actions.sort()).toEqual(['create', 'delete', 'write'])
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
