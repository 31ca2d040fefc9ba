// `npm run test:node24 [-- VITEST ARGUMENTS]`: the same tests on Node 24, which the development dependencies bring for
// Linux. Elsewhere it says so and does nothing.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const node24 = join(root, 'node_modules', `node-24-${process.platform}-${process.arch}`, 'bin', 'node')

if (existsSync(node24)) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const { status } = spawnSync(node24, [vitest, 'run', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
  process.exitCode = status ?? 1
} else {
  console.log(`skipped: no Node 24 for ${process.platform} on ${process.arch} among the dependencies`)
}
