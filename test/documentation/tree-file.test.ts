// The reference of the tree file: each example in it is read as what it is, and no key is missing.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseManifest, parseTree } from '@bulkhead/manifest'
import { describe, expect, it } from 'vitest'
import { root } from '../end-to-end/command.js'

/** Every key of SPEC 8 and SPEC 4, by the heading under which it is explained. */
const keys = {
  'The file': 'state trust roles audit overcommit require_walls process_rung time_scale',
  '`[audit_transport]`': 'target options',
  '`[http]`': 'listen routes max_body',
  '`[incidents]`': 'command topic deadline',
  Supervisors: 'strategy intensity profile auto_shutdown ceiling quotas tenant restart shutdown max_children',
  Children:
    'component manifest approved policy kind restart expect args env inherit mounts config secrets http lifetime instances shutdown significant delivery quotas deadline tenant trusted_escalates',
  Quotas: 'memory storage messages network requests cpu deadline logs handles',
} as const

const text = readFileSync(join(root, 'docs/reference/tree-file.md'), 'utf8')

type Row = { readonly key: string; readonly example: string }

/** The rows of the first table below a line that begins with this heading. */
function rowsBelow(heading: string): readonly Row[] {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.replace(/^#+ /, '').startsWith(heading))
  const table = lines.slice(start).findIndex((line) => line.startsWith('|'))
  const rows: Row[] = []
  for (const line of lines.slice(start + table + 2)) {
    if (!line.startsWith('|')) break
    const [key = '', example = ''] = line.slice(1).split(' | ')
    rows.push({ key: bare(key), example: bare(example) })
  }
  return rows
}

const bare = (cell: string): string => cell.trim().replace(/^`|`$/g, '')

const child = '[children.greeter]\ncomponent = "./greeter.wasm"\n'
/** A whole tree with the example in its place. */
const within: Readonly<Record<keyof typeof keys, (example: string, key: string) => string>> = {
  'The file': (example) => `${example}\n${child}`,
  '`[http]`': (example, key) =>
    `${child}[http]\n${example}\n${key === 'listen' ? '' : 'listen = "127.0.0.1:8080"\n'}${key === 'routes' ? '' : 'routes = { "/**" = "greeter" }\n'}`,
  '`[audit_transport]`': (example, key) =>
    `${child}[audit_transport]\n${example}\n${key === 'target' ? '' : 'target = "pino/file"\n'}`,
  '`[incidents]`': (example) => `${child}[incidents]\n${example}\n`,
  Supervisors: (example) => `[supervisor]\n${example}\n${child}`,
  Children: (example, key) => {
    const secrets = key === 'http' ? 'secrets = { API_KEY = { file = "key" } }\n' : ''
    return `[children.greeter]\n${key === 'component' ? '' : 'component = "x"\n'}${example}\n${secrets}`
  },
  Quotas: (example) => `${child}[children.greeter.quotas]\n${example}\n`,
}

describe.each(Object.entries(keys) as [keyof typeof keys, string][])('%s', (heading, listed) => {
  const rows = rowsBelow(heading)

  it('explains every key once', () => {
    expect(rows.map(({ key }) => key)).toEqual(listed.split(' '))
  })

  it.each(rows.map(({ key, example }) => [key, example]))('shows %s as it is written', (key, example) => {
    expect(example.startsWith(`${key} = `)).toBe(true)
    expect(() => parseTree(within[heading](example, key), { file: '/srv/bulkhead.toml' })).not.toThrow()
  })
})

it('shows every form of a mount', () => {
  const forms = rowsBelow('Mounts').map(({ key }) => key)
  expect(forms).toHaveLength(5)
  for (const form of forms) expect(() => parseTree(`${child}mounts = { ${form} }\n`, { file: 'b.toml' })).not.toThrow()
})

it('shows quotas that a manifest takes as well', () => {
  const header = '[component]\nid = "greeter"\nversion = "1.0.0"\n[quotas]\n'
  for (const { example } of rowsBelow('Quotas')) {
    expect(() => parseManifest(`${header}${example}\n`, { file: 'Component.toml' })).not.toThrow()
  }
})
