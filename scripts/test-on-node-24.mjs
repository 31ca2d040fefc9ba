// `npm run test:node24 [-- VITEST ARGUMENTS]`: the same tests on Node 24, which npm brings as a package. It is kept apart
// in .cache: among the dependencies its `node` would take the place of the one that runs everything else.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const version = '24.21.0'
const root = fileURLToPath(new URL('..', import.meta.url))
const name = `node-${process.platform}-${process.arch}`
const home = join(root, '.cache', `node-${version}`)
const node24 = join(home, 'node_modules', name, 'bin', 'node')

if (process.platform !== 'linux') {
  console.log(`skipped: the tests on Node 24 run on Linux, not on ${process.platform}`)
} else {
  if (!existsSync(node24)) {
    const wanted = ['install', '--prefix', home, '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${version}`]
    run('npm', [...wanted, '--loglevel=error'])
  }
  run(node24, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)])
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
