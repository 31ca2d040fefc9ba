import { adminCommands, type InputOf, type OutputOf, type PlainName } from '@bulkhead/admin'
import type { Desk, OpenDesk } from './desk/desk.js'
import { main } from './main.js'
import type { Screen, Terminal } from './terminal.js'

export type Recorded = { readonly terminal: Terminal; readonly out: () => string; readonly error: () => string }

/** A terminal that remembers what was printed; it is no teletype, so nothing is coloured. */
export function recorder(directory = '/'): Recorded {
  const screen = (): { screen: Screen; text: () => string } => {
    let text = ''
    return {
      text: () => text,
      screen: {
        write: (more) => {
          text += more
        },
        pipe: async (chunk) => {
          text += new TextDecoder().decode(chunk)
        },
        flush: async () => {},
        onBroken: () => {},
        isTerminal: false,
        paint: (_style, painted) => painted,
      },
    }
  }
  const stdout = screen()
  const stderr = screen()
  const exit = (code: number): never => {
    throw new Error(`exit ${code}`)
  }
  return {
    out: stdout.text,
    error: stderr.text,
    terminal: {
      stdin: async function* () {},
      stdout: stdout.screen,
      stderr: stderr.screen,
      fullScreen: () => undefined,
      environment: {},
      directory,
      user: 'ada',
      onSignal: () => () => {},
      onReload: () => () => {},
      pid: 1,
      exitNow: exit,
      exitWhateverHangs: exit,
    },
  }
}

type Commands = typeof adminCommands
/** What a desk of a test answers, by command. What is thrown is thrown. */
export type Answers = { readonly [Name in PlainName<Commands>]?: OutputOf<Commands, Name> | Error }

export type Ran = {
  readonly code: number
  readonly out: string
  readonly error: string
  readonly asked: readonly { readonly command: string; readonly input: unknown }[]
  readonly opened: readonly string[]
}

/** Runs a command against a desk with these answers. What it asks is checked as the socket would check it. */
export async function run(argv: readonly string[], answers: Answers = {}, directory = '/'): Promise<Ran> {
  const { terminal, out, error } = recorder(directory)
  const asked: { command: string; input: unknown }[] = []
  const opened: string[] = []
  const desk: Desk = {
    request: async <Name extends PlainName<Commands>>(command: Name, input: InputOf<Commands, Name>) => {
      asked.push({ command, input: adminCommands[command].input.parse(input) })
      const answer: unknown = answers[command]
      if (answer === undefined) throw new Error(`nobody expected ${command}`)
      if (answer instanceof Error) throw answer
      return adminCommands[command].output.parse(answer) as OutputOf<Commands, Name>
    },
    close: async () => {
      opened.push('closed')
    },
  }
  const openDesk: OpenDesk = async (stateDirectory) => {
    opened.push(stateDirectory)
    return desk
  }
  const code = await main(argv, terminal, openDesk)
  return { code, out: out(), error: error(), asked, opened }
}
