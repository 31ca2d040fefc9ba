import { Command } from 'commander'
import type { IncidentsFlags } from '../incidents/incidents-command.js'
import { aboutState, examples, type Room } from './room.js'

export const incidentsRoom: Room = (setting) => {
  const { end } = setting
  const list = aboutState(new Command('list'))
    .summary('the times at which a child was isolated')
    .description('Lists the times at which a child reached the rung `process` or `quarantine`, oldest first.')
    .option('--child <id>', 'only those of this child')
    .addHelpText('after', examples(['bulkhead incidents list', 'bulkhead incidents list --child ingest --json']))
    .action(async (flags: IncidentsFlags) => {
      end(await (await import('../incidents/incidents-command.js')).listIncidentsCommand(flags, setting))
    })
  const show = aboutState(new Command('show'))
    .summary('what was known at one of them')
    .description('Shows what was known then: events, audit records, counts, what waited, and the end of its output.')
    .argument('<id>', 'as the list names it')
    .addHelpText('after', examples(['bulkhead incidents show 3', 'bulkhead incidents show 3 --json']))
    .action(async (id: string, flags: IncidentsFlags) => {
      end(await (await import('../incidents/incidents-command.js')).showIncidentCommand(id, flags, setting))
    })
  return [
    new Command('incidents')
      .summary('what was known when a child was isolated')
      .description('Lists the times at which a child was isolated, and shows what was known then.')
      .addCommand(list)
      .addCommand(show),
  ]
}
