import {
  type HealthStreamItem,
  type InputOf,
  type ItemOf,
  type LogItem,
  liveCommands,
  type OutputOf,
  type PlainName,
  type StreamName,
  type SubscriptionItem,
} from '@bulkhead/admin'
import type { Live, OpenLive } from './desk/live.js'
import { main } from './main.js'
import type { FullScreen, StopSignal, Terminal } from './terminal.js'
import { recorder } from './terminal.test.support.js'

type Commands = typeof liveCommands
type StreamItem = SubscriptionItem | LogItem | HealthStreamItem
/** What a process of a test answers, by command. What is thrown is thrown. */
export type LiveAnswers = { readonly [Name in PlainName<Commands>]?: OutputOf<Commands, Name> | Error }

export type LiveSetting = {
  /** What a subscription yields; `'silence'` at the end: then nothing comes until the caller leaves. */
  readonly items?: readonly (StreamItem | 'silence')[]
  readonly stdin?: readonly Uint8Array[]
  readonly isTerminal?: boolean
  readonly directory?: string
  /** The whole screen; without one, nobody sits before it. */
  readonly screen?: FullScreen
  /** Called with what interrupts the command, as soon as it listens. */
  readonly onListening?: (interrupt: (signal: StopSignal) => void) => void
  /** Called with what tells that nobody reads its output any more. */
  readonly onReader?: (leave: () => void) => void
}

export type LiveRan = {
  readonly code: number
  readonly out: string
  readonly bytes: Uint8Array
  readonly error: string
  readonly asked: readonly { readonly command: string; readonly input: unknown }[]
  readonly opened: readonly string[]
}

/** A process that nobody expected to be asked. */
export const noLive: OpenLive = async () => {
  throw new Error('nobody expected a running process to be asked')
}

/** Runs a command against a process with these answers. What it asks is checked as the socket would check it. */
export async function runLive(
  argv: readonly string[],
  answers: LiveAnswers = {},
  setting: LiveSetting = {},
): Promise<LiveRan> {
  const { terminal, out, error } = recorder(setting.directory ?? '/')
  const chunks: Uint8Array[] = []
  const asked: { command: string; input: unknown }[] = []
  const opened: string[] = []
  const note = <Name extends keyof Commands>(command: Name, input: unknown): void => {
    asked.push({ command, input: liveCommands[command].input.parse(input) })
  }
  const live: Live = {
    request: async <Name extends PlainName<Commands>>(command: Name, input: InputOf<Commands, Name>) => {
      note(command, input)
      const answer: unknown = answers[command]
      if (answer === undefined) throw new Error(`nobody expected ${command}`)
      if (answer instanceof Error) throw answer
      return liveCommands[command].output.parse(answer) as OutputOf<Commands, Name>
    },
    stream: <Name extends StreamName<Commands>>(command: Name, input: InputOf<Commands, Name>) => {
      note(command, input)
      return subscription(setting.items ?? []) as AsyncIterableIterator<ItemOf<Commands, Name>>
    },
    close: async () => {
      opened.push('closed')
    },
  }
  const shown: Terminal = {
    ...terminal,
    stdin: async function* () {
      yield* setting.stdin ?? []
    },
    stdout: {
      ...terminal.stdout,
      pipe: async (chunk) => {
        chunks.push(chunk.slice())
        await terminal.stdout.pipe(chunk)
      },
      isTerminal: setting.isTerminal ?? false,
      onBroken: (listener) => setting.onReader?.(listener),
    },
    fullScreen: () => setting.screen,
    onSignal: (listener) => {
      setting.onListening?.(listener)
      return () => {}
    },
  }
  const openDesk = async (): Promise<never> => {
    throw new Error('nobody expected a desk to be opened')
  }
  const openLive: OpenLive = async (directory) => {
    opened.push(directory)
    return live
  }
  const code = await main(argv, shown, openDesk, openLive)
  return { code, out: out(), bytes: Buffer.concat(chunks), error: error(), asked, opened }
}

/** Like the client's: who leaves while nothing comes is let go. */
function subscription(items: readonly (StreamItem | 'silence')[]): AsyncIterableIterator<StreamItem, undefined> {
  const left = [...items]
  const waiting: (() => void)[] = []
  let over = false
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: async () => {
      const item = left.shift()
      if (item === 'silence') await new Promise<void>((resolve) => (over ? resolve() : waiting.push(resolve)))
      return over || item === undefined || item === 'silence'
        ? { done: true, value: undefined }
        : { done: false, value: item }
    },
    return: async () => {
      over = true
      for (const wake of waiting.splice(0)) wake()
      return { done: true, value: undefined }
    },
  }
}
