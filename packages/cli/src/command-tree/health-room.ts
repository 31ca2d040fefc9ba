import { Command } from 'commander'
import type { StateFlags } from '../desk/state-flags.js'
import type { EventsFlags } from '../health/events-command.js'
import type { MetricsFlags } from '../metrics/metrics-command.js'
import type { TopFlags } from '../top/top-command.js'
import { aboutState, examples, type Room, repeated, type Setting } from './room.js'

/** How the process that runs the tree stands. */
export const healthRoom: Room = (setting) => [events(setting), health(setting), top(setting), metrics(setting)]

function events(setting: Setting): Command {
  return aboutState(new Command('events'))
    .summary('what has happened to the tree, and what happens')
    .description(
      'The health events that the running process keeps: its last 10,000. With --follow also those that come; when the\n' +
        'process ends it waits for the next one, goes on there, and says what it missed.',
    )
    .option('-f, --follow', 'go on with those that come, until it is stopped')
    .option('--after <cursor>', 'only what came after this one, as `--json` shows cursors')
    .addOption(repeated('--type <glob>', 'only these types'))
    .option('--child <name>', 'only what concerns this child')
    .option('--cloudevents', 'print CloudEvents 1.0, one JSON object a line')
    .addHelpText(
      'after',
      examples([
        'bulkhead events --child ingest',
        "bulkhead events --follow --type 'security.*' --type child.quarantined",
        'bulkhead events --follow --after 5f0c1a9be2d4-17 --json',
      ]),
    )
    .action(async (flags: EventsFlags) => {
      setting.end(await (await import('../health/events-command.js')).eventsCommand(flags, setting))
    })
}

function health(setting: Setting): Command {
  return aboutState(new Command('health'))
    .summary('whether the running process is ready and live')
    .description('Exit 0 while it is ready and live, else 1; 4 when there is none. A degraded tree is both.')
    .addHelpText('after', examples(['bulkhead health', 'bulkhead health --json --tree bulkhead.toml']))
    .action(async (flags: StateFlags) => {
      setting.end(await (await import('../health/health-command.js')).healthCommand(flags, setting))
    })
}

function top(setting: Setting): Command {
  return aboutState(new Command('top'))
    .summary('watch how the children of the running tree do')
    .description(
      'What each child uses, gets and is refused, again and again. Keys: c, m, d and n sort by processor time, memory,\n' +
        'denials and name; / filters by name; space pauses; q leaves. Where it is no terminal, one frame.',
    )
    .option('--interval <duration>', 'how often it looks (default: 1s)')
    .option('--count <n>', 'leave after so many samples')
    .addHelpText('after', examples(['bulkhead top', 'bulkhead top --interval 5s --json']))
    .action(async (flags: TopFlags) => {
      setting.end(await (await import('../top/top-command.js')).topCommand(flags, setting))
    })
}

function metrics(setting: Setting): Command {
  return aboutState(new Command('metrics'))
    .summary('every number of the running process and its children')
    .description(
      'The numbers that /metrics of the inspector serves to Prometheus, and a meter provider to OpenTelemetry.',
    )
    .option('--name <glob>', 'only families of this name')
    .option('--child <name>', 'only what concerns this child')
    .addHelpText(
      'after',
      examples(["bulkhead metrics --name 'bulkhead.mailbox.*'", 'bulkhead metrics --child ingest --json']),
    )
    .action(async (flags: MetricsFlags) => {
      setting.end(await (await import('../metrics/metrics-command.js')).metricsCommand(flags, setting))
    })
}
