// Runs the tour and puts what it really printed into the README. Run it on a quiet machine after changing the tour.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
// As in a fresh clone: no log of earlier runs, and an empty cache.
rmSync(join(root, 'docs/examples/tour/.bulkhead'), { recursive: true, force: true })
const cache = mkdtempSync(join(tmpdir(), 'bulkhead-readme-'))
const tour = spawnSync(process.execPath, ['scripts/tour.mjs'], {
  cwd: root,
  encoding: 'utf8',
  env: { ...process.env, XDG_CACHE_HOME: cache },
})
rmSync(cache, { recursive: true, force: true })
if (tour.status !== 0) {
  process.stderr.write(tour.stdout + tour.stderr)
  process.exit(1)
}
const file = new URL('../README.md', import.meta.url)
const text = readFileSync(file, 'utf8')
const block = /(This is what appears:\n\n```\n)[\s\S]*?(```\n)/
if (!block.test(text)) throw new Error('the README has no place for the output of the tour')
writeFileSync(
  file,
  text.replace(block, (_all, before, after) => `${before}${tour.stdout.trim()}\n${after}`),
)
