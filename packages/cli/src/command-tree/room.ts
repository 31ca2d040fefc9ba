import { type Command, Option } from 'commander'
import type { Session } from '../desk/session.js'

/** What the commands of a room are made with. */
export type Setting = Session & {
  /** Takes the exit code of the command that ran. */
  readonly end: (code: number) => void
}

/** A group of commands that belong together. Each loads its own code when it runs: `exec` does not wait for what signs. */
export type Room = (setting: Setting) => readonly Command[]

/** What stands below the flags in a command's help. */
export function examples(lines: readonly string[], after: readonly string[] = []): string {
  const below = after.length === 0 ? '' : `\n\n${after.join('\n')}`
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}${below}`
}

export function repeated(flags: string, description: string): Option {
  return new Option(flags, `${description}; repeatable`).argParser(collect).default([], 'none')
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

/** The flags of every command that prints something. */
export function printing(command: Command): Command {
  return command.option('--json', 'print one JSON document').option('--verbose', 'show where a fault of ours came from')
}

/** The flags of every command about a state directory, whether a process uses it or not. */
export function aboutState(command: Command): Command {
  return printing(command)
    .option('--state <dir>', 'the state directory (default: ./.bulkhead)')
    .option('--tree <file>', 'the state directory of this tree file')
}
