import type { RouteSpec } from '@bulkhead/manifest'
import { expect, it } from 'vitest'
import { Routes } from './routes.js'

const at = { line: 1, column: 1 }
const route = (path: string, isPrefix: boolean, child: string, host?: string): RouteSpec => ({
  ...{ path, isPrefix, child, at, pattern: '' },
  ...(host === undefined ? {} : { host }),
})

it('goes by host before none, by the path itself before a prefix, by a longer prefix before a shorter one', () => {
  const routes = new Routes([
    route('', true, 'all'),
    route('/a', true, 'a'),
    route('/a/b', true, 'ab'),
    route('/a/b', false, 'exact'),
    route('/a', true, 'host', 'h'),
  ])
  expect(routes.find('x', '/')).toBe('all')
  expect(routes.find('x', '/a')).toBe('a')
  expect(routes.find('x', '/ab')).toBe('all')
  expect(routes.find('x', '/a/')).toBe('a')
  expect(routes.find('x', '/a/bc')).toBe('a')
  expect(routes.find('x', '/a/b')).toBe('exact')
  expect(routes.find('x', '/a/b/c/d')).toBe('ab')
  expect(routes.find('h', '/a/b')).toBe('host')
  expect(routes.find('h', '/b')).toBe('all')
  expect(routes.find('x', `/a${'/x'.repeat(4_000)}`)).toBe('a')
})

it('leads nowhere without a route', () => {
  const routes = new Routes([route('/a', false, 'a'), route('/b', true, 'b')])
  expect(routes.find('', '/')).toBe(undefined)
  expect(routes.find('', '/a/')).toBe(undefined)
  expect(routes.find('', '/b/')).toBe('b')
  expect(new Routes([]).find('', '/a')).toBe(undefined)
})

it('has other routes from the moment that they are replaced, and none of those before', () => {
  const routes = new Routes([route('/old', true, 'a')])
  routes.replace([route('/new', false, 'b')])
  expect(routes.find('x', '/old/x')).toBeUndefined()
  expect(routes.find('x', '/new')).toBe('b')
})
