import fc from 'fast-check'
import { stringify } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { DocumentError } from './document-error.js'
import { documentBytesMax, nestingLevelsMax } from './limits.js'
import { readToml } from './read-toml.js'
import { isTable, type KeyPath, type TomlValue } from './toml-value.js'

const read = (text: string | Uint8Array) => readToml(text, { file: 'a.toml' })

function findings(text: string | Uint8Array) {
  try {
    read(text)
  } catch (error) {
    if (error instanceof DocumentError) return error.findings
    throw error
  }
  return []
}

describe('readToml', () => {
  it('says what stands where', () => {
    const toml = read(
      '[component]\nid = "ingest"\n"a b" . c = [1, { d = 2 }]\n\n[[list]]\nx = 1\n[[list]]\n[list.sub]\n',
    )
    expect(toml.positionOf(['component'], 'key')).toEqual({ line: 1, column: 2 })
    expect(toml.positionOf(['component', 'id'], 'key')).toEqual({ line: 2, column: 1 })
    expect(toml.positionOf(['component', 'id'])).toEqual({ line: 2, column: 6 })
    expect(toml.positionOf(['component', 'a b', 'c'], 'key')).toEqual({ line: 3, column: 9 })
    expect(toml.positionOf(['component', 'a b', 'c', 1, 'd'])).toEqual({ line: 3, column: 23 })
    expect(toml.positionOf(['list', 0, 'x'])).toEqual({ line: 6, column: 5 })
    expect(toml.positionOf(['list', 1], 'key')).toEqual({ line: 7, column: 3 })
    expect(toml.positionOf(['list', 1, 'sub'], 'key')).toEqual({ line: 8, column: 7 })
  })

  it('answers for what is not there with what is around it', () => {
    const toml = read('\n[component]\nid = "a"\n')
    expect(toml.positionOf(['component', 'version'])).toEqual({ line: 2, column: 2 })
    expect(toml.positionOf(['component', 'id', 3, 'x'])).toEqual({ line: 3, column: 6 })
    expect(toml.positionOf(['nowhere'])).toEqual({ line: 1, column: 1 })
    expect(toml.positionOf([])).toEqual({ line: 1, column: 1 })
  })

  it('points into strings through their escapes', () => {
    const toml = read('p = ["/a", "/\\u00e9\\\\x"]\nq = """\n/a\n  /b"""\n')
    expect(toml.positionInText(['p', 0], 1)).toEqual({ line: 1, column: 8 })
    expect(toml.positionInText(['p', 1], 2)).toEqual({ line: 1, column: 20 })
    expect(toml.positionInText(['p', 1], 3)).toEqual({ line: 1, column: 22 })
    expect(toml.positionInText(['q'], 6)).toEqual({ line: 4, column: 4 })
    expect(toml.positionInText(['p'], 6)).toEqual({ line: 1, column: 5 })
    expect(toml.positionInText(['absent'], 6)).toEqual({ line: 1, column: 1 })
  })

  it('counts lines that end in CR LF, and columns in UTF-16 units', () => {
    const toml = read('a = 1\r\n"😀" = { b = 2 }\r\n')
    expect(toml.positionOf(['😀', 'b'], 'key')).toEqual({ line: 2, column: 10 })
  })

  it('keeps whole numbers apart from others, and refuses those beyond 64 bits', () => {
    expect(read('a = 1\nb = 1.0').value).toEqual({ a: 1n, b: 1 })
    expect(read('a = 9223372036854775807').value).toEqual({ a: 9223372036854775807n })
    expect(findings('[t]\na = [9223372036854775808]')).toMatchObject([{ line: 2, column: 6, message: /64 bits/ }])
    expect(findings('a = -9223372036854775809')).toMatchObject([{ message: /64 bits/ }])
  })

  it('hands out frozen tables without a prototype', () => {
    const { value } = read('__proto__.polluted = 1\n[constructor.prototype]\na = [{ b = 1 }]\n')
    expect(Object.getPrototypeOf(value)).toBeNull()
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
    expect(Object.isFrozen(value)).toBe(true)
    expect(Object.values(value).every((inner) => Object.isFrozen(inner))).toBe(true)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it.each([
    ['[a', 1, 'not TOML'],
    ['a = 1\na = 2', 2, 'redefine'],
    ['[a]\n[b]\n[a]', 3, 'redefine'],
    ['a = "\u0000"', 1, 'control characters'],
    ['\u0000', 1, 'not TOML'],
    ['a = 1 # \u0000', 1, 'control characters'],
  ])('a syntax error stands alone, with its line: %j', (text, line, message) => {
    expect(findings(text)).toMatchObject([{ file: 'a.toml', line, message: expect.stringContaining(message) }])
  })

  it('nests as deep as allowed, and not one deeper', () => {
    const dotted = (levels: number): string => `${'a.'.repeat(levels - 1)}a = {}`
    expect(findings(dotted(nestingLevelsMax))).toEqual([])
    expect(findings(dotted(nestingLevelsMax + 1))).toMatchObject([{ line: 1, message: 'the document nests too deep' }])
    const inline = (levels: number): string => `a = ${'['.repeat(levels)}${']'.repeat(levels)}`
    expect(findings(inline(nestingLevelsMax))).toEqual([])
    expect(findings(inline(nestingLevelsMax + 1))).toMatchObject([{ line: 1, message: /nest/ }])
  })

  it.each([
    ['a key of 130,000 parts', `${'a.'.repeat(130_000)}a = 1`, 1],
    ['a header of 20,000 parts', `[${'a.'.repeat(20_000)}a]`, 1],
    ['130,000 open lists', `a = ${'['.repeat(130_000)}`, 1],
    ['a long list', `a = [${'1,'.repeat(100_000)}]`, 0],
    ['a long string of escapes', `a = "${'\\n'.repeat(120_000)}"`, 0],
    ['many tables', '[[t]]\n[t.a]\n'.repeat(20_000), 0],
  ])('neither hangs nor overflows: %s', (_, text, count) => {
    expect(findings(text)).toHaveLength(count)
    if (count === 0) expect(read(text).positionOf(['a', 0]).line).toBeGreaterThan(0)
  })

  it('points at the start where the position parser gives up, and still says what is there', () => {
    const toml = read(`a = 1\nb = "${'x'.repeat(200_000)}"\n`)
    expect(toml.value['a']).toBe(1n)
    expect(toml.positionOf(['b'])).toEqual({ line: 1, column: 1 })
    expect(toml.positionInText(['b'], 5)).toEqual({ line: 1, column: 1 })
  })

  it('has a bound on its size', () => {
    expect(findings(`#${' '.repeat(documentBytesMax - 1)}`)).toEqual([])
    expect(findings(`#${' '.repeat(documentBytesMax)}`)).toMatchObject([{ message: 'the document is too large' }])
  })

  it('places every value and key of any document', () => {
    const scalar = fc.oneof(fc.string({ unit: 'grapheme' }), fc.boolean(), fc.integer())
    const key = fc.string({ minLength: 1, maxLength: 6 })
    const { tree } = fc.letrec((tie) => ({
      tree: fc.dictionary(
        key,
        fc.oneof(
          { maxDepth: 3 },
          scalar,
          fc.array(scalar, { maxLength: 3 }),
          tie('tree'),
          fc.array(tie('tree'), { maxLength: 2 }),
        ),
        { maxKeys: 4 },
      ),
    }))
    fc.assert(
      fc.property(tree, (data) => {
        const text = stringify(data as Record<string, unknown>)
        const lines = text.split('\n')
        const toml = read(text)
        for (const [path, value] of leavesOf(toml.value, [])) {
          const { line, column } = toml.positionOf(path)
          const token = stringify({ x: value }).slice('x = '.length, -1)
          expect(lines[line - 1]?.slice(column - 1).startsWith(token)).toBe(true)
          const last = path.at(-1)
          if (typeof last !== 'string') continue
          const place = toml.positionOf(path, 'key')
          const written = lines[place.line - 1]?.slice(place.column - 1)
          expect(written?.startsWith(last) || written?.startsWith(JSON.stringify(last))).toBe(true)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('throws nothing but DocumentError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        findings(bytes)
      }),
    )
    const pieces = [
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '=',
      '.',
      ',',
      '\n',
      '\\',
      '#',
      'a',
      '1',
      '_',
      '-',
      ':',
      'T',
      '\u0000',
      'é',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (all) => {
        findings(all.join(''))
      }),
    )
  })
})

function leavesOf(value: TomlValue, path: KeyPath): (readonly [KeyPath, TomlValue])[] {
  if (Array.isArray(value)) return value.flatMap((element, index) => leavesOf(element, [...path, index]))
  if (isTable(value)) return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
  return [[path, value]]
}
