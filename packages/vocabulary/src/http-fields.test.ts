import { expect, it } from 'vitest'
import { isAddableField, isFieldName, isFieldValue, isForbiddenField } from './http-fields.js'

it('the name of a field is a token, and its value one line', () => {
  for (const name of ['x', 'X-Api-Key', "!#$%&'*+.^_`|~0"]) expect(isFieldName(name)).toBe(true)
  for (const name of ['', 'a b', 'a:', 'ä', 'a\r\nb', '\0']) expect(isFieldName(name)).toBe(false)
  for (const value of ['', 'a\tb', 'é', '\xff']) expect(isFieldValue(value)).toBe(true)
  for (const value of ['a\nb', 'a\rb', '\0', '\x7f', 'ā']) expect(isFieldValue(value)).toBe(false)
})

it('a field of a connection is forbidden, and may not be added either', () => {
  for (const name of ['Host', 'connection', 'TE', 'proxy-authorization', 'Transfer-Encoding', 'http2-settings']) {
    expect([isForbiddenField(name), isAddableField(name)]).toEqual([true, false])
  }
  for (const name of ['authorization', 'x-host', 'proxyx']) {
    expect([isForbiddenField(name), isAddableField(name)]).toEqual([false, true])
  }
  expect([isForbiddenField('content-length'), isAddableField('Content-Length'), isAddableField('a b')]).toEqual([
    ...[false, false, false],
  ])
})
