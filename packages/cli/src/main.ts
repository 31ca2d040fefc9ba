import { CommanderError } from 'commander'
import { commandTree } from './command-tree/program.js'
import type { OpenDesk } from './desk/desk.js'
import type { OpenLive } from './desk/live.js'
import { exitCodes } from './exit-codes.js'
import { treeBeforeInspect } from './inspect-argument.js'
import { reportError } from './render-error.js'
import type { Terminal } from './terminal.js'

/** Loaded by the commands that need it: `--help` and `exec` of a cached program are not to wait for what they do not use. */
const openRealDesk: OpenDesk = async (directory) => (await import('bulkhead')).openDesk(directory)

const openRealLive: OpenLive = async (directory) => {
  const { connectAdmin, liveCommands } = await import('@bulkhead/admin')
  return connectAdmin(directory, liveCommands)
}

/**
 * The `bulkhead` command.
 *
 * @param argv the arguments after the command's name
 * @param openDesk how commands about a state directory reach it
 * @param openLive how commands that only a running process can carry out reach it
 * @returns the exit code (SPEC 15); errors are printed, never thrown
 */
export async function main(
  argv: readonly string[],
  terminal: Terminal,
  openDesk: OpenDesk = openRealDesk,
  openLive: OpenLive = openRealLive,
): Promise<number> {
  let exitCode: number = exitCodes.done
  let style = { json: false, verbose: false }
  const end = (code: number): void => {
    exitCode = code
  }
  const program = commandTree({ terminal, openDesk, openLive, end })
  // Errors are printed in the form that the command itself was asked for.
  program.hook('preAction', (_program, command) => {
    const flags = command.opts()
    style = { json: flags['json'] === true || flags['log'] === 'json', verbose: flags['verbose'] === true }
  })
  try {
    await program.parseAsync([...treeBeforeInspect(argv)], { from: 'user' })
    return exitCode
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.done : exitCodes.usage
    return reportError(thrown, terminal, style)
  }
}
