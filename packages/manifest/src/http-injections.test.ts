import { DocumentError } from '@bulkhead/document'
import { expect, it } from 'vitest'
import { parseTree } from './parse-tree.js'
import type { ChildSpec } from './tree.js'

const tree = (lines: string): string => `[children.a]
component = "a.wasm"
secrets = { KEY = { file = "key" } }
${lines}
`

function child(lines: string): ChildSpec | undefined {
  const [first] = parseTree(tree(lines), { file: '/srv/bulkhead.toml' }).root.children
  return first?.kind === 'child' ? first : undefined
}

function findings(lines: string): string[] {
  try {
    child(lines)
    return []
  } catch (thrown) {
    if (!(thrown instanceof DocumentError)) throw thrown
    return thrown.findings.map(({ line, column, message }) => `${line}:${column} ${message}`)
  }
}

it('is an origin, a header and the name of a secret', () => {
  expect(child('')?.injections).toEqual([])
  expect(child('http = {}')?.injections).toEqual([])
  expect(
    child('http.inject."https://api.example.com" = { header = "authorization", secret = "KEY" }')?.injections,
  ).toEqual([
    {
      origin: 'https://api.example.com',
      header: 'authorization',
      secret: 'KEY',
      at: expect.objectContaining({ line: 4 }),
    },
  ])
  const two = `[children.a.http.inject]
"http://127.0.0.1:8080" = { header = "x-key", secret = "KEY" }
"https://[::1]:8443" = { header = "x-key", secret = "OTHER" }`
  expect(child(two)?.injections.map(({ origin }) => origin)).toEqual(['http://127.0.0.1:8080', 'https://[::1]:8443'])
})

const wrong: readonly (readonly [string, string])[] = [
  ...[
    'https://api.example.com/',
    'https://*.example.com',
    'api.example.com',
    'ftp://a',
    'https://u@a',
    'https://a:0',
    '',
  ].map(
    (origin) =>
      [`http.inject."${origin}" = { header = "a", secret = "KEY" }`, `4:13 \`${origin}\` is not an origin`] as const,
  ),
  ['http.inject."https://a" = { secret = "KEY" }', '4:13 `header` is missing'],
  ['http.inject."https://a" = { header = "a", secret = "" }', '4:52 '],
  ['http.inject."https://a" = { header = "a", secret = "K", more = 1 }', '4:57 unknown key `more`'],
  ['http.inject."https://a" = { header = "Host", secret = "KEY" }', '4:38 `Host` is not a header that can be added'],
  ['http.inject."https://a" = { header = "content-length", secret = "KEY" }', 'is not a header that can be added'],
  ['http.inject."https://a" = { header = "a b", secret = "KEY" }', '`a b` is not a header that can be added'],
  ['http.inject."https://a" = { header = "a", secret = "K=Y" }', '`K=Y` is not a name of a secret'],
  ['http.inject."https://a" = "KEY"', 'a table'],
  ['http.inject = "KEY"', 'a table'],
  ['http.injekt = {}', 'unknown key `injekt`'],
]

it.each(wrong)('%s', (line, expected) => {
  expect(findings(line).join('\n')).toContain(expected)
})

it('is there once for each origin, however it is spelled, and not too often', () => {
  const rule = '{ header = "a", secret = "KEY" }'
  expect(
    findings(`[children.a.http.inject]\n"https://A.example" = ${rule}\n"https://a.example:443" = ${rule}`),
  ).toEqual(['6:1 the origin `https://a.example:443` is there twice'])
  const many = (count: number): string =>
    `[children.a.http.inject]\n${Array.from({ length: count }, (_, n) => `"https://a${n}" = ${rule}`).join('\n')}`
  expect(child(many(16))?.injections).toHaveLength(16)
  expect(findings(many(17))).toEqual([expect.stringContaining('17 origins are too many')])
})
