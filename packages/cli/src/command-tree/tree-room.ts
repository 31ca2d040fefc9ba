import { Command } from 'commander'
import type { StateFlags } from '../desk/state-flags.js'
import { aboutState, examples, type Room } from './room.js'

export const treeRoom: Room = (setting) => [
  aboutState(new Command('ps'))
    .summary('how each child of the running tree stands')
    .description('How each child stands, since when and why, and what happens to it next.')
    .addHelpText('after', examples(['bulkhead ps', 'bulkhead ps --tree bulkhead.toml --json']))
    .action(async (flags: StateFlags) => {
      setting.end(await (await import('../tree/ps-command.js')).psCommand(flags, setting))
    }),
]
