// `npm run live [ADDRESS]`: components that misbehave, an honest few, one that waits for a review, and the live page in front
// of them; until Ctrl-C.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { argv, execPath, stderr } from 'node:process'
import { fileURLToPath } from 'node:url'
import { withLiveTree } from './live-tree.mjs'

const bulkhead = fileURLToPath(new URL('../packages/cli/bin/bulkhead.mjs', import.meta.url))
const address = argv[2] ?? '127.0.0.1:7070'

// Both get what a terminal sends; this one waits for the other.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => {})
stderr.write(
  'The page is at the address that comes next; on it, approve `newcomer`, release `forger`. Ctrl-C ends it.\n',
)
process.exitCode = await withLiveTree(async (folder) => {
  const child = spawn(execPath, [bulkhead, 'run', 'bulkhead.toml', '--inspect', address], {
    cwd: folder,
    stdio: 'inherit',
  })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [code] = await once(child, 'close')
  return code ?? 1
})
