// `node test/hostile/run-cases.mjs FILE`: runs every case of a file of the fs-attacks or the net-attacks format through a real
// guest in a real actor and prints one JSON line a case, `{ id, ok, got, want }`. Exit code 1 if any case fails.
// It makes a fresh clone ready by itself.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
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
const { parseExactJson } = await import('./fs-case/exact-json.mjs')

const cases = parseExactJson(fs.readFileSync(file, 'utf8'))
const { run, close } = 'servers' in (cases[0] ?? {}) ? await forNetwork() : await forFiles()
let failures = 0
for (const one of cases) {
  const result = await run(one)
  if (!result.ok) failures++
  process.stdout.write(`${JSON.stringify(result, printable)}\n`)
}
await close()
process.stderr.write(`${cases.length - failures} of ${cases.length} cases hold\n`)
process.exitCode = failures === 0 ? 0 : 1

async function forFiles() {
  const { createTestRuntime } = await import('../support/test-runtime.mjs')
  const { runCase } = await import('./fs-case/run-case.mjs')
  const runtime = await createTestRuntime()
  return { run: (/** @type {any} */ one) => runCase(one, runtime), close: () => runtime.stop() }
}

async function forNetwork() {
  const { networkLab } = await import('../support/network-lab.mjs')
  const { runNetCase } = await import('./net-case/run-net-case.mjs')
  const host = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'bulkhead-network-')))
  const lab = await networkLab('thread', host)
  const close = async () => {
    await lab.close()
    fs.rmSync(host, { recursive: true })
  }
  return { run: (/** @type {any} */ one) => runNetCase(one, lab), close }
}
