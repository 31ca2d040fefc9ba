import { Command } from 'commander'
import type { QueryFlags } from '../audit-query-command.js'
import { examples, printing, type Room } from './room.js'

const directory = 'a state directory or its audit folder (default: ./.bulkhead)'

export const auditRoom: Room = ({ terminal, end }) => {
  const verify = printing(new Command('verify'))
    .summary('check the hash chain and the seals of an audit log')
    .description('Answers intact, unsealed-tail (after a crash; exit 0) or tampered (exit 1).')
    .argument('[dir]', directory)
    .addHelpText('after', examples(['bulkhead audit verify', 'bulkhead audit verify /var/lib/app/.bulkhead --json']))
    .action(async (dir: string | undefined, flags: { readonly json?: boolean }) => {
      end(await (await import('../audit-verify-command.js')).auditVerifyCommand(dir, flags, terminal))
    })
  const query = new Command('query')
    .summary('print records of an audit log')
    .description('Prints the records that all filters match, oldest first.')
    .argument('[dir]', directory)
    .option('--child <id>', 'records of this child')
    .option('--verdict <verdict>', 'granted or denied')
    .option('--since <instant>', 'a duration back from now (10m), or a date in ISO 8601')
    .option('--until <instant>', 'the same; records of this instant and before')
    .option('--event <event>', 'access-granted, access-denied, policy-updated, approval-decided and so on')
    .option('--kind <kind>', 'filesystem, network, storage, messaging, environment or process')
    .option('--resource <glob>', 'resources that match a glob (`**` crosses `/`)')
    .option('--limit <count>', 'the newest of them, at most so many')
    .option('--follow', 'go on with what comes, until interrupted')
    .option('--json', 'print one JSON object a line')
    .addHelpText(
      'after',
      examples([
        'bulkhead audit query --verdict denied --since 10m',
        'bulkhead audit query --verdict denied --limit 20 --follow',
        "bulkhead audit query .bulkhead --child tally --resource '/data/**' --json",
      ]),
    )
    .action(async (dir: string | undefined, flags: QueryFlags) => {
      end(await (await import('../audit-query-command.js')).auditQueryCommand(dir, flags, terminal))
    })
  return [
    new Command('audit')
      .summary('verify or search an audit log')
      .description('Verify or search an audit log.')
      .addCommand(verify)
      .addCommand(query),
  ]
}
