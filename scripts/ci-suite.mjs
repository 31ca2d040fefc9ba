// `node scripts/ci-suite.mjs NAME 'NPM-SCRIPT [ARGUMENT…]' [FILE…]`: one run of the tests with its report in
// .cache/test-reports. A test file whose whole process died (a signal, the kernel's out-of-memory killer) has no result at
// all: like a single failed test it is tried once more, and said to have been.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'

const [name, command, ...files] = process.argv.slice(2)
const [script, ...leading] = command.split(' ')
const reports = '.cache/test-reports'
mkdirSync(reports, { recursive: true })

const first = runTests(name, files)
if (first.lost.length === 0) process.exit(first.status)
console.log(`tried again, because their process died: ${first.lost.join(' ')}`)
const again = runTests(`${name}-again`, first.lost)
process.exit(first.otherwiseGreen ? again.status : 1)

function runTests(run, wanted) {
  const report = `${reports}/${run}.json`
  const lostFiles = `.cache/lost-files-${run}.json`
  for (const file of [report, lostFiles]) rmSync(file, { force: true })
  const reporters = ['default', 'json', './scripts/lost-files-reporter.mjs'].map((one) => `--reporter=${one}`)
  const options = [...reporters, `--outputFile.json=${report}`]
  const { status } = spawnSync('npm', ['run', script, '--', ...leading, ...wanted, ...options], {
    stdio: 'inherit',
    env: { ...process.env, BULKHEAD_LOST_FILES: lostFiles },
  })
  if (!existsSync(report) || !existsSync(lostFiles)) {
    console.error(`error: the tests of \`${run}\` did not run to their end`)
    process.exit(1)
  }
  const { files: lost, otherErrors } = JSON.parse(readFileSync(lostFiles, 'utf8'))
  const otherwiseGreen = otherErrors === 0 && JSON.parse(readFileSync(report, 'utf8')).numFailedTests === 0
  return { status: status ?? 1, lost, otherwiseGreen }
}
