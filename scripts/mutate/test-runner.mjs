// The tests of the copy in which mutants are tried, kept warm: a child process of mutate-guards.mjs. It is sent the files
// that changed, and answers whether the tests passed; it stops at the first failure.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createVitest } from 'vitest/node'

const root = process.argv[2] ?? ''
const setup = join(root, 'mutate-setup.mjs')
// Property tests need no smallest counterexample here.
writeFileSync(setup, "import fc from 'fast-check'\nfc.configureGlobal({ endOnFailure: true })\n")

const vitest = await createVitest(
  'test',
  {
    root,
    config: false,
    watch: true,
    bail: 1,
    reporters: [{}],
    include: ['packages/*/src/**/*.test.ts'],
    setupFiles: [setup],
    pool: 'threads',
    isolate: false,
    maxWorkers: 1,
  },
  { server: { watch: null } },
)
const tests = await vitest.globTestSpecifications()
/** What was mutated last has to be read again too, as it was before. */
let stale = []

process.on('message', async (changed) => {
  for (const file of [...stale, ...changed]) vitest.invalidateFile(file)
  stale = changed
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(tests, false)
  const failed = unhandledErrors.length > 0 || testModules.some((module) => module.state() === 'failed')
  process.send?.(failed ? 'failed' : 'passed')
})
process.on('disconnect', () => process.exit(0))
