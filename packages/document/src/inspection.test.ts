import { describe, expect, it } from 'vitest'
import { DocumentError } from './document-error.js'
import { Inspection } from './inspection.js'
import { findingsMax } from './limits.js'
import { readToml } from './read-toml.js'

const text = Array.from({ length: findingsMax + 2 }, (_, index) => `k${index} = 1\n`).join('')

function caught(inspection: Inspection): DocumentError | undefined {
  try {
    inspection.throwIfAny()
  } catch (error) {
    if (error instanceof DocumentError) return error
    throw error
  }
  return undefined
}

describe('Inspection', () => {
  it('throws nothing while nothing was found', () => {
    expect(caught(new Inspection(readToml(text, { file: 'a.toml' })))).toBeUndefined()
  })

  it('throws all findings in the order of the text, each once', () => {
    const inspection = new Inspection(readToml(text, { file: 'a.toml' }))
    inspection.report(['k2'], 'later', 'mend it', 'key')
    inspection.report(['k0'], 'earlier', 'mend it')
    inspection.report(['k0'], 'earlier', 'mend it')
    const error = caught(inspection)
    expect(error?.message).toBe('a.toml:1:6: earlier\n  mend it\na.toml:3:1: later\n  mend it')
    expect(error?.code).toBe('document-invalid')
    expect(error?.details).toMatchObject({ file: 'a.toml', line: 1, column: 6 })
    expect(error?.toWire().details['findings']).toEqual(error?.findings)
  })

  it('lists so many findings and counts the others', () => {
    const inspection = new Inspection(readToml(text, { file: 'a.toml' }))
    for (let index = 0; index < findingsMax; index++) inspection.report([`k${index}`], 'wrong', 'mend it')
    expect(caught(inspection)?.findings).toHaveLength(findingsMax)
    inspection.report([`k${findingsMax}`], 'wrong', 'mend it')
    inspection.report([`k${findingsMax + 1}`], 'wrong', 'mend it')
    const error = caught(inspection)
    expect(error?.findings).toHaveLength(findingsMax + 1)
    expect(error?.findings.at(-1)?.message).toBe('2 more findings are not listed')
  })

  it('keeps every finding on a line of its own', () => {
    const error = new DocumentError([
      { file: 'a.toml', line: 1, column: 1, message: 'bad\nb.toml:1:1: forged', hint: '' },
    ])
    expect(error.message).toBe('a.toml:1:1: bad\\u{a}b.toml:1:1: forged')
    const named = new DocumentError([{ file: 'a\nb\u001b[2J.toml', line: 1, column: 1, message: 'bad', hint: '' }])
    expect(named.message).toBe('a\\u{a}b\\u{1b}[2J.toml:1:1: bad')
    expect(named.details['file']).toBe('a\nb\u001b[2J.toml')
    expect(() => new DocumentError([])).toThrow(TypeError)
  })
})
