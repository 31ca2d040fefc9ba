import { Command } from 'commander'
import type { CallFlags } from '../calls/call-command.js'
import type { TypesFlags } from '../calls/types-command.js'
import { aboutState, examples, type Room, type Setting } from './room.js'

export const callsRoom: Room = (setting) => [call(setting), types(setting)]

function call(setting: Setting): Command {
  return aboutState(new Command('call'))
    .summary('call a function that a child exports')
    .description('Prints what it returns as JSON. Exit 1 when it returns an error, or does not return.')
    .argument('<child>', 'a child of the running tree')
    .argument('<function>', 'its name; with its interface where several have it: acme:math/ops#add')
    .argument('[arguments...]', 'JSON, each by itself; u64 and s64 may be texts, bytes {"base64": "…"}')
    .option('--deadline <duration>', 'how long to wait for it (default: the deadline of the child)')
    .addHelpText('after', examples(['bulkhead call greeter greet \'"world"\'', 'bulkhead call sums add 1 2 --json']))
    .action(async (child: string, name: string, args: string[], flags: CallFlags) => {
      setting.end(await (await import('../calls/call-command.js')).callCommand(child, name, args, flags, setting))
    })
}

function types({ terminal, end }: Setting): Command {
  return new Command('types')
    .summary('write TypeScript types of the functions that a component exports')
    .description('Reads a component without running it. The type goes with runtime.actor<Type>(child).')
    .argument('<file>', 'a component: a path, or npm:PACKAGE/FILE')
    .option('-o, --out <path>', 'the file to write (default: stdout)')
    .option('--name <name>', 'what the type is called after (default: the name of the file)')
    .addHelpText('after', examples(['bulkhead types greeter.wasm -o greeter.d.ts']))
    .action(async (file: string, flags: TypesFlags) => {
      end(await (await import('../calls/types-command.js')).typesCommand(file, flags, terminal))
    })
}
