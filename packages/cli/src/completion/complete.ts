// Perimeter: the completion library prints what it found to the standard output by itself.
import tab, { script } from '@bomb.sh/tab'
import type { Command, Option } from 'commander'
import type { Session } from '../desk/session.js'
import { childNames } from './child-names.js'
import { fileNames } from './file-names.js'

/** Prints the script that a shell is given once. */
export function printScript(shell: string): void {
  script(shell, 'bulkhead', 'bulkhead')
}

/**
 * Prints what may stand where the last of `words` stands, for a shell's script: commands, flags, words of closed lists,
 * children of the running process, and files.
 *
 * @param program the whole command tree
 * @param words what was typed after `bulkhead`, the last one perhaps empty
 */
export async function complete(program: Command, words: readonly string[], session: Session): Promise<void> {
  const wantsChild = commandOf(program, words).registeredArguments.some((argument) => argument.name() === 'child')
  const children = wantsChild ? await childNames(words, session) : []
  const files = fileNames(words.at(-1) ?? '', session.terminal.directory)
  describe(program, '', { children, files })
  tab.parse([...words])
}

/** What a place may hold that no command tree knows. */
type Found = { readonly children: readonly string[]; readonly files: readonly string[] }

/** The command that the words are of, as far as they name one. */
function commandOf(program: Command, words: readonly string[]): Command {
  let command = program
  for (const word of words) command = command.commands.find((one) => one.name() === word) ?? command
  return command
}

function describe(command: Command, path: string, found: Found): void {
  const known = path === '' ? tab : tab.command(path, command.description())
  const help = command.createHelp()
  for (const option of help.visibleOptions(command)) describeOption(known, option, found)
  for (const argument of command.registeredArguments) {
    const words = argument.argChoices ?? wordsFor(argument.name(), found)
    known.argument(argument.name(), suggesting(words), argument.variadic)
  }
  for (const inner of help.visibleCommands(command)) {
    if (inner.name() !== 'help') describe(inner, path === '' ? inner.name() : `${path} ${inner.name()}`, found)
  }
}

function describeOption(known: Describable, { flags, long, short, description }: Option, found: Found): void {
  if (!long) return
  const [, value] = /[<[]([a-z-]+)/.exec(flags) ?? []
  const alias = short?.slice(1)
  if (value === undefined) known.option(long.slice(2), description, alias)
  else known.option(long.slice(2), description, suggesting(wordsFor(value, found)), alias)
}

type Describable = Pick<typeof tab, 'option'>

/** @param place what an argument, or the value of a flag, is called in the help */
function wordsFor(place: string, { children, files }: Found): readonly string[] {
  if (place === 'child') return children
  return /^(file|dir|tree|component|name|host)$/.test(place) ? files : []
}

function suggesting(words: readonly string[]): (suggest: (word: string, description: string) => void) => void {
  return (suggest) => {
    for (const word of words) suggest(word, '')
  }
}
