// What a reviewer should not have to say: names, sizes, and leftovers. Part of `npm run check`.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const sourceLinesMax = 400
/** A machine is one table, which is read in one place. */
const machineLinesMax = 900

const kebabCase = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/
const customaryNames =
  /^(Dockerfile|README|CHANGELOG|CONTRIBUTING|SECURITY|NOTICE|COPYING)(\.md)?$|^LICEN[CS]E[A-Za-z0-9.-]*$|^Component\.toml$/
const vagueNames = /^(utils?|common|helpers?|manager|misc|shared-code)\b|[-.](utils?|helpers?|manager)\./
/** Brought in from elsewhere, generated, or data for tests: not ours to rename or reformat. */
const foreign = /(^|\/)(vendor|generated|cases|test-cases|fixtures|wit)\/|^package-lock\.json$/
const leftover = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK', 'X' + 'XX'].join('|')})\\b`)
const personalPath = /(^|[\s"'`(=])\/(home|Users)\/[a-z][\w.-]*\//
const bytesThatAreNotText = 0

const complaints = []
const files = tracked()
for (const file of files) checkFile(file)
for (const workspace of workspaces()) checkWorkspace(workspace)

for (const complaint of complaints) console.error(complaint)
console.log(complaints.length === 0 ? `tidy: ${files.length} files` : `tidy: ${complaints.length} complaints`)
process.exitCode = complaints.length === 0 ? 0 : 1

/** Everything that is, or would be, committed. */
function tracked() {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  const names = listed.toString('utf8').split('\0')
  return names.filter((name) => name !== '' && existsSync(join(root, name)) && statSync(join(root, name)).isFile())
}

function workspaces() {
  const manifests = files.filter((file) => /^(packages\/[^/]+|supervisors)\/package\.json$/.test(file))
  return manifests.map((file) => dirname(file))
}

function checkFile(file) {
  if (foreign.test(file)) return
  const name = basename(file)
  if (!kebabCase.test(name) && !customaryNames.test(name)) complain(file, 1, 'the file name is not kebab-case')
  if (vagueNames.test(name)) complain(file, 1, 'the file name says nothing about what is in it')
  const bytes = readFileSync(join(root, file))
  if (bytes.includes(bytesThatAreNotText)) return
  checkText(file, bytes.toString('utf8'))
}

function checkText(file, text) {
  if (text === '') return
  if (!text.endsWith('\n')) complain(file, text.split('\n').length, 'the last line has no end')
  const lines = text.split('\n').slice(0, -1)
  const isTest = /\.test\b/.test(file)
  lines.forEach((line, index) => {
    if (/[ \t\r]$/.test(line)) complain(file, index + 1, 'trailing white space')
    if (leftover.test(line)) complain(file, index + 1, 'a note to oneself: do it, or write it where work is planned')
    if (line.includes(root) || (!isTest && personalPath.test(line))) complain(file, index + 1, 'a path of one machine')
  })
  const linesMax = file.endsWith('.machine.ts') ? machineLinesMax : sourceLinesMax
  if (!isTest && /\/src\/.*\.ts$/.test(file) && lines.length > linesMax) {
    complain(file, linesMax + 1, `${lines.length} lines; a source file has at most ${linesMax}`)
  }
}

function checkWorkspace(directory) {
  const { description } = JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8'))
  if (!description) complain(join(directory, 'package.json'), 1, 'the workspace has no description')
  if (!existsSync(join(root, directory, 'README.md'))) complain(directory, 1, 'the workspace has no README.md')
}

function complain(file, line, message) {
  complaints.push(`${file}:${line}: ${message}`)
}
