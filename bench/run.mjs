// `npm run bench [FILTER]`: runs every benchmark that stands beside a workspace, one after the other, and prints each pair
// with its ratio (bench/pair.mjs says how they measure). Nothing is asserted here: an aim that is missed is shown.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const filter = process.argv[2] ?? ''

const workspaces = [...readdirSync(join(root, 'packages')).map((name) => join('packages', name)), 'supervisors']
const files = workspaces
  .flatMap((workspace) => benchmarksIn(join(root, workspace, 'bench')))
  .filter((file) => relative(root, file).includes(filter))

const pairs = []
let failed = false
for (const file of files) {
  process.stderr.write(`${relative(root, file)}\n`)
  failed = !(await run(file)) || failed
}
print(pairs)
process.exitCode = failed ? 1 : 0

function benchmarksIn(folder) {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.bench.mjs'))
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}

function run(file) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--expose-gc', file], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) pairs.push(JSON.parse(line))
    })
    child.once('close', (code) => resolve(code === 0))
  })
}

function print(pairs) {
  const table = pairs.map(({ name, ours, baseline, unit, ratio, of, aim, met }) => [
    name,
    `${figure(ours)} ${unit}`,
    `${figure(baseline)} ${unit}`,
    figure(ratio),
    of,
    aim === undefined ? '' : `${aim}  ${met ? 'met' : 'MISSED'}`,
  ])
  table.unshift(['what', 'ours', 'baseline', 'ratio', 'the baseline is', 'aim'])
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)))
  for (const row of table) {
    const cells = row.map((cell, column) =>
      column >= 1 && column <= 3 ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
    )
    console.log(cells.join('  ').trimEnd())
  }
  console.log('\nratio: ours ÷ baseline; smaller is better; only ratios inside one run mean anything')
}

function figure(value) {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)))
}
