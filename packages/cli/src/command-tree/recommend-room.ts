import type { Generalisation } from '@bulkhead/policy'
import { Command, Option } from 'commander'
import type { RecommendFlags } from '../recommend/recommend-command.js'
import { aboutState, examples, type Room } from './room.js'

const generalisations = ['none', 'siblings', 'directories', 'domains'] as const satisfies readonly Generalisation[]

export const recommendRoom: Room = (setting) => [
  aboutState(new Command('recommend'))
    .summary('the least policy that covers what a child really did')
    .description(
      'Reads the audit log, and works out the least policy that covers what the child really did, line by line with the reason.',
    )
    .argument('<child>', 'id of a child of the tree')
    .addOption(
      new Option('--generalise <level>', 'how far names may be generalised')
        .choices([...generalisations])
        .default('none'),
    )
    .option('--since <instant>', 'what it did since then: a duration back from now (12h), or a date')
    .option('--diff', 'print only what would change')
    .option('--text', 'print the policy as a document')
    .option('-o, --output <file>', 'write the document to a file')
    .option('--force', 'overwrite the file')
    .addHelpText(
      'after',
      examples([
        'bulkhead recommend ingest',
        'bulkhead recommend ingest --generalise directories --diff',
        'bulkhead recommend ingest --text > ingest.policy.toml',
      ]),
    )
    .action(async (child: string, flags: RecommendFlags) => {
      setting.end(await (await import('../recommend/recommend-command.js')).recommendCommand(child, flags, setting))
    }),
]
