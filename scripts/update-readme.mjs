// Runs the tour and puts what it really printed into the README. Run it on a quiet machine after changing the tour.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const tour = spawnSync(process.execPath, ['scripts/tour.mjs'], { cwd: root, encoding: 'utf8' })
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
