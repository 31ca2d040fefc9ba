import { BulkheadError } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { componentSections, extractImportSections } from './import-sections.js'
import { importDescriptionBytesMax, importTextDepthMax } from './limits.js'
import { parseImportTypes } from './parse-import-types.js'

test('text that is no printed component is refused or empty, never an accident', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          '(',
          ')',
          '"',
          'component',
          'import',
          'type',
          'instance',
          'export',
          ' ',
          '0',
          '(;0;)',
          '"a"',
          '(type 0)',
          '(alias export 0 "x" (type))',
        ),
        { maxLength: 40 },
      ),
      (words) => {
        try {
          expect(Array.isArray(parseImportTypes(words.join(' ')))).toBe(true)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(BulkheadError)
        }
      },
    ),
  )
})

test('nesting is bounded', () => {
  const nested = (depth: number) => `${'(component '.repeat(depth)}${')'.repeat(depth)}`
  expect(parseImportTypes(nested(importTextDepthMax))).toEqual([])
  expect(() => parseImportTypes(nested(importTextDepthMax + 1))).toThrow(/nested too deeply/)
})

test('a name with an escape is not the name that it would spell', () => {
  const wat = String.raw`(component (type (;0;) (instance)) (import "wasi:cli/exi\74@0.2.0" (instance (;0;) (type 0))))`
  expect(parseImportTypes(wat)[0]?.name).toBe(String.raw`wasi:cli/exi\74`)
})

const header = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]

test('bytes that are no whole component are refused', () => {
  const refused = (bytes: number[]) => {
    expect(() => [...componentSections(Uint8Array.from(bytes))]).toThrow(BulkheadError)
  }
  expect([...componentSections(Uint8Array.from(header))]).toEqual([])
  refused(header.slice(0, 7))
  refused([...header, 13, 0])
  refused([...header, 7])
  refused([...header, 7, 5, 0])
  refused([...header, 7, 0x80, 0x80, 0x80, 0x80, 0x80, 0])
})

test('a description over its bound is refused, at its bound kept', () => {
  const withTypes = (size: number) => {
    const body = new Uint8Array(size)
    const leb = [0x80 | (size & 0x7f), 0x80 | ((size >> 7) & 0x7f), size >> 14]
    return Uint8Array.from([...header, 7, ...leb, ...body])
  }
  const overhead = header.length + 4
  expect(extractImportSections(withTypes(importDescriptionBytesMax - overhead)).length).toBe(importDescriptionBytesMax)
  expect(() => extractImportSections(withTypes(importDescriptionBytesMax - overhead + 1))).toThrow(/too large/)
})
