import { lingerMs } from './limits.js'
import { main } from './main.js'
import { processTerminal } from './process-terminal.js'

const terminal = processTerminal()
process.exitCode = await main(process.argv.slice(2), terminal)
await terminal.stdout.flush()
await terminal.stderr.flush()
// Standard input may still be open (a terminal, a pipe without end); nobody reads it any more.
process.stdin.destroy()
setTimeout(() => process.exit(), lingerMs).unref()
