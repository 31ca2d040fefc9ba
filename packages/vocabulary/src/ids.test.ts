import { expect, test } from 'vitest'
import { isName, parseChildId, parseComponentId, parseDigest } from './ids.js'

test.each(['a', 'ingest-2', `a${'b'.repeat(62)}`])('`%s` is a component id', (id) => {
  expect(parseComponentId(id)).toBe(id)
})

test.each(['', 'A', '1a', '-a', 'a_b', 'a/b', `a${'b'.repeat(63)}`, 'constructor\n'])('`%s` is none', (id) => {
  expect(isName(id)).toBe(false)
  expect(() => parseComponentId(id)).toThrow()
})

test('a child id may stand after its tenant, once', () => {
  expect(parseChildId('acme/ingest')).toBe('acme/ingest')
  for (const id of ['acme/', '/ingest', 'a/b/c']) expect(() => parseChildId(id)).toThrow()
})

test('a digest is exact', () => {
  const digest = `sha256:${'0a'.repeat(32)}`
  expect(parseDigest(digest)).toBe(digest)
  for (const text of [digest.toUpperCase(), digest.slice(1), `${digest}0`]) expect(() => parseDigest(text)).toThrow()
})
