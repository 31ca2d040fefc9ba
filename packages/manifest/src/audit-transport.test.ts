import { DocumentError } from '@bulkhead/document'
import { describe, expect, it } from 'vitest'
import { parseTree, parseTreeObject } from './parse-tree.js'

const read = (text: string) => parseTree(`[audit_transport]\n${text}\n`, { file: 'bulkhead.toml' }).auditTransport

function findings(text: string): readonly string[] {
  try {
    read(text)
  } catch (thrown) {
    if (thrown instanceof DocumentError) return thrown.findings.map(({ message }) => message)
    throw thrown
  }
  return []
}

describe('[audit_transport]', () => {
  it('is a target and whatever it is called with', () => {
    expect(parseTree('', { file: 'bulkhead.toml' }).auditTransport).toBeUndefined()
    expect(read('target = "pino/file"')).toEqual({ target: 'pino/file', options: {} })
    const options = { destination: 'a.log', sync: true, size: 10, share: 0.5, hosts: ['a', { port: 1 }] }
    const written = 'destination = "a.log", sync = true, size = 10, share = 0.5, hosts = ["a", { port = 1 }]'
    expect(read(`target = "./to.mjs"\noptions = { ${written} }`)).toEqual({ target: './to.mjs', options })
    const given = parseTreeObject({ audit_transport: { target: './to.mjs', options } })
    expect(given.auditTransport).toEqual({ target: './to.mjs', options })
  })

  it.each([
    ['', '`target` is missing'],
    ['target = 5', 'a whole number stands where'],
    ['target = "x"\ntargets = []', 'unknown key `targets`'],
    ['target = "x"\noptions = "y"', 'where a table belongs'],
    ['target = "x"\noptions = { at = 2026-11-22 }', 'a date or time stands where a text, a number'],
    ['target = "x"\noptions = { a = [1, 9223372036854775807] }', 'a whole number stands where a text, a number'],
  ])('%j is refused', (text, finding) => {
    expect(findings(text)).toEqual([expect.stringContaining(finding)])
  })
})
