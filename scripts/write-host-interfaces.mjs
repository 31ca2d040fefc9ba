// Writes docs/reference/host-interfaces.md from the table of all host functions, which a test tries row by row. Run it after
// a function has come, gone, or asks something else.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { hostFunctions } from '@bulkhead/wasi/reference'

export const file = fileURLToPath(new URL('../docs/reference/host-interfaces.md', import.meta.url))

const head = `# Host interfaces

Every interface that a component may import, every function of it, what is asked before it does anything, and what the
component is told when the answer is no. The operator sees the reason besides, and the line that would grant it
(\`bulkhead explain\`). A function that the host does not have is refused when the component is built, not when it runs.

Interfaces of one version line resolve to the newest: a component that imports \`wasi:io/streams@0.2.0\` gets that of
\`0.2.12\`. A host application adds [its own](../host-interfaces.md). What a decision asks for is in
[capabilities](../capabilities.md).
`

/** The page as it is to be. */
export function page() {
  return `${head}\n${hostFunctions.map(section).join('\n')}`
}

/** @param {import('@bulkhead/wasi/reference').InterfaceReference} one */
function section({ name, about, groups }) {
  const rows = groups.map(({ functions, asks, because, denied }) => [
    functions.map((fn) => `\`${shown(fn)}\``).join(' '),
    because === undefined ? asks : `nothing: ${because}`,
    denied ?? '',
  ])
  const table = groups.length === 0 ? [] : ['', ...rowsOf([['function', 'asks', 'denied'], ...rows])]
  return `## \`${name.replace('-draft2', '@0.2.0-draft2')}\`\n\n${about}\n${table.join('\n')}${table.length > 0 ? '\n' : ''}`
}

/** \`[method]descriptor.open-at\` as \`descriptor.open-at\`. @param {string} fn */
function shown(fn) {
  return fn.replace(/^\[(?:method|static)\]/, '').replace(/^\[constructor\](.*)$/, 'new $1')
}

/** A table with its columns in line, as the formatter has it. @param {string[][]} rows */
function rowsOf(rows) {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)))
  const line = (/** @type {string[]} */ row) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [first = [], ...rest] = rows
  return [line(first), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest.map(line)]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, page())
