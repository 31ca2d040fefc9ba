import { Argument, Command } from 'commander'
import { exitCodes } from '../exit-codes.js'
import { examples, type Room } from './room.js'

export const completionRoom: Room = (session) => {
  const completion = new Command('completion')
    .summary('print a script that completes commands in a shell')
    .description(
      'Prints a script for your shell. It completes commands, flags, children of the running tree, and files.',
    )
    .addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      examples([
        'source <(bulkhead completion bash)',
        'bulkhead completion fish > ~/.config/fish/completions/bulkhead.fish',
      ]),
    )
    .action(async (shell: string) => {
      const { printScript } = await import('../completion/complete.js')
      printScript(shell)
      session.end(exitCodes.done)
    })
  const asked = new Command('complete')
    .description('What the script of `completion` asks.')
    .argument('[words...]')
    .passThroughOptions()
    .action(async (words: readonly string[], _flags: object, command: Command) => {
      const { complete } = await import('../completion/complete.js')
      if (command.parent !== null) await complete(command.parent, words, session)
      session.end(exitCodes.done)
    })
  return [completion, hidden(asked)]
}

/** No help lists it: a script calls it, no person does. */
function hidden(command: Command): Command {
  return Object.assign(command, { _hidden: true })
}
