import { readToml } from '@bulkhead/document'
import { readYaml } from '@bulkhead/document/yaml'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { quotedText } from './quoted-text.js'

const hidden = [
  '\u007f',
  '\u0085',
  '\u009f',
  '\u2028',
  '\u2029',
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\ufffe',
  '\uffff',
  '\u0001',
  '\t',
  '\\',
  '"',
]

it('reads back the same from TOML and from YAML, whatever the text holds', () => {
  const text = fc.string({ unit: fc.oneof(fc.constantFrom(...hidden), fc.string({ unit: 'grapheme', maxLength: 1 })) })
  fc.assert(
    fc.property(text, (written) => {
      expect(readToml(`x = ${quotedText(written)}\n`, { file: 'a.toml' }).value['x']).toBe(written)
      expect(readYaml(`x: ${quotedText(written)}\n`, { file: 'a.yaml' }).value['x']).toBe(written)
    }),
  )
})

it('shows what would hide or reorder a line', () => {
  expect(quotedText('/data/\u202etxt.exe\u200b')).toBe('"/data/\\u202etxt.exe\\u200b"')
  expect(quotedText('/data/größe 日本')).toBe('"/data/größe 日本"')
})
