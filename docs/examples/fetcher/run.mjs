// Builds the component and runs it in a tree of its own, beside a server that it may ask; all of it ends with the component.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { prepareFetcher } from './build.mjs'
import { serve } from './server.mjs'

const folder = new URL('./.cache/', import.meta.url)
const bulkhead = fileURLToPath(new URL('../../../packages/cli/bin/bulkhead.mjs', import.meta.url))
const key = 'Bearer of-nobody-else'

await prepareFetcher(folder, key)
const server = serve(key)
await once(server, 'listening')
const child = spawn(process.execPath, [bulkhead, 'run', 'bulkhead.toml'], {
  cwd: fileURLToPath(folder),
  stdio: 'inherit',
})
const [code] = await once(child, 'exit')
server.closeAllConnections()
server.close()
process.exitCode = code ?? 1
