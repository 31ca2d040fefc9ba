import { Command, CommanderError, Option } from 'commander'
import { auditQueryCommand, type QueryFlags } from './audit-query-command.js'
import { auditVerifyCommand } from './audit-verify-command.js'
import { execCommand } from './exec-command.js'
import type { ExecFlags } from './exec-flags.js'
import { exitCodes } from './exit-codes.js'
import { examples } from './help-examples.js'
import { inspectCommand } from './inspect-command.js'
import { reportError } from './render-error.js'
import { type RunFlags, runCommand } from './run-command.js'
import type { Terminal } from './terminal.js'
import { readVersion } from './version.js'

/**
 * The `bulkhead` command.
 *
 * @param argv the arguments after the command's name
 * @returns the exit code (SPEC 15); errors are printed, never thrown
 */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = exitCodes.done
  let style = { json: false, verbose: false }
  const program = commandTree(terminal, (code) => {
    exitCode = code
  })
  // Errors are printed in the form that the command itself was asked for.
  program.hook('preAction', (_program, command) => {
    const flags = command.opts()
    style = { json: flags['json'] === true || flags['log'] === 'json', verbose: flags['verbose'] === true }
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.done : exitCodes.usage
    return reportError(thrown, terminal, style)
  }
}

function commandTree(terminal: Terminal, end: (code: number) => void): Command {
  const program = new Command('bulkhead')
    .description('Runs WebAssembly programs that nobody has to trust.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .enablePositionalOptions()
    .showHelpAfterError('(bulkhead --help shows what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .addHelpText('after', examples.program)
  program.addCommand(inherit(execSubcommand(terminal, end), program))
  program.addCommand(inherit(runSubcommand(terminal, end), program))
  program.addCommand(inherit(inspectSubcommand(terminal, end), program))
  program.addCommand(inherit(auditSubcommands(terminal, end), program))
  return program
}

/** Errors and output of subcommands go the same way as the program's. */
function inherit(command: Command, parent: Command): Command {
  for (const child of command.commands) inherit(child, parent)
  return command.copyInheritedSettings(parent)
}

function execSubcommand(terminal: Terminal, end: (code: number) => void): Command {
  return new Command('exec')
    .summary('run one program once, with exactly what the flags grant')
    .description(
      'Runs one program once. It may do what the flags grant and nothing else; what it was denied is listed.',
    )
    .argument('<file>', 'a component or preview1 module: a path, or npm:PACKAGE/FILE')
    .argument('[args...]', 'everything after FILE belongs to the program')
    .addOption(repeated('--read <host[:guest]>', 'mount a file or directory, and grant reading it'))
    .addOption(repeated('--write <host[:guest]>', 'the same, and grant writing, creating and deleting in it'))
    .addOption(repeated('--mount <guest=host[:ro]>', 'only mount; --allow or a manifest grants'))
    .addOption(repeated('--env <name[=value]>', "set a variable; without a value, the caller's"))
    .addOption(repeated('--allow <kind.action=pattern>', 'grant what the pattern matches'))
    .addOption(repeated('--deny <kind.action=pattern>', 'deny what the pattern matches, whatever grants it'))
    .option('--manifest <file>', 'grant what a Component.toml declares')
    .option('--deadline <duration>', 'end the program after this time (exit 124)')
    .option('--memory <size>', 'cap of linear memory (default: 64MiB)')
    .option('--learn <file>', 'grant nothing more; write the least manifest that covers what was asked')
    .option('--force', 'let --learn overwrite its file')
    .option('--state <dir>', 'keep an audit log in this state directory')
    .option('--strict', 'exit 3 instead of 0 if anything was denied')
    .option('--quiet', 'print nothing besides what the program prints')
    .option('--verbose', 'list probes, and show where a fault of ours came from')
    .option('--json', 'print the result as the last line of stderr, in JSON')
    .addOption(new Option('--net <host[:port]>').hideHelp().argParser(collect))
    .addOption(new Option('-P, --policy <file>').hideHelp())
    .passThroughOptions()
    .addHelpText('after', examples.exec)
    .action(async (file: string, args: readonly string[], flags: ExecFlags) => {
      end(await execCommand(file, args, flags, terminal))
    })
}

function runSubcommand(terminal: Terminal, end: (code: number) => void): Command {
  return new Command('run')
    .summary('run a tree of supervised components')
    .description('Starts the tree and stays until all of it has ended, or until SIGTERM or SIGINT asks it to stop.')
    .argument('<tree>', 'a tree file, such as bulkhead.toml')
    .addOption(
      new Option('--log <form>', 'for people, or one JSON object a line').choices(['human', 'json']).default('human'),
    )
    .option('--json', 'the same as --log json')
    .option('--verbose', 'show where a fault of ours came from')
    .addHelpText('after', examples.run)
    .action(async (tree: string, flags: RunFlags & { readonly json?: boolean }) => {
      end(await runCommand(tree, { log: flags.json === true ? 'json' : flags.log }, terminal))
    })
}

function inspectSubcommand(terminal: Terminal, end: (code: number) => void): Command {
  return new Command('inspect')
    .summary('show what a component imports, exports and would need')
    .description('Reads a component without running it, and drafts a Component.toml for it.')
    .argument('<file>', 'a component or module: a path, or npm:PACKAGE/FILE')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples.inspect)
    .action(async (file: string, flags: { readonly json?: boolean }) => {
      end(await inspectCommand(file, flags, terminal))
    })
}

function auditSubcommands(terminal: Terminal, end: (code: number) => void): Command {
  const directory = 'a state directory or its audit folder (default: ./.bulkhead)'
  const verify = new Command('verify')
    .summary('check the hash chain and the seals of an audit log')
    .description('Answers intact, unsealed-tail (after a crash; exit 0) or tampered (exit 1).')
    .argument('[dir]', directory)
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples.auditVerify)
    .action(async (dir: string | undefined, flags: { readonly json?: boolean }) => {
      end(await auditVerifyCommand(dir, flags, terminal))
    })
  const query = new Command('query')
    .summary('print records of an audit log')
    .description('Prints the records that all filters match, oldest first.')
    .argument('[dir]', directory)
    .option('--child <id>', 'records of this child')
    .option('--verdict <verdict>', 'granted or denied')
    .option('--since <instant>', 'a duration back from now (10m), or a date in ISO 8601')
    .option('--kind <kind>', 'filesystem, network, storage, messaging, environment or process')
    .option('--resource <glob>', 'resources that match a glob (`**` crosses `/`)')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', examples.auditQuery)
    .action(async (dir: string | undefined, flags: QueryFlags) => {
      end(await auditQueryCommand(dir, flags, terminal))
    })
  return new Command('audit').description('Verify or search an audit log.').addCommand(verify).addCommand(query)
}

function repeated(flags: string, description: string): Option {
  return new Option(flags, `${description}; repeatable`).argParser(collect).default([], 'none')
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}
