import { expect, test } from 'vitest'
import { RecentlyUsed } from './recently-used.js'

test('what was not used for longest goes first', () => {
  const recent = new RecentlyUsed<number>(2)
  recent.set('a', 1)
  recent.set('b', 2)
  expect(recent.get('a')).toBe(1)
  recent.set('c', 3)
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([1, undefined, 3])
  recent.clear()
  expect(recent.get('a')).toBeUndefined()
})
