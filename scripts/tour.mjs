// What `npm start` runs: the tree of docs/examples/tour, told as three stories side by side, and a proof at the end.
// Exit code 0 when every child ended as its `expect` says and the audit log proves itself.
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { childrenTable } from './tour/children-table.mjs'
import { prepareExample } from './tour/prepare-example.mjs'
import { prove } from './tour/prove.mjs'
import { runTree } from './tour/run-tree.mjs'
import { spokenSeconds } from './tour/spoken-seconds.mjs'
import { Stories } from './tour/stories.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const example = join(root, 'docs/examples/tour')
const bulkhead = join(root, 'packages/cli/bin/bulkhead.mjs')

// `npm start | head` is no fault.
process.stdout.on('error', () => process.exit(0))
await prepareExample(example)
const spoken = () => spokenSeconds(join(example, 'out/report.wav'))
const stories = new Stories(
  { Work: ['tally', 'speak'], Mischief: ['prowler', 'caller', 'forger', 'spinner'], Crash: ['flaky'] },
  { speak: () => `report.wav holds ${(spoken() ?? 0).toFixed(1)} s of speech` },
)
const run = await runTree({ bulkhead, tree: join(example, 'bulkhead.toml'), root, onRecord: stories.take })
stories.end()
if (run.end === undefined) {
  process.stderr.write(run.stderr)
  process.exit(run.exitCode === 0 ? 1 : run.exitCode)
}

console.log('\nProof')
const proof = await prove({ bulkhead, root, stateDirectory: join(example, '.bulkhead') })
for (const line of proof.lines) console.log(`  ${line}`)
console.log('')
for (const line of childrenTable(run.end.children)) console.log(line)

const right = run.exitCode === 0 && spoken() !== undefined && proof.holds
const where = relative(process.cwd(), example) || '.'
console.log(
  right ? `\nEvery child ended as ${where}/bulkhead.toml expects.` : '\nerror: the tour did not go as it should',
)
process.exitCode = right ? 0 : 1
