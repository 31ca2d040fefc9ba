// Builds the guests, runs the tree, and prints what `bulkhead run` prints: the components' own lines and what happens to
// them. In the middle it asks the running tree for its messages. The tree ends when intake has, well or not.
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { buildExample } from './build.mjs'

const folder = fileURLToPath(new URL('./', import.meta.url))
const bulkhead = fileURLToPath(new URL('../../../packages/cli/bin/bulkhead.mjs', import.meta.url))

await buildExample()
const tree = spawn(process.execPath, [bulkhead, 'run', 'bulkhead.toml'], {
  cwd: folder,
  stdio: ['ignore', 'pipe', 'inherit'],
})
process.on('SIGINT', () => tree.kill('SIGINT'))
process.on('SIGTERM', () => tree.kill('SIGTERM'))

const exited = new Promise((resolve) => tree.on('close', resolve))
let isBooked = false
for await (const line of createInterface({ input: tree.stdout })) {
  console.log(line)
  if (/intake │ \d+ orders booked /.test(line)) isBooked = true
  if (!line.startsWith('book │ second 6:')) continue
  const { stdout, stderr } = spawnSync(process.execPath, [bulkhead, 'messages'], { cwd: folder, encoding: 'utf8' })
  process.stdout.write(`\n${stdout}${stderr}\n`)
}
const exitCode = (await exited) ?? 1
process.exitCode = isBooked ? exitCode : 1
