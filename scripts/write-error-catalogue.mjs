// Rewrites the table of docs/errors.md from the codes that the vocabulary defines. Run it after adding a code.
import { readFileSync, writeFileSync } from 'node:fs'
import { errorCodes } from '../packages/vocabulary/dist/index.js'

const file = new URL('../docs/errors.md', import.meta.url)
const entries = Object.entries(errorCodes).sort(([one], [other]) => (one < other ? -1 : 1))
const rows = [['code', 'means'], ...entries.map(([code, meaning]) => [`\`${code}\``, meaning])]
const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)))
const [head = '', ...body] = rows.map(
  (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`,
)
const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
const text = readFileSync(file, 'utf8')
writeFileSync(file, text.replace(/(\|.*\n)+/, `${[head, rule, ...body].join('\n')}\n`))
