// Compiles the program and runs it in a tree of its own, which ends when the program has.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildExample } from './build.mjs'

const folder = fileURLToPath(new URL('./', import.meta.url))
const bulkhead = fileURLToPath(new URL('../../../packages/cli/bin/bulkhead.mjs', import.meta.url))

await buildExample()
mkdirSync(new URL('./report', import.meta.url), { recursive: true })
const { status } = spawnSync(process.execPath, [bulkhead, 'run', 'bulkhead.toml'], { cwd: folder, stdio: 'inherit' })
process.exitCode = status ?? 1
