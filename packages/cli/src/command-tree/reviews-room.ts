import { Command } from 'commander'
import type { StateFlags } from '../desk/state-flags.js'
import type { ApproveFlags, DenyFlags } from '../reviews/decide-command.js'
import { aboutState, examples, type Room, repeated } from './room.js'

const childHelp = 'id of a child of the tree'
const fingerprintHelp = 'what `review` showed: refuse when it asks for something else by now'

export const reviewsRoom: Room = (setting) => {
  const { end } = setting
  return [
    aboutState(new Command('review'))
      .summary('list what waits for a decision, or read one request')
      .description('Shows what a component asks for and why, what deserves a second look, and what changed.')
      .argument('[child]', `${childHelp} (default: the queue)`)
      .addHelpText('after', examples(['bulkhead review', 'bulkhead review ingest']))
      .action(async (child: string | undefined, flags: StateFlags) => {
        end(await (await import('../reviews/review-command.js')).reviewCommand(child, flags, setting))
      }),
    aboutState(new Command('approve'))
      .summary('let a component run')
      .description('Lets a component run with what it asks for, or with less. It holds for exactly this request.')
      .argument('<child>', childHelp)
      .addOption(repeated('--narrow <kind.action=pattern>', 'grant only this of what it asks for'))
      .option('--fingerprint <sha256>', fingerprintHelp)
      .option('--reason <text>', 'why, for later readers')
      .addHelpText(
        'after',
        examples(['bulkhead approve ingest', "bulkhead approve ingest --narrow 'filesystem.read=/data/in/**'"]),
      )
      .action(async (child: string, flags: ApproveFlags) => {
        end(await (await import('../reviews/decide-command.js')).approveCommand(child, flags, setting))
      }),
    aboutState(new Command('deny'))
      .summary('refuse a component')
      .description('Refuses a component. It stays refused until it is approved, or asks for something else.')
      .argument('<child>', childHelp)
      .requiredOption('--reason <text>', 'why, for later readers')
      .option('--fingerprint <sha256>', fingerprintHelp)
      .addHelpText('after', examples(['bulkhead deny ingest --reason "wants to write everywhere"']))
      .action(async (child: string, flags: DenyFlags) => {
        end(await (await import('../reviews/decide-command.js')).denyCommand(child, flags, setting))
      }),
  ]
}
