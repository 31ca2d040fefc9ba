import { Command, Option } from 'commander'
import type { RunFlags } from '../run-command.js'
import { examples, type Room } from './room.js'

export const runRoom: Room = ({ terminal, end }) => [
  new Command('run')
    .summary('run a tree of supervised components')
    .description(
      'Starts the tree and stays until all of it has ended, or until SIGTERM, SIGINT or `bulkhead shutdown` asks it to\n' +
        'stop. SIGHUP and `bulkhead reload` read the tree file again. A second signal ends the process at once.',
    )
    .argument('<tree>', 'a tree file, such as bulkhead.toml')
    .addOption(
      new Option('--log <form>', 'for people, or one JSON object a line').choices(['human', 'json']).default('human'),
    )
    .option('--dev', 'let components start that nobody approved, where the trust document says dev_mode = true')
    .option('--inspect [address]', 'serve health, metrics, events and a live page over HTTP (default 127.0.0.1:7070)')
    .option(
      '--drain <duration>',
      'when it is asked to stop, end after this time whatever has not (default: no limit of its own)',
    )
    .option('--json', 'the same as --log json')
    .option('--verbose', 'show where a fault of ours came from')
    .addHelpText(
      'after',
      examples(
        [
          'bulkhead run bulkhead.toml',
          'bulkhead run bulkhead.toml --dev',
          'bulkhead run bulkhead.toml --drain 30s',
          'bulkhead run bulkhead.toml --inspect 127.0.0.1:7070',
          'bulkhead run bulkhead.toml --log json | jq \'select(.record == "denied")\'',
        ],
        ['Exit code: 0 each child ended as its `expect` says, or an orderly stop; 1 not so; 2 an error in a document.'],
      ),
    )
    .action(async (tree: string, flags: RunFlags & { readonly json?: boolean }) => {
      end(
        await (await import('../run-command.js')).runCommand(
          tree,
          { ...flags, log: flags.json === true ? 'json' : flags.log },
          terminal,
        ),
      )
    }),
]
