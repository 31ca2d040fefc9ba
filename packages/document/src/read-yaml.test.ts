import { describe, expect, it } from 'vitest'
import { DocumentError } from './document-error.js'
import { Inspection } from './inspection.js'
import { documentBytesMax, findingsMax, nestingLevelsMax } from './limits.js'
import { readYaml } from './read-yaml.js'
import { describeType } from './toml-value.js'

const source = { file: 'a.yaml' }

function read(text: string | Uint8Array) {
  return readYaml(text, source)
}

/** `line:column message` of each finding. */
function findings(text: string | Uint8Array): string[] {
  try {
    read(text)
  } catch (error) {
    if (error instanceof DocumentError) return error.findings.map((one) => `${one.line}:${one.column} ${one.message}`)
    throw error
  }
  return []
}

describe('what a YAML document says', () => {
  it('is plain frozen data without prototypes', () => {
    const { value } = read('a: [1, 2.5, true, text, null]\nb:\n  c: "x"\n__proto__: {polluted: yes}\n')
    expect(value['a']).toEqual([1n, 2.5, true, 'text', null])
    expect(value['b']).toEqual({ c: 'x' })
    expect(Object.getPrototypeOf(value)).toBeNull()
    expect(Object.keys(value)).toContain('__proto__')
    expect(Object.isFrozen(value['a']) && Object.isFrozen(value['b'])).toBe(true)
    expect(Reflect.ownKeys(Object.prototype)).not.toContain('polluted')
  })

  it('is YAML 1.2: words of 1.1 are text', () => {
    expect({ ...read('a: yes\nb: 2024-01-01\nc: 1_000\nd: 1:30\ne: 0o17\nf: 0x1F\n').value }).toEqual({
      a: 'yes',
      b: '2024-01-01',
      c: '1_000',
      d: '1:30',
      e: 15n,
      f: 31n,
    })
  })

  it('may begin and end with the marks of a document, and break lines as Windows does', () => {
    expect({ ...read('---\r\na: b\r\n...\r\n').value }).toEqual({ a: 'b' })
  })

  it('has words for its types', () => {
    expect(describeType(null)).toBe('nothing')
    expect(describeType(read('a: 1').value)).toBe('a table')
    expect(describeType([null])).toBe('a list')
  })
})

describe('what a YAML document may not hold', () => {
  it.each([
    ['an anchor', 'a: &x 1', '1:4 `&x` is an anchor: there are none here', 'a: "&x"'],
    ['an alias', 'a: *x', '1:4 `*x` is an alias: there are none here', 'a: "*x"'],
    ['a merge key', '<<: {a: 1}', '1:1 `<<` is a merge key: there are none here', '"<": {a: 1}'],
    ['a tag', 'a: !!str 1', '1:4 `!!str` is a tag: there are none here', 'a: "!!str 1"'],
    ['the non-specific tag', 'a: ! 1', '1:4 `!` is a tag: there are none here', 'a: "! 1"'],
    ['a tag on a key', '!x a: 1', '1:1 `!x` is a tag: there are none here', 'x a: 1'],
    ['an anchor before a block', 'a: &x |\n  b\n', '1:4 `&x` is an anchor: there are none here', 'a: |\n  b\n'],
    ['a directive', '%YAML 1.1\n---\na: 1', '1:1 `%YAML 1.1` is a directive: there are none here', '---\na: 1'],
    ['a second document', 'a: 1\n---\nb: 2', '2:1 a second document begins here', 'a: 1\nb: 2'],
    ['an empty second document', 'a: 1\n---\n', '2:1 a second document begins here', 'a: 1\n...\n'],
    ['a duplicate key', 'a: 1\nb: 2\n"a": 3', '3:1 the key `a` stands twice', 'a: 1\nb: 2\n"c": 3'],
    ['a duplicate key, escaped', 'a: 1\n"\\u0061": 3', '2:1 the key `a` stands twice', 'a: 1\n"\\u0062": 3'],
    ['a null key', '~: 1', '1:1 the key `~` is not text', '"~": 1'],
    ['no key at all', ': 1', '1:1 the key `` is not text', '"": 1'],
    ['a number as key', 'a: {1: 2}', '1:5 the key `1` is not text', 'a: {"1": 2}'],
    ['a flag as key', 'true: 2', '1:1 the key `true` is not text', '"true": 2'],
    ['a list as key', '? [a]\n: 1', '1:3 a list or table stands where a key belongs', '? a\n: 1'],
    ['zeros in front', 'a: 0777', '1:4 `0777` is one number to some readers and another to others', 'a: 777'],
    [
      'more than 64 bits',
      'a: 9223372036854775808',
      '1:4 the number does not fit into 64 bits',
      'a: 9223372036854775807',
    ],
    ['NUL', 'a: "x\0y"', '1:6 the document holds the character U+0000', 'a: "xy"'],
    ['a control character', 'a: "x\u0007y"', '1:6 the document holds the character U+0007', 'a: "x\ty"'],
    ['a carriage return', 'a: 1\rb: 2', '1:5 the document holds the character U+000D', 'a: 1\r\nb: 2'],
    ['a byte order mark', '\ufeffa: 1', '1:1 the document holds a byte order mark', 'a: 1'],
    ['text alone', 'a', '1:1 the document is not a table', 'a:'],
    ['a list alone', '- a', '1:1 the document is not a table', 'a: [a]'],
    ['nothing', '', '1:1 the document is not a table', '{}'],
  ])('%s', (_, text, finding, neighbour) => {
    expect(findings(text)).toContain(finding)
    expect(findings(neighbour)).toEqual([])
  })

  it('bytes that are no text, and too many of them', () => {
    expect(findings(Buffer.from([0x61, 0x3a, 0x20, 0xff]))).toEqual(['1:4 the document is not UTF-8'])
    const most = `a: ${'b'.repeat(documentBytesMax - 3)}`
    expect(findings(most)).toEqual([])
    expect(findings(`${most}b`)).toEqual(['1:1 the document is too large'])
    expect(() => readYaml('a: 1', { file: 'a.yaml', bytesMax: 3 })).toThrow(/too large/)
  })

  it('every syntax error is listed', () => {
    expect(findings('a: [\nb: {')).toHaveLength(2)
    expect(findings('a: 1\n\tb: 2\n')).toEqual([expect.stringMatching(/^2:\d+ not YAML: tabs/)])
  })

  it('everything that is refused is listed beside each other', () => {
    expect(findings('a: &x 1\nb: *x\n<<: *x\na: 07\n').map((one) => one.split(' ')[0])).toEqual([
      '1:4',
      '2:4',
      '3:1',
      '3:5',
      '4:1',
    ])
  })

  it('an alias bomb dies at its first alias', () => {
    const levels = Array.from({ length: 30 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`)
    expect(findings(['a0: &a0 lol', ...levels].join('\n'))[0]).toBe('1:5 `&a0` is an anchor: there are none here')
    expect(findings('a: *'.padEnd(100_000, 'x'))).toHaveLength(1)
  })

  it('depth', () => {
    const deep = (levels: number): string => `a: ${'['.repeat(levels)}1${']'.repeat(levels)}`
    expect(findings(deep(nestingLevelsMax))).toEqual([])
    expect(findings(deep(nestingLevelsMax + 1))).toEqual([expect.stringContaining('the document nests too deep')])
    for (const unit of ['[', '- ', '? ', '{a: ']) {
      const bomb = unit.repeat(Math.floor(documentBytesMax / unit.length) - 1)
      expect(findings(bomb)).toEqual([expect.stringContaining('the document nests too deep')])
    }
  })

  it('thousands of mistakes flood nobody', () => {
    const text = Array.from({ length: 5000 }, (_, index) => `k${index}: !x 1`).join('\n')
    expect(findings(text)).toHaveLength(findingsMax + 1)
  })

  it('as many keys as fit are read once each', () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n')
    expect(Object.keys(read(text).value)).toHaveLength(20_000)
  })
})

describe('where things stand', () => {
  const document = read('a:\n  - b: "x\\ty"\n    c: \'it\'\'s\'\n"d e": {f: null}\ng:\n')

  it('keys and values', () => {
    expect(document.positionOf(['a'], 'key')).toEqual({ line: 1, column: 1 })
    expect(document.positionOf(['a', 0, 'b'])).toEqual({ line: 2, column: 8 })
    expect(document.positionOf(['a', 0, 'c'], 'key')).toEqual({ line: 3, column: 5 })
    expect(document.positionOf(['d e', 'f'], 'key')).toEqual({ line: 4, column: 9 })
    expect(document.positionOf(['g'], 'key')).toEqual({ line: 5, column: 1 })
    expect(document.positionOf(['a', 0, 'nowhere'])).toEqual({ line: 2, column: 5 })
    expect(document.positionOf([])).toEqual({ line: 1, column: 1 })
  })

  it('characters of texts', () => {
    expect(document.positionInText(['a', 0, 'b'], 2)).toEqual({ line: 2, column: 12 })
    expect(document.positionInText(['a', 0, 'c'], 3)).toEqual({ line: 3, column: 13 })
    expect(document.positionInText(['d e'], 3)).toEqual({ line: 4, column: 8 })
  })

  it('an inspection takes it as it takes TOML', () => {
    const inspection = new Inspection(document)
    inspection.report(['a', 0, 'b'], 'wrong', 'mend it')
    expect(() => inspection.throwIfAny('policy-validation-failed')).toThrowError(
      expect.objectContaining({ code: 'policy-validation-failed', message: 'a.yaml:2:8: wrong\n  mend it' }),
    )
  })
})
