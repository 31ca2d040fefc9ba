import type { PolicyFormat } from '@bulkhead/policy'
import { Command, Option } from 'commander'
import type { StateFlags } from '../desk/state-flags.js'
import type { ConvertFlags } from '../policy/convert-command.js'
import type { ShowFlags } from '../policy/show-command.js'
import type { SignPolicyFlags, VerifyPolicyFlags } from '../policy/sign-policy-command.js'
import type { UpdateFlags } from '../policy/update-command.js'
import type { ValidateFlags } from '../policy/validate-command.js'
import { aboutState, examples, printing, type Room, type Setting } from './room.js'
import { signing } from './signing-room.js'

const policyFormats = ['native', 'wassette'] as const satisfies readonly PolicyFormat[]

const CHILD = '<child>'
const childHelp = 'id of a child of the tree'

export const policyRoom: Room = (setting) => [
  [...documentCommands(setting), ...askingCommands(setting), ...changingCommands(setting)].reduce(
    (policy, command) => policy.addCommand(command),
    new Command('policy')
      .summary('see, check, change, sign and convert policies')
      .description('See, check, change, sign and convert policies.'),
  ),
]

/** What needs a document and no state directory. */
function documentCommands({ terminal, end }: Setting): readonly Command[] {
  const validate = printing(new Command('validate'))
    .summary('check policy documents')
    .description('Lists every error and warning of the documents, each with file, line and column. Exit 2 on an error.')
    .argument('<file...>', 'native TOML, or Wassette YAML')
    .addOption(format('what the documents are, where their names do not tell'))
    .option('--component <id>', 'the component that the policies are for: whom `self:` means')
    .addHelpText(
      'after',
      examples(['bulkhead policy validate ingest.policy.toml', 'bulkhead policy validate *.policy.yaml --json']),
    )
    .action(async (files: readonly string[], flags: ValidateFlags) => {
      end(await (await import('../policy/validate-command.js')).validateCommand(files, flags, terminal))
    })
  const convert = printing(new Command('convert'))
    .summary('write a policy in the other format')
    .description('Prints the policy in the other format; what that format cannot say is an error that lists it.')
    .argument('<file>', 'native TOML, or Wassette YAML')
    .addOption(new Option('--to <format>', 'the format to write (default: the other one)').choices([...policyFormats]))
    .addOption(format('what the document is, where its name does not tell'))
    .option('-o, --output <file>', 'write it to a file')
    .option('--force', 'overwrite the file')
    .addHelpText(
      'after',
      examples([
        'bulkhead policy convert old.policy.yaml > new.policy.toml',
        'bulkhead policy convert ingest.policy.toml --to wassette -o ingest.policy.yaml',
      ]),
    )
    .action(async (file: string, flags: ConvertFlags) => {
      end(await (await import('../policy/convert-command.js')).convertCommand(file, flags, terminal))
    })
  const sign = signing(printing(new Command('sign')))
    .summary('sign a policy for one child')
    .description('Signs the exact bytes of a policy; the signature goes beside it, as FILE.sig.')
    .argument('<file>', 'a policy document')
    .requiredOption('--component <child>', 'the child that the policy is for')
    .requiredOption('--sequence <n>', 'counts up: a lower one than was accepted before is refused')
    .option('--not-before <instant>', 'from when it holds (default: now)')
    .option('--not-after <instant>', 'until when it holds: 90d, or a date (default: for 90 days)')
    .addHelpText(
      'after',
      examples([
        'bulkhead policy sign ingest.policy.toml --component ingest --sequence 7 --key release.key',
        'bulkhead policy sign ingest.policy.toml --component ingest --sequence "$(date +%s)" --key release.key --not-after 30d',
      ]),
    )
    .action(async (file: string, flags: SignPolicyFlags) => {
      end(await (await import('../policy/sign-policy-command.js')).signPolicyCommand(file, flags, terminal))
    })
  const verify = printing(new Command('verify'))
    .summary('verify the signature beside a policy')
    .description('Verifies FILE.sig over the exact bytes of FILE. Exit 3 when it does not prove what it should.')
    .argument('<file>', 'a policy document')
    .requiredOption('--component <child>', 'the child that the policy is for')
    .option('--trust <file>', 'whose signatures count (default: ./trust.toml)')
    .addHelpText('after', examples(['bulkhead policy verify ingest.policy.toml --component ingest']))
    .action(async (file: string, flags: VerifyPolicyFlags) => {
      end(await (await import('../policy/sign-policy-command.js')).verifyPolicyCommand(file, flags, terminal))
    })
  return [validate, convert, sign, verify]
}

function askingCommands(setting: Setting): readonly Command[] {
  const { end } = setting
  const show = aboutState(new Command('show'))
    .summary('show what a child may do, and why')
    .description(
      'Everything that decides what a child may do: grants with where each comes from, what is refused and why.',
    )
    .argument(CHILD, childHelp)
    .option('--text', "print the text of the child's policy instead")
    .option('--version <n>', 'print the text of this version')
    .addHelpText(
      'after',
      examples(['bulkhead policy show ingest', 'bulkhead policy show ingest --version 3 > ingest.policy.toml']),
    )
    .action(async (child: string, flags: ShowFlags) => {
      end(await (await import('../policy/show-command.js')).showCommand(child, flags, setting))
    })
  const history = aboutState(new Command('history'))
    .summary("list the versions of a child's policy")
    .argument(CHILD, childHelp)
    .addHelpText('after', examples(['bulkhead policy history ingest']))
    .action(async (child: string, flags: StateFlags) => {
      end(await (await import('../policy/history-command.js')).historyCommand(child, flags, setting))
    })
  const diff = aboutState(new Command('diff'))
    .summary('show how two versions differ')
    .description(
      'Compares two versions; by default the current one with the one before, with one number that one with the current one.',
    )
    .argument(CHILD, childHelp)
    .argument('[from]', 'a version')
    .argument('[to]', 'another version')
    .addHelpText('after', examples(['bulkhead policy diff ingest', 'bulkhead policy diff ingest 2 5']))
    .action(async (child: string, from: string | undefined, to: string | undefined, flags: StateFlags) => {
      end(await (await import('../policy/diff-command.js')).diffCommand(child, from, to, flags, setting))
    })
  return [show, history, diff]
}

function changingCommands(setting: Setting): readonly Command[] {
  const { end } = setting
  const update = changing(new Command('update'))
    .summary('put a policy in force')
    .description(
      'Puts a document in force, also inside calls that have begun; a signature beside it (FILE.sig) goes along.',
    )
    .argument(CHILD, childHelp)
    .argument('<file>', 'native TOML, or Wassette YAML')
    .addOption(format('what the document is, where its name does not tell'))
    .option('--expected <n>', 'refuse when another version than this one is in force; 0: when there is any')
    .addHelpText('after', examples(['bulkhead policy update ingest ingest.policy.toml --reason "the export is over"']))
    .action(async (child: string, file: string, flags: UpdateFlags) => {
      end(await (await import('../policy/update-command.js')).updateCommand(child, file, flags, setting))
    })
  const byKind = changing(new Command('default'))
    .summary('put a policy in force for a kind of components')
    .description('Puts a document in force for all children of a kind that have no policy of their own.')
    .argument('<kind>', 'actor, command, service or library')
    .argument('<file>', 'native TOML, or Wassette YAML')
    .addOption(format('what the document is, where its name does not tell'))
    .option('--expected <n>', 'refuse when another version than this one is in force; 0: when there is any')
    .addHelpText('after', examples(['bulkhead policy default command commands.policy.toml']))
    .action(async (kind: string, file: string, flags: UpdateFlags) => {
      end(await (await import('../policy/update-command.js')).defaultCommand(kind, file, flags, setting))
    })
  const rollback = changing(new Command('rollback'))
    .summary('put an older version in force again')
    .description('Puts the text of an older version in force, as a new version.')
    .argument(CHILD, childHelp)
    .argument('<n>', 'the version, as `policy history` lists it')
    .addHelpText('after', examples(['bulkhead policy rollback ingest 3 --reason "the new one denies too much"']))
    .action(async (child: string, to: string, flags: UpdateFlags) => {
      end(await (await import('../policy/update-command.js')).rollbackCommand(child, to, flags, setting))
    })
  return [update, byKind, rollback]
}

function changing(command: Command): Command {
  return aboutState(command).option('--reason <text>', 'why, for the history and the audit log')
}

function format(description: string): Option {
  return new Option('--format <format>', description).choices([...policyFormats])
}
