import { Command } from 'commander'
import type { StateFlags } from '../desk/state-flags.js'
import type { ReleaseFlags } from '../tree/release-command.js'
import { aboutState, examples, type Room } from './room.js'

export const treeRoom: Room = (setting) => [
  aboutState(new Command('ps'))
    .summary('how each child of the running tree stands')
    .description('How each child stands, since when and why, and what happens to it next.')
    .addHelpText('after', examples(['bulkhead ps', 'bulkhead ps --tree bulkhead.toml --json']))
    .action(async (flags: StateFlags) => {
      setting.end(await (await import('../tree/ps-command.js')).psCommand(flags, setting))
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
]
