import { expect, it } from 'vitest'
import { jsonText } from './json-text.js'

it('says the same as JSON, in characters that no terminal obeys', () => {
  const value = {
    path: '/data/\u009b2J\u202etxt\u2066\u200b\u007f',
    name: 'größe 日本 🙂',
    lone: '\ud800',
    line: 'a\n\u001b[31m',
  }
  const text = jsonText(value)
  expect(JSON.parse(text)).toEqual(value)
  expect(text).toContain('"größe 日本 🙂"')
  expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})
