// `npm run test:node -- 22 [VITEST ARGUMENTS]`: the same tests on another Node, which npm brings as a package. It is kept
// apart in .cache: among the dependencies its `node` would take the place of the one that runs everything else.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Named whole, so that what passes today is what passes tomorrow. */
const versions = new Map([
  ['22', '22.23.3'],
  ['24', '24.21.0'],
  ['26', '26.10.0'],
])

const [line = '', ...wanted] = process.argv.slice(2)
const version = versions.get(line)
if (version === undefined) {
  console.error(`error: expected a Node of ${[...versions.keys()].join(', ')}, found \`${line}\``)
  console.error('hint: npm run test:node -- 22 packages/capability')
  process.exit(2)
}
if (process.platform !== 'linux') {
  console.log(`skipped: the tests on Node ${line} run on Linux, not on ${process.platform}`)
} else {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const name = `node-${process.platform}-${process.arch}`
  const home = join(root, '.cache', `node-${version}`)
  const node = join(home, 'node_modules', name, 'bin', 'node')
  if (!existsSync(node)) {
    const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
    run(root, 'npm', ['install', '--prefix', home, ...options, `${name}@${version}`])
  }
  run(root, node, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...wanted])
}

function run(cwd, command, args) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
