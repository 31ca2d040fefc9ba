import { Command } from 'commander'
import { readVersion } from '../version.js'
import { auditRoom } from './audit-room.js'
import { callsRoom } from './calls-room.js'
import { completionRoom } from './completion-room.js'
import { execRoom } from './exec-room.js'
import { grantsRoom } from './grants-room.js'
import { healthRoom } from './health-room.js'
import { incidentsRoom } from './incidents-room.js'
import { inspectRoom } from './inspect-room.js'
import { messagesRoom } from './messages-room.js'
import { policyRoom } from './policy-room.js'
import { processRoom } from './process-room.js'
import { recommendRoom } from './recommend-room.js'
import { reviewsRoom } from './reviews-room.js'
import { examples, type Room, type Setting } from './room.js'
import { runRoom } from './run-room.js'
import { signingRoom } from './signing-room.js'
import { treeRoom } from './tree-room.js'

/** In the order in which the help lists their commands. */
const rooms: readonly Room[] = [
  execRoom,
  runRoom,
  treeRoom,
  healthRoom,
  processRoom,
  messagesRoom,
  callsRoom,
  incidentsRoom,
  inspectRoom,
  reviewsRoom,
  grantsRoom,
  policyRoom,
  recommendRoom,
  signingRoom,
  auditRoom,
  completionRoom,
]

/** The `bulkhead` command with all that is below it. */
export function commandTree(setting: Setting): Command {
  const { terminal } = setting
  const program = new Command('bulkhead')
    .description('Runs WebAssembly programs that nobody has to trust.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .enablePositionalOptions()
    .showHelpAfterError('(bulkhead --help shows what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .addHelpText(
      'after',
      examples([
        'bulkhead exec --read ./sales:/data app.wasm --year 2024',
        'bulkhead run bulkhead.toml',
        'bulkhead review',
        'bulkhead policy show ingest',
        'bulkhead audit verify .bulkhead',
      ]),
    )
  for (const command of rooms.flatMap((room) => room(setting))) program.addCommand(inherit(command, program))
  return program
}

/** Errors and output of subcommands go the same way as the program's. */
function inherit(command: Command, parent: Command): Command {
  for (const child of command.commands) inherit(child, parent)
  return command.copyInheritedSettings(parent)
}
