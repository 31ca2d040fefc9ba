// Builds the guests, runs the tree, and prints what `bulkhead run` prints: the components' own lines and what happens to
// them. Two that were quarantined it releases, as an operator would. When the ticker has ended, well or not, it shows how
// the others stand, tells the tree to stop, and says what became of each.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { buildExample } from './build.mjs'

const folder = fileURLToPath(new URL('./', import.meta.url))
const bulkhead = fileURLToPath(new URL('../../../packages/cli/bin/bulkhead.mjs', import.meta.url))

/** Who is released, after which of its quarantines, and why. */
const pardons = [
  { child: 'forger', quarantine: 1, reason: 'its author says that it was a slip' },
  { child: 'prowler', quarantine: 1, reason: 'let us see whether it does it again' },
  { child: 'crasher', quarantine: 2, reason: 'what it needs should be there by now' },
]

/** Words for the turns of a story, by the type of event. */
const turns = {
  'child.reduced': 'reduced',
  'child.isolated': 'isolated in a process',
  'child.quarantined': 'quarantined',
  'child.half-open': 'tried again',
  'child.healthy': 'stayed well',
  'child.released': 'released',
}

/** What `bulkhead` exits with when no process answers. */
const unreachable = 4
const attemptsMax = 20

await buildExample()
// What is held against a component outlives the process: without this the second run would begin where the first ended.
rmSync(join(folder, '.bulkhead'), { recursive: true, force: true })
const tree = spawn(process.execPath, [bulkhead, 'run', 'bulkhead.toml'], {
  cwd: folder,
  stdio: ['ignore', 'pipe', 'inherit'],
})
process.on('SIGINT', () => tree.kill('SIGINT'))
process.on('SIGTERM', () => tree.kill('SIGTERM'))

const exited = new Promise((resolve) => tree.on('close', resolve))
/** @type {Map<string, string[]>} */
const stories = new Map()
let missedNone = false
for await (const line of createInterface({ input: tree.stdout })) {
  console.log(line)
  if (/^ticker +│ none missing/.test(line)) missedNone = true
  const [, type = '', child = ''] = /^[\d:.]+ (\S+) +(\S+)/.exec(line) ?? []
  const turn = turns[/** @type {keyof typeof turns} */ (type)]
  // A child can be degraded by a quota and be healthy again: only a step down the ladder names a level.
  if (turn !== undefined && (type !== 'child.healthy' || line.includes('level'))) {
    const story = stories.get(child) ?? []
    stories.set(child, [...story, turn])
    const quarantines = [...story, turn].filter((one) => one === 'quarantined').length
    for (const pardon of pardons) {
      if (turn !== 'quarantined' || pardon.child !== child || pardon.quarantine !== quarantines) continue
      // Nobody waits for it here: the tree's lines go on.
      void ask('release', child, '--reason', pardon.reason)
    }
  }
  if (type !== 'child.stopped' || child !== 'ticker') continue
  for (const words of [['ps'], ['incidents', 'list']]) await ask(...words)
  tree.kill('SIGTERM')
}
const exitCode = (await exited) ?? 1
console.log('\nwhat became of each')
for (const [child, story] of stories) console.log(`  ${child.padEnd(9)} ${story.join(', ')}`)
console.log(missedNone ? '  the honest ones missed nothing' : '  THE HONEST ONES MISSED SOMETHING')
process.exitCode = missedNone ? exitCode : 1

/**
 * What an operator types, in another terminal. The tree answers when all of its children were started: until then it is
 * typed again.
 *
 * @param {...string} words
 */
async function ask(...words) {
  const shown = words.map((word) => (word.includes(' ') ? `"${word}"` : word)).join(' ')
  for (let attempt = 1; ; attempt++) {
    const { code, said } = await typed(words)
    if (code === unreachable && attempt < attemptsMax) continue
    process.stdout.write(`\n$ bulkhead ${shown}\n${said}\n`)
    return
  }
}

/** @param {readonly string[]} words @returns {Promise<{ code: number | null, said: string }>} */
function typed(words) {
  const command = spawn(process.execPath, [bulkhead, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  command.stdout.on('data', (chunk) => (said += chunk))
  command.stderr.on('data', (chunk) => (said += chunk))
  return new Promise((resolve) => command.on('close', (code) => resolve({ code, said })))
}
