import { Command } from 'commander'
import type { StateFlags } from '../desk/state-flags.js'
import type { GrantFlags } from '../grants/grant-command.js'
import { aboutState, examples, type Room } from './room.js'

const childHelp = 'id of a child of the tree'

export const grantsRoom: Room = (setting) => {
  const { end } = setting
  return [
    aboutState(new Command('grant'))
      .summary('grant a child something beside its documents')
      .description('Grants it to the present bytes of the component, at once. A deny rule still wins.')
      .argument('<child>', childHelp)
      .argument('<kind.action=pattern...>', 'what to grant, for example filesystem.read=/data/**')
      .option('--expires <duration>', 'for this long: 30m, 1h')
      .option('--reason <text>', 'why, for the audit log')
      .addHelpText('after', examples(["bulkhead grant ingest 'filesystem.read=/srv/data/**' --expires 1h"]))
      .action(async (child: string, capabilities: readonly string[], flags: GrantFlags) => {
        end(await (await import('../grants/grant-command.js')).grantCommand(child, capabilities, flags, setting))
      }),
    aboutState(new Command('revoke'))
      .summary('take something from a child')
      .description(
        'Takes away an operator grant or a rule of the policy, or denies a part of one; also inside running calls.',
      )
      .argument('<child>', childHelp)
      .argument('<kind.action=pattern...>', 'what to take away')
      .option('--reason <text>', 'why, for the audit log')
      .addHelpText('after', examples(["bulkhead revoke ingest 'filesystem.read=/srv/data/**'"]))
      .action(async (child: string, capabilities: readonly string[], flags: GrantFlags) => {
        end(await (await import('../grants/grant-command.js')).revokeCommand(child, capabilities, flags, setting))
      }),
    aboutState(new Command('grants'))
      .summary('list what operators granted')
      .argument('[child]', `${childHelp} (default: all)`)
      .addHelpText('after', examples(['bulkhead grants', 'bulkhead grants ingest --json']))
      .action(async (child: string | undefined, flags: StateFlags) => {
        end(await (await import('../grants/grants-command.js')).grantsCommand(child, flags, setting))
      }),
    aboutState(new Command('explain'))
      .summary('would this be allowed, and why')
      .description('Says what each layer answers to a request, and what would allow it. Exit 3 when it is denied.')
      .argument('<child>', childHelp)
      .argument('<kind.action=resource>', 'for example filesystem.read=/data/in/a.csv')
      .addHelpText('after', examples(['bulkhead explain ingest filesystem.read=/etc/hosts']))
      .action(async (child: string, request: string, flags: StateFlags) => {
        end(await (await import('../grants/explain-command.js')).explainCommand(child, request, flags, setting))
      }),
  ]
}
