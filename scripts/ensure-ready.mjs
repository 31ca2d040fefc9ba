// Makes a fresh clone ready: the right Node, the dependencies of the lock file, the built workspaces. Plain Node without
// dependencies, because it runs before there are any. Takes about a second when nothing changed.
//
//   node scripts/ensure-ready.mjs            what `npm start` and `npm run check` need
//   node scripts/ensure-ready.mjs --tests    and the guests of the tests and benchmarks
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const oldestNode = [20, 19]

checkNode()
if (!dependenciesMatch()) step('installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
step('building', process.execPath, [
  join(root, 'node_modules/turbo/bin/turbo'),
  ...['run', 'build', '--output-logs=errors-only', '--no-update-notifier'],
])
if (process.argv.includes('--tests')) {
  step('building test guests', process.execPath, ['test/guests/build.mjs'])
  if (spawnSync('bwrap', ['--version']).status !== 0) {
    process.stderr.write('bubblewrap is not installed: the tests of the process rung are skipped\n')
  }
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  fail(`Node ${oldestNode.join('.')} or newer is needed; this is ${process.versions.node}`)
}

/** Whether everything in the lock file is installed in that version. npm keeps its own account of what it installed. */
function dependenciesMatch() {
  const installedFile = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installedFile)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages
  return Object.entries(wanted).every(([path, entry]) => {
    const outside = !path.startsWith('node_modules/')
    const otherPlatforms = entry.optional === true || entry.devOptional === true
    return outside || otherPlatforms || entry.link === true || installed[path]?.version === entry.version
  })
}

/** Runs one command; its output is shown only as it comes to a terminal or when it fails. */
function step(title, command, args) {
  const began = performance.now()
  const onTerminal = process.stderr.isTTY === true
  if (onTerminal) process.stderr.write(`${title} …`)
  const environment = {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
  }
  const done = spawnSync(command, args, {
    cwd: root,
    env: environment,
    encoding: 'utf8',
    shell: false,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if (onTerminal) process.stderr.write('\r\u001b[K')
  if (done.status === 0) {
    if (Number(seconds) >= 3) process.stderr.write(`${title}: ${seconds} s\n`)
    return
  }
  process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}`)
  fail(`${title} failed (${done.error?.message ?? `exit code ${done.status}`})`)
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`)
  process.exit(1)
}
