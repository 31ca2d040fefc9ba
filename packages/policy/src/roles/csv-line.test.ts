import { newEnforcer, newModelFromString, StringAdapter } from 'casbin'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCsvLine } from './csv-line.js'

function texts(line: string): readonly string[] {
  const read = readCsvLine(line)
  if (read.kind !== 'fields') throw new Error(`not fields: ${JSON.stringify(read)}`)
  return read.fields.map(({ text }) => text)
}

describe('a line of a role file', () => {
  it.each([
    ['p, a,b ,  c', ['p', 'a', 'b', 'c']],
    ['\tp\t,\ta\t', ['p', 'a']],
    ['p, "a,b"', ['p', 'a,b']],
    ['p, "a ""b"" c" , d', ['p', 'a "b" c', 'd']],
    ['p,,', ['p', '', '']],
    ['p, ""', ['p', '']],
    ['p, /a#b', ['p', '/a#b']],
    ['p, /a(b', ['p', '/a(b']],
    ['p, " a "', ['p', ' a ']],
  ])('%j holds the fields %j', (line, fields) => {
    expect(texts(line)).toEqual(fields)
  })

  it.each(['', '   ', '\t', '# p, a', '  # p, a'])('%j is blank', (line) => {
    expect(readCsvLine(line)).toEqual({ kind: 'blank' })
  })

  it.each([
    ['p, a"b', 5, 'inside a field'],
    ['p, "a', 4, 'never closed'],
    ['p, "a" b, c', 8, 'behind the closing quote'],
  ])('%j is broken at column %i', (line, column, message) => {
    expect(readCsvLine(line)).toMatchObject({ kind: 'broken', column, message: expect.stringContaining(message) })
  })

  it('knows where each character of a field stands', () => {
    const read = readCsvLine('p,  "a""b,c" , de')
    if (read.kind !== 'fields') throw new Error('not fields')
    const [, quoted, bare] = read.fields
    expect([0, 1, 2, 3, 4, 5].map((character) => quoted?.columnOf(character))).toEqual([6, 8, 9, 10, 11, 12])
    expect([0, 1, 2].map((character) => bare?.columnOf(character))).toEqual([16, 17, 18])
  })

  // Casbin undoubles quotes a second time, so two of them side by side are left out.
  it('reads what it accepts as casbin does', async () => {
    const word = fc.stringMatching(/^[a-z/*:[\]#. ]{0,6}$/).map((text) => `x${text}`)
    const field = fc.oneof(
      word,
      fc
        .array(fc.constantFrom('a', ',', '""', ' ', '/'), { maxLength: 5 })
        .map((parts) => `"y${parts.join('').replace(/("")+/g, '""')}y"`),
    )
    const spaced = fc.tuple(fc.constantFrom('', ' ', '\t'), field).map(([space, text]) => `${space}${text}${space}`)
    const line = fc.tuple(spaced, spaced, spaced, spaced).map((fields) => `p,${fields.join(',')}`)
    await fc.assert(
      fc.asyncProperty(line, async (text) => {
        const enforcer = await newEnforcer(newModelFromString(plainModel), new StringAdapter(text))
        const [rule] = await enforcer.getPolicy()
        expect(
          texts(text)
            .slice(1)
            .map((one) => one.trim()),
        ).toEqual(rule)
      }),
      { numRuns: 150 },
    )
  })
})

const plainModel = `
[request_definition]
r = a, b, c, d
[policy_definition]
p = a, b, c, d
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.a == p.a
`
