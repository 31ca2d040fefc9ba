import { expect, it } from 'vitest'
import { readTarget } from './request-target.js'

it.each([
  ['/', 'a', { host: 'a', path: '/' }],
  [
    '/a/b?c=/../d',
    'A.Test:8080',
    { host: 'a.test', authority: 'A.Test:8080', path: '/a/b', pathWithQuery: '/a/b?c=/../d' },
  ],
  ['/%61%7e%2D', 'a.', { host: 'a', path: '/a~-', pathWithQuery: '/%61%7e%2D' }],
  ['/%c3%a4', 'a', { path: '/%C3%A4' }],
  ['//a//', 'a', { path: '//a//' }],
  ['/...', '[::1]:80', { host: '[::1]', path: '/...' }],
  ['/?%2f', '127.0.0.1', { host: '127.0.0.1', path: '/' }],
])('reads %s at %s', (url, host, target) => {
  expect(readTarget(url, [host])).toMatchObject(target)
})

it.each([
  ...['', '*', 'a', 'http://a/', 'a:443', '/a b', '/a\\b', '/a#b', '/"', '/{a}', '/ä', '/a\0', '/a\r'],
  ...[
    '/.',
    '/..',
    '/a/..',
    '/a/./b',
    '/%2e',
    '/%2E%2e/a',
    '/a/.%2E',
    '/a%2fb',
    '/a%5cb',
    '/a%00',
    '/a%',
    '/a%2',
    '/a%zz',
  ],
])('refuses the target %j', (url) => {
  expect(readTarget(url, ['a'])).toEqual(expect.any(String))
})

it.each([
  [[]],
  [['a', 'a']],
  [['']],
  [['a b']],
  [['a/b']],
  [['me@a']],
  [['a:']],
  [['a:65536']],
  [['-a']],
  [['a..b']],
  [['[::g]']],
  [['[::1']],
])('refuses the hosts %j', (hosts) => {
  expect(readTarget('/', hosts)).toEqual(expect.any(String))
  expect(readTarget('/', ['a'])).toMatchObject({ host: 'a' })
})
