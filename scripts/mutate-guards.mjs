// `npm run mutate -- WORKSPACE [FILTER] [--from N] [--seconds S]`: does some test notice when a guard goes? For each guard,
// verdict, comparison and conjunction in the sources of a workspace that decides, one copy of the workspace is made in
// which it is gone or turned around, and the workspace's tests run against it. What no test notices is printed.
//
// A developer's tool: it takes minutes to an hour. FILTER is a part of a file's name. It stops after S seconds and says
// with which `--from` it would go on. The working tree is never touched; what tests start in threads and processes of
// their own comes from the built packages, so that mutants there are not seen. A survivor is not always a hole: some
// mutants mean the same as the original.
import { fork } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutantsOf } from './mutate/mutants.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const known = ['capability', 'policy', 'trust', 'security-context']
/** A mutant whose tests take this many times as long as without one runs forever, which is noticed. */
const patience = 3

const { workspace, filter, from, seconds } = readArguments(process.argv.slice(2))
const copy = makeCopy(workspace)
const files = sourcesOf(join(copy, 'packages', workspace, 'src')).filter((file) => file.includes(filter))
const mutants = files.flatMap((file) => mutantsOf(readFileSync(file, 'utf8')).map((mutant) => ({ file, ...mutant })))
const survivors = []
let runner
let mutantMsMax = 100_000
let at = from
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    cleanUp()
    process.exit(1)
  })
}
try {
  const began = Date.now()
  if ((await askRunner([])) !== 'passed') throw new Error('the tests fail without any mutant')
  mutantMsMax = patience * (Date.now() - began)
  await run()
} finally {
  cleanUp()
}
process.exitCode = survivors.length === 0 ? 0 : 1

function cleanUp() {
  runner?.kill('SIGKILL')
  rmSync(copy, { recursive: true, force: true })
}

async function run() {
  const end = Date.now() + seconds * 1000
  for (; at < mutants.length && Date.now() < end; at++) {
    const mutant = mutants[at]
    if (!(await noticedBy(mutant))) {
      survivors.push(mutant)
      process.stdout.write(`\r${describe(mutant)}\n`)
    }
    process.stderr.write(`\r${at + 1} of ${mutants.length}, ${survivors.length} unnoticed `)
  }
  const rest = at < mutants.length ? `; go on with --from ${at}` : ''
  console.log(`\n${at - from} mutants of ${workspace}, ${survivors.length} unnoticed${rest}`)
}

/** Whether some test fails with the mutant in place. */
async function noticedBy(mutant) {
  const original = readFileSync(mutant.file, 'utf8')
  writeFileSync(mutant.file, mutant.apply(original))
  try {
    return (await askRunner([mutant.file])) !== 'passed'
  } finally {
    writeFileSync(mutant.file, original)
  }
}

/** One process keeps everything that did not change, and is killed when a mutant never ends. */
function askRunner(changed) {
  runner ??= fork(join(root, 'scripts/mutate/test-runner.mjs'), [copy], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const asked = runner
  return new Promise((resolve) => {
    const settle = (answer) => {
      clearTimeout(timer)
      asked.removeAllListeners()
      if (answer === 'lost') {
        asked.kill('SIGKILL')
        runner = undefined
      }
      resolve(answer)
    }
    const timer = setTimeout(() => settle('lost'), mutantMsMax)
    asked.once('message', settle)
    asked.once('exit', () => settle('lost'))
    asked.send(changed)
  })
}

function describe({ file, line, operator, found, put }) {
  const shown = file.slice(copy.length + 1)
  return `${shown}:${line}  ${operator}: \`${found}\` → \`${put}\``
}

/** The workspace's sources beside links to everything else. */
function makeCopy(name) {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-mutate-'))
  for (const shared of ['node_modules', 'docs']) symlinkSync(join(root, shared), join(folder, shared))
  const target = join(folder, 'packages', name)
  mkdirSync(target, { recursive: true })
  for (const part of ['src', 'package.json', 'test', 'test-cases', 'schemas']) {
    const source = join(root, 'packages', name, part)
    if (existsSync(source)) cpSync(source, join(target, part), { recursive: true })
  }
  symlinkSync(join(root, 'packages', name, 'dist'), join(target, 'dist'))
  return folder
}

function sourcesOf(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.test\b|test-support|(^|\/)(index|limits|reasons)\.ts$/.test(name))
    .sort()
    .map((name) => join(folder, name))
}

function readArguments(words) {
  const options = { from: 0, seconds: 3600 }
  const names = []
  for (let index = 0; index < words.length; index++) {
    const option = /^--(from|seconds)$/.exec(words[index])?.[1]
    if (option === undefined) names.push(words[index])
    else options[option] = Number(words[++index])
  }
  const [name, part = ''] = names
  if (!known.includes(name) || names.length > 2 || !Number.isInteger(options.from) || !(options.seconds > 0)) {
    console.error(`usage: npm run mutate -- ${known.join('|')} [FILTER] [--from N] [--seconds S]`)
    process.exit(2)
  }
  return { workspace: name, filter: part, ...options }
}
