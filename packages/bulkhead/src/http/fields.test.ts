import { expect, it } from 'vitest'
import { lengthIn, requestFields, requestTrailers, responseFields, responseTrailers, valuesOf } from './fields.js'

const peer = { kind: 'address', address: '10.0.0.9' } as const
const stamped = [
  ['x-forwarded-for', '10.0.0.9'],
  ['x-forwarded-proto', 'http'],
]

it('takes what is about the connection out of a request, whatever it is called', () => {
  const raw = [
    ...['Host', 'a', 'X-A', 'one', 'x-a', 'two', 'Connection', 'X-Gone , close', 'x-gone', '1', 'TE', 'trailers'],
    ...[
      'Keep-Alive',
      '1',
      'Upgrade',
      'h2c',
      'HTTP2-Settings',
      'x',
      'Proxy-Authorization',
      'x',
      'Expect',
      '100-continue',
    ],
    ...['Transfer-Encoding', 'chunked', 'Trailer', 'x'],
  ]
  expect(requestFields(raw, peer)).toEqual([['x-a', 'one'], ['x-a', 'two'], ...stamped])
})

it('believes nobody but a local proxy about who asked', () => {
  const raw = [
    'X-Forwarded-For',
    '1.2.3.4',
    'Forwarded',
    'for=1.2.3.4',
    'X-Real-IP',
    '1.2.3.4',
    'x-forwarded-proto',
    'https',
  ]
  expect(requestFields(raw, peer)).toEqual(stamped)
  expect(requestFields(raw, { kind: 'local' })).toHaveLength(4)
})

it('takes what is about the connection out of a response', () => {
  const fields = [
    ...[['Connection', 'x-gone'] as const, ['X-Gone', '1'] as const, ['Transfer-Encoding', 'chunked'] as const],
    ...[['Set-Cookie', 'a'] as const, ['Set-Cookie', 'b'] as const, ['Upgrade', 'h2c'] as const],
  ]
  expect(responseFields(fields)).toEqual([
    ['Set-Cookie', 'a'],
    ['Set-Cookie', 'b'],
  ])
})

it('has in trailers nothing that would have to stand in a head', () => {
  expect(requestTrailers(['X-Sum', '1', 'Host', 'b', 'Content-Length', '9', 'X-Forwarded-For', 'c'])).toEqual([
    ['x-sum', '1'],
  ])
  expect(
    responseTrailers([
      ['X-Sum', '1'],
      ['Content-Length', '9'],
      ['Transfer-Encoding', 'x'],
    ]),
  ).toEqual([['X-Sum', '1']])
})

it('finds all values of a field, and the one length of a response', () => {
  expect(valuesOf(['HOST', 'a', 'x', 'y', 'host', 'b'], 'host')).toEqual(['a', 'b'])
  expect(lengthIn([])).toBe(undefined)
  expect(lengthIn([['Content-Length', '12']])).toBe(12)
  for (const wrong of ['-1', '+1', '1 ', '0x1', '', '1,1']) expect(lengthIn([['content-length', wrong]])).toBe('bad')
  expect(
    lengthIn([
      ['content-length', '1'],
      ['Content-Length', '1'],
    ]),
  ).toBe('bad')
})
