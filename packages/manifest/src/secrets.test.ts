import { DocumentError } from '@bulkhead/document'
import { describe, expect, it } from 'vitest'
import { parseTree } from './parse-tree.js'

function child(lines: string) {
  const [first] = parseTree(`[children.a]\ncomponent = "x"\n${lines}`, { file: '/etc/app/bulkhead.toml' }).root.children
  return first?.kind === 'child' ? first : undefined
}

function findings(lines: string): readonly string[] {
  try {
    child(lines)
  } catch (thrown) {
    if (thrown instanceof DocumentError) return thrown.findings.map(({ line, message }) => `${line}: ${message}`)
  }
  return []
}

describe('configuration and secrets', () => {
  it('are texts, and files beside the tree', () => {
    expect(child('config = { region = "eu", "db.pool" = "4" }')?.config).toEqual({ region: 'eu', 'db.pool': '4' })
    expect(child('secrets = { API_KEY = { file = "key" }, B = { file = "/run/b" } }')?.secrets).toMatchObject([
      { name: 'API_KEY', file: '/etc/app/key', at: { line: 3 } },
      { name: 'B', file: '/run/b' },
    ])
    expect(child('')).toMatchObject({ config: {}, secrets: [] })
  })

  it('take no other types, so that nobody wonders how a number is written', () => {
    for (const value of ['4', 'true', '["eu"]']) expect(findings(`config = { region = ${value} }`)).toHaveLength(1)
  })

  it('never stand in the tree file, and are not repeated where they do', () => {
    expect(findings('secrets = { API_KEY = "hunter2-hunter2" }')).toEqual(['3: a secret does not stand in a tree file'])
    expect(findings('secrets = { API_KEY = { value = "hunter2-hunter2" } }').join()).not.toContain('hunter2')
  })

  it('are one thing under one name', () => {
    expect(findings('config = { K = "v" }\nsecrets = { K = { file = "k" } }')).toEqual([
      '4: `K` is both in `config` and a secret',
    ])
    expect(findings('secrets = { "a=b" = { file = "k" } }')).toEqual(['3: `a=b` is not a name of a secret'])
    expect(findings('secrets = { K = {} }')).toEqual(['3: `file` is missing'])
    expect(findings('secrets = "k"')).toHaveLength(1)
    const many = Array.from({ length: 65 }, (_, index) => `K${index} = { file = "k" }`)
    expect(findings(`secrets = { ${many.join(', ')} }`)).toEqual(['3: 65 secrets are too many'])
  })
})
