import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DocumentError } from './document-error.js'
import { documentBytesMax, nestingLevelsMax, objectValuesMax } from './limits.js'
import { readObject } from './read-object.js'

const file = 'tree object'
const read = (given: unknown) => readObject(given, { file })

/** What is found, as `path: message`. */
function findings(given: unknown): readonly string[] {
  try {
    read(given)
  } catch (thrown) {
    if (thrown instanceof DocumentError) return thrown.findings.map(({ path, message }) => `${path}: ${message}`)
    throw thrown
  }
  return []
}

describe('a document that is given as an object', () => {
  it('says what a text would have said', () => {
    const { value, file } = read({ a: 1, b: 1.5, c: 7n, d: [true, 'x'], e: { f: {} }, g: undefined })
    expect(file).toBe('tree object')
    expect(value).toEqual({ a: 1n, b: 1.5, c: 7n, d: [true, 'x'], e: { f: {} } })
  })

  it('is a frozen copy without prototypes, so that nothing done later reaches it', () => {
    const given = { list: [{ a: 'x' }] }
    const { value } = read(given)
    given.list.push({ a: 'y' })
    expect(value).toEqual({ list: [{ a: 'x' }] })
    const [first] = value['list'] as readonly object[]
    for (const part of [value, value['list'], first]) expect(Object.isFrozen(part)).toBe(true)
    for (const part of [value, first]) expect(Object.getPrototypeOf(part)).toBe(null)
  })

  it('may come from another realm, a parser or a null prototype', () => {
    for (const given of [
      runInNewContext('({ a: [1] })'),
      JSON.parse('{ "a": [1] }'),
      Object.assign(Object.create(null), { a: [1] }),
    ]) {
      expect(read(given).value).toEqual({ a: [1n] })
    }
  })

  it('has key paths for places, which sort in the order of the object', () => {
    const document = read({ b: { 'x-y': ['p', 'q'] }, a: 1 })
    const at = (...path: (string | number)[]) => document.positionOf(path)
    expect(at('b', 'x-y', 1).path).toBe('b["x-y"][1]')
    expect(at('b', 'x-y', 1).column).toBeLessThan(at('a').column)
    expect(at('b', 'x-y', 0).column).toBeLessThan(at('b', 'x-y', 1).column)
    expect(document.positionInText(['b', 'x-y', 0])).toEqual(at('b', 'x-y', 0))
    expect(at('b', 'missing').column).toBe(at('b').column)
    expect(at().path).toBe('')
    expect(document.positionOf(['k'.repeat(200)]).path).toBe(`["${'k'.repeat(80)}…"]`)
  })
})

describe('what no document holds', () => {
  it('is found, all of it at once', () => {
    const given = { a: null, b: () => 1, c: Symbol('s'), d: [undefined], e: Number.NaN, f: 2 ** 60, g: 2n ** 63n }
    expect(findings(given)).toEqual([
      'a: nothing (`null`) stands here',
      'b: a function stands here',
      'c: a symbol stands here',
      'd[0]: `undefined` stands here',
      'e: NaN is no number that is exact',
      `f: ${2 ** 60} is no number that is exact`,
      'g: the number does not fit into 64 bits',
    ])
  })

  it.each([
    ['a date', new Date(), ': a date stands here'],
    ['a map', { a: new Map() }, 'a: a map or set stands here'],
    ['an instance', { a: new (class Child {})() }, 'a: an instance of a class stands here'],
    ['a boxed text', { a: Object('x') }, 'a: an instance of a class stands here'],
    ['bytes', { a: new Uint8Array(4) }, 'a: an instance of a class stands here'],
    ['an object made of another one', Object.create({ children: {} }), ': an instance of a class stands here'],
    ['a proxy', { a: new Proxy({}, {}) }, 'a: a proxy stands here'],
    ['a prototype that is a proxy', Object.create(new Proxy({}, {})), ': an instance of a class stands here'],
    ['a key that is a symbol', { [Symbol('s')]: 1 }, '["Symbol(s)"]: a key is a symbol'],
    ['a hole', { a: Object.assign(['x'], { 2: 'y' }) }, 'a[1]: the list has a hole here'],
    ['holes without end', { a: new Array(2 ** 32 - 1) }, 'a[0]: the list has a hole here'],
    ['half a character', { a: '\ud800' }, 'a: the text holds half of a surrogate pair'],
    ['half a character in a key', { '\udc00': 1 }, '["\\udc00"]: the text holds half of a surrogate pair'],
    ['a list', [], ': the document is not a table'],
    ['a text', 'bulkhead.toml', ': the document is not a table'],
  ])('%s', (_, given, expected) => {
    expect(findings(given)).toEqual([expected])
  })

  it('a revoked proxy', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(findings({ a: proxy })).toEqual(['a: a proxy stands here'])
  })

  it('a getter, which is never called', () => {
    let calls = 0
    const given = {
      get a() {
        calls++
        throw new Error('called')
      },
    }
    Object.defineProperty(given, 'hidden', { value: 1, enumerable: false })
    const message = 'a getter or a hidden property stands here'
    expect(findings(given)).toEqual([`a: ${message}`, `hidden: ${message}`])
    expect(calls).toBe(0)
  })

  it('a cycle; the same value twice is none', () => {
    const shared = { a: 'x' }
    expect(findings({ one: shared, two: [shared, shared] })).toEqual([])
    const endless: Record<string, unknown> = { list: [] }
    ;(endless['list'] as unknown[]).push({ again: endless })
    expect(findings(endless)).toEqual(['list[0].again: the value holds itself'])
  })

  it('keys like `__proto__`, which are keys like any other and change nothing', () => {
    const { value } = read(JSON.parse('{ "__proto__": { "polluted": true }, "constructor": 1 }'))
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
    expect('polluted' in {}).toBe(false)
  })
})

describe('bounds', () => {
  it('levels', () => {
    const nested = (levels: number): unknown => (levels === 1 ? {} : { a: nested(levels - 1) })
    expect(findings(nested(nestingLevelsMax))).toEqual([])
    expect(findings(nested(nestingLevelsMax + 1))).toEqual([expect.stringContaining('nests too deep')])
  })

  it('values', () => {
    const list = Array.from({ length: objectValuesMax - 2 }, () => 1)
    expect(findings({ list })).toEqual([])
    list.push(1)
    expect(findings({ list })).toEqual([`: it holds more than ${objectValuesMax} values`])
  })

  it('characters, of keys and texts together', () => {
    expect(findings({ ab: 'x'.repeat(documentBytesMax - 2) })).toEqual([])
    const message = `: its keys and texts are longer than ${documentBytesMax} characters`
    expect(findings({ ab: 'x'.repeat(documentBytesMax - 1) })).toEqual([message])
    expect(findings({ ['k'.repeat(documentBytesMax + 1)]: 1 })).toEqual([message])
  })

  it('a value that is shared so often that it has no end', () => {
    let bomb: unknown = ['lol']
    for (let level = 0; level < 20; level++) bomb = Array.from({ length: 10 }, () => bomb)
    expect(findings({ bomb })).toEqual([expect.stringContaining('holds more than')])
  })

  it('thousands of mistakes flood nobody', () => {
    expect(findings({ list: Array.from({ length: 50_000 }, () => null) })).toHaveLength(101)
  })
})

it('throws nothing but DocumentError, whatever it is given', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSparseArray: true,
  })
  fc.assert(fc.property(anything, (given) => Array.isArray(findings(given))))
})
