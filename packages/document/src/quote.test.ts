import { describe, expect, it } from 'vitest'
import { quotedCharactersMax } from './limits.js'
import { quote } from './quote.js'

describe('quote', () => {
  it('leaves ordinary words as they are', () => {
    expect(quote('/data/größe *.txt')).toBe('`/data/größe *.txt`')
  })

  it('spells out what could forge a line or hide', () => {
    expect(quote('a\nb\u001b[31m\u202e\u2028')).toBe('`a\\u{a}b\\u{1b}[31m\\u{202e}\\u{2028}`')
    expect(quote('a\u00adb\u3164c\u115fd\ufe00e\u{e0100}')).toBe('`a\\u{ad}b\\u{3164}c\\u{115f}d\\u{fe00}e\\u{e0100}`')
    expect(quote('a`b')).toBe("`a'b`")
  })

  it('cuts what is long', () => {
    expect(quote('a'.repeat(quotedCharactersMax))).toBe(`\`${'a'.repeat(quotedCharactersMax)}\``)
    expect(quote('a'.repeat(quotedCharactersMax + 1))).toBe(`\`${'a'.repeat(quotedCharactersMax)}…\``)
  })
})
