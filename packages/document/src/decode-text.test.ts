import { describe, expect, it } from 'vitest'
import { decodeText } from './decode-text.js'
import { DocumentError } from './document-error.js'

const source = { file: 'a.toml', bytesMax: 20 }

function findingOf(document: string | Uint8Array) {
  try {
    decodeText(document, source)
  } catch (error) {
    if (error instanceof DocumentError) return error.findings[0]
    throw error
  }
  return undefined
}

describe('decodeText', () => {
  it('takes as many bytes as allowed, and not one more', () => {
    expect(decodeText('é'.repeat(10), source)).toBe('é'.repeat(10))
    expect(findingOf(`${'é'.repeat(10)}a`)?.message).toBe('the document is too large')
    expect(findingOf(new Uint8Array(21))?.message).toBe('the document is too large')
  })

  it('answers a string and its bytes alike', () => {
    expect(decodeText(new TextEncoder().encode('ä = "€"'), source)).toBe(decodeText('ä = "€"', source))
  })

  it('points at the first byte that is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('a\né '), Buffer.from([0xc3, 0x28])])
    expect(findingOf(bytes)).toMatchObject({ line: 2, column: 3, message: 'the document is not UTF-8' })
    const cutShort = Buffer.from('a = "é').subarray(0, -1)
    expect(findingOf(cutShort)).toMatchObject({ line: 1, column: 6, message: 'the document is not UTF-8' })
  })

  it('refuses byte order marks and halves of surrogate pairs, where they stand', () => {
    expect(findingOf('\ufeffa = 1')).toMatchObject({
      line: 1,
      column: 1,
      message: 'the document holds a byte order mark',
    })
    expect(findingOf('a = 1\n\ufeff')).toMatchObject({ line: 2, column: 1 })
    expect(findingOf('a = "\ud800"')).toMatchObject({ line: 1, column: 6, message: /surrogate/ })
    expect(findingOf('a = "😀"')).toBeUndefined()
  })
})
