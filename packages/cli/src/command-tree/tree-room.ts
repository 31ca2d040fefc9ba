import { Command } from 'commander'
import type { StateFlags } from '../desk/state-flags.js'
import type { LogsFlags } from '../tree/logs-command.js'
import type { Order } from '../tree/order-command.js'
import type { ReleaseFlags } from '../tree/release-command.js'
import type { UpgradeFlags } from '../tree/upgrade-command.js'
import { aboutState, examples, type Room, type Setting } from './room.js'

const childHelp = 'id of a child or a supervisor of the tree; all members of a child obey'

export const treeRoom: Room = (setting) => [
  aboutState(new Command('ps'))
    .summary('how each child of the running tree stands')
    .description('How each child and supervisor stands, since when and why, and what happens to it next.')
    .addHelpText('after', examples(['bulkhead ps', 'bulkhead ps --tree bulkhead.toml --json']))
    .action(async (flags: StateFlags) => {
      setting.end(await (await import('../tree/ps-command.js')).psCommand(flags, setting))
    }),
  aboutState(new Command('logs'))
    .summary('what a child of the running tree has written')
    .description(
      'What a child has written to stdout and stderr, and what it has logged: its last 1,000 records, up to 1 MiB.\n' +
        'Of a pool each member has its own, under its own name.',
    )
    .argument('<child>', 'id of a child of the tree')
    .option('--tail <n>', 'only the last ones, so many')
    .option('-f, --follow', 'then those that come, until it is stopped')
    .addHelpText('after', examples(['bulkhead logs ingest --tail 20', 'bulkhead logs ingest --follow --json']))
    .action(async (child: string, flags: LogsFlags) => {
      setting.end(await (await import('../tree/logs-command.js')).logsCommand(child, flags, setting))
    }),
  aboutState(new Command('release'))
    .summary('hold nothing against a child any more')
    .description('Starts a child that was isolated again, one rung below where it fell from, with its accounts as new.')
    .argument('<child>', 'id of a child of the tree')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .addHelpText('after', examples(['bulkhead release ingest --reason "the vendor has mended it"']))
    .action(async (child: string, flags: ReleaseFlags) => {
      setting.end(await (await import('../tree/release-command.js')).releaseCommand(child, flags, setting))
    }),
  ordering(
    'start',
    setting,
    'start a child that has ended or was stopped',
    'Starts it once; when that fails it stays as it is.',
  ),
  ordering('stop', setting, 'stop a child', 'Stops it in order, then by force. It stays stopped until it is started.'),
  ordering(
    'restart',
    setting,
    'stop a child and start it again',
    'Stops it in order and starts it again. That is no fault of its own.',
  ),
  aboutState(new Command('upgrade'))
    .summary('give a child other bytes while the tree runs')
    .description(
      'Verifies a component, shows what it asks for, tries it beside the running one, and puts it in its place.\n' +
        'What asks for more than before needs a yes. A fault soon afterwards takes it back by itself.',
    )
    .argument('<child>', 'id of a child of the tree')
    .argument('<file>', 'the component: a path, or npm:PACKAGE/FILE')
    .option('--yes', 'approve what it asks for beyond what was approved before')
    .option('--manifest <file>', 'its manifest (default: as the tree file has it)')
    .option('--reason <text>', 'why, for the audit log')
    .addHelpText(
      'after',
      examples(['bulkhead upgrade greeter greeter-2.wasm', 'bulkhead upgrade greeter greeter-2.wasm --yes']),
    )
    .action(async (child: string, file: string, flags: UpgradeFlags) => {
      setting.end(await (await import('../tree/upgrade-command.js')).upgradeCommand(child, file, flags, setting))
    }),
]

function ordering(order: Order, setting: Setting, summary: string, description: string): Command {
  return aboutState(new Command(order))
    .summary(summary)
    .description(description)
    .argument('<child>', childHelp)
    .addHelpText('after', examples([`bulkhead ${order} ingest`]))
    .action(async (child: string, flags: StateFlags) => {
      setting.end(await (await import('../tree/order-command.js')).orderCommand(order, child, flags, setting))
    })
}
