import { Command } from 'commander'
import type { StateFlags } from '../desk/state-flags.js'
import type { ReloadFlags } from '../reload/reload-command.js'
import { aboutState, examples, type Room } from './room.js'

/** What is asked of the running process as a whole. */
export const processRoom: Room = (setting) => [
  aboutState(new Command('reload'))
    .summary('have the running process read its tree file again')
    .description(
      'Puts into force what is other in the tree file, or in a manifest, policy or component that it names. Children that\n' +
        'stay as they were are not touched. With any error in it nothing is changed.',
    )
    .option('--dry-run', 'only say what it would do')
    .addHelpText('after', examples(['bulkhead reload --dry-run', 'bulkhead reload --tree bulkhead.toml --json']))
    .action(async (flags: ReloadFlags) => {
      setting.end(await (await import('../reload/reload-command.js')).reloadCommand(flags, setting))
    }),
  aboutState(new Command('shutdown'))
    .summary('end the running process in order')
    .description('Stops the children as SIGTERM does, then the process ends. The answer comes before that.')
    .addHelpText('after', examples(['bulkhead shutdown']))
    .action(async (flags: StateFlags) => {
      setting.end(await (await import('../reload/shutdown-command.js')).shutdownCommand(flags, setting))
    }),
]
