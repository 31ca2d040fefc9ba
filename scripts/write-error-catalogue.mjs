// Rewrites the table of docs/errors.md from the codes that the vocabulary defines. Run it after adding a code.
import { readFileSync, writeFileSync } from 'node:fs'
import { errorCodes } from '../packages/vocabulary/dist/index.js'

const file = new URL('../docs/errors.md', import.meta.url)
const rows = Object.entries(errorCodes)
  .sort(([one], [other]) => (one < other ? -1 : 1))
  .map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
const text = readFileSync(file, 'utf8')
writeFileSync(file, text.replace(/(\|---\|---\|\n)(\|.*\n)*/, `$1${rows.join('\n')}\n`))
