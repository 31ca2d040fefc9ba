// `node test/hostile/run-cases.mjs FILE`: runs every case of a file of the fs-attacks format through a real guest in a real
// actor and prints one JSON line a case, `{ id, ok, got, want }`. Exit code 1 if any case fails.
import fs from 'node:fs'
import { buildGuests } from '../guests/build.mjs'
import { createTestRuntime } from '../support/test-runtime.mjs'
import { parseExactJson } from './fs-case/exact-json.mjs'
import { runCase } from './fs-case/run-case.mjs'

const [file, ...rest] = process.argv.slice(2)
if (file === undefined || rest.length > 0) {
  process.stderr.write('usage: node test/hostile/run-cases.mjs FILE\n')
  process.exit(2)
}

/** Numbers that a double does not hold go out as text. @param {string} _ @param {unknown} value */
const printable = (_, value) => (typeof value === 'bigint' ? String(value) : value)

const cases = parseExactJson(fs.readFileSync(file, 'utf8'))
await buildGuests({ report: (line) => process.stderr.write(`${line}\n`) })
const runtime = await createTestRuntime()
let failures = 0
for (const one of cases) {
  const result = await runCase(one, runtime)
  if (!result.ok) failures++
  process.stdout.write(`${JSON.stringify(result, printable)}\n`)
}
await runtime.stop()
process.stderr.write(`${cases.length - failures} of ${cases.length} cases hold\n`)
process.exitCode = failures === 0 ? 0 : 1
