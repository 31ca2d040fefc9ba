import type { z } from 'zod'

/** A command with one answer. Input and output are plain JSON. */
export type PlainCommand = {
  /** One line, for a list of commands. */
  readonly description: string
  readonly input: z.ZodType
  readonly output: z.ZodType
}

/** A command that answers with any number of items, one after the other. */
export type StreamCommand = { readonly description: string; readonly input: z.ZodType; readonly item: z.ZodType }

/** Everything that can be asked over an admin socket, by name. Server, client and documentation are derived from it. */
export type CommandTable = { readonly [name: string]: PlainCommand | StreamCommand }

/** Names of the commands with one answer. */
export type PlainName<Table> = {
  [Name in keyof Table & string]: Table[Name] extends PlainCommand ? Name : never
}[keyof Table & string]

/** Names of the commands that answer with a stream. */
export type StreamName<Table> = {
  [Name in keyof Table & string]: Table[Name] extends StreamCommand ? Name : never
}[keyof Table & string]

/** What is asked with, before its defaults are filled in. */
export type InputOf<Table, Name extends keyof Table> = Table[Name] extends {
  readonly input: infer Input extends z.ZodType
}
  ? z.input<Input>
  : never

/** What a handler is given: checked. */
export type CheckedInputOf<Table, Name extends keyof Table> = Table[Name] extends {
  readonly input: infer Input extends z.ZodType
}
  ? z.output<Input>
  : never

export type OutputOf<Table, Name extends keyof Table> = Table[Name] extends {
  readonly output: infer Output extends z.ZodType
}
  ? z.output<Output>
  : never

export type ItemOf<Table, Name extends keyof Table> = Table[Name] extends {
  readonly item: infer Item extends z.ZodType
}
  ? z.output<Item>
  : never

/** What a handler knows of the call besides its input. */
export type CallContext = {
  /** Aborts when the caller is gone, or wants no more. A change that has begun is carried through all the same. */
  readonly signal: AbortSignal
}

/** The code behind a table: one function a command. What it throws goes to the caller as it is when it is a `BulkheadError`. */
export type Handlers<Table extends CommandTable> = {
  readonly [Name in keyof Table & string]: Table[Name] extends StreamCommand
    ? (input: CheckedInputOf<Table, Name>, call: CallContext) => AsyncIterable<ItemOf<Table, Name>>
    : (input: CheckedInputOf<Table, Name>, call: CallContext) => OutputOf<Table, Name> | Promise<OutputOf<Table, Name>>
}

/** Whoever can be asked the commands of a table: a client of the socket, or the code itself. */
export type Requests<Table> = {
  readonly request: <Name extends PlainName<Table>>(
    command: Name,
    input: InputOf<Table, Name>,
  ) => Promise<OutputOf<Table, Name>>
}

/**
 * Declares a table with its exact types.
 *
 * @example
 * ```ts
 * const commands = defineCommands({
 *   echo: { description: 'says it again', input: z.strictObject({ text: z.string() }), output: z.string() },
 * })
 * ```
 */
export function defineCommands<const Table extends CommandTable>(table: Table): Table {
  return table
}
