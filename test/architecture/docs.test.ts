import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { errorCodes } from '../../packages/vocabulary/src/codes.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

it('has every error code in the catalogue, with its meaning, and no other', () => {
  const table = readFileSync(join(root, 'docs/errors.md'), 'utf8').match(/^\| `.*$/gm) ?? []
  const rows = table.map((row) => row.replace(/ +/g, ' '))
  const wanted = Object.entries(errorCodes)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
  expect(rows, 'node scripts/write-error-catalogue.mjs').toEqual(wanted)
})

it.each(documents)('%s links only to what is there', (document) => {
  const text = readFileSync(join(root, document), 'utf8')
  const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target) && !targetExists(document, target))
  expect(broken).toEqual([])
})

function targetExists(document: string, target: string): boolean {
  const [path = '', fragment] = target.split('#')
  const file = path === '' ? join(root, document) : join(root, dirname(document), path)
  if (relative(root, file).startsWith('..') || !existsSync(file)) return false
  if (fragment === undefined) return true
  const text = readFileSync(file, 'utf8')
  if (text.includes(`<a id="${fragment}"></a>`)) return true
  const headings = text.match(/^#+ .*$/gm) ?? []
  return headings.some((heading) => anchorOf(heading) === fragment)
}

/** As the usual renderers make it: lower case, punctuation dropped, spaces to hyphens. */
function anchorOf(heading: string): string {
  return heading
    .replace(/^#+ /, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')
}
