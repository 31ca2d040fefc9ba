// `node test/hostile/run-cases.mjs FILE`: runs every case of a file of the fs-attacks format through a real guest in a real
// actor and prints one JSON line a case, `{ id, ok, got, want }`. Exit code 1 if any case fails.
// It makes a fresh clone ready by itself.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'

const [file, ...rest] = process.argv.slice(2)
if (file === undefined || rest.length > 0) {
  process.stderr.write('usage: node test/hostile/run-cases.mjs FILE\n')
  process.exit(2)
}

/** Numbers that a double does not hold go out as text. @param {string} _ @param {unknown} value */
const printable = (_, value) => (typeof value === 'bigint' ? String(value) : value)

const ready = spawnSync(process.execPath, ['scripts/ensure-ready.mjs', '--tests'], {
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  stdio: ['ignore', 2, 2],
})
if (ready.status !== 0) process.exit(1)
const { createTestRuntime } = await import('../support/test-runtime.mjs')
const { parseExactJson } = await import('./fs-case/exact-json.mjs')
const { runCase } = await import('./fs-case/run-case.mjs')

const cases = parseExactJson(fs.readFileSync(file, 'utf8'))
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
