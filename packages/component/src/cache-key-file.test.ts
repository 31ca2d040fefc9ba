import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadOrCreateCacheKey } from './cache-key-file.js'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-key-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('a key is made once, for this user alone', () => {
  const key = loadOrCreateCacheKey(root)
  expect(key).toHaveLength(32)
  expect(loadOrCreateCacheKey(root)).toEqual(key)
  expect(statSync(join(root, 'cache.key')).mode & 0o777).toBe(0o600)
})

test('a key that others may touch, or that is no key, is refused', () => {
  const file = join(root, 'cache.key')
  chmodSync(file, 0o640)
  expect(() => loadOrCreateCacheKey(root)).toThrow(/other users/)
  chmodSync(file, 0o600)
  expect(loadOrCreateCacheKey(root)).toHaveLength(32)
  writeFileSync(file, 'short')
  expect(() => loadOrCreateCacheKey(root)).toThrow(/5 bytes/)
})
