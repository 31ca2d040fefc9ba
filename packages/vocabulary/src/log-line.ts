/** How grave a log message is, in `wasi:logging`'s words, the least first. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'critical'] as const
export type LogLevel = (typeof logLevels)[number]

/** A log message of a guest. Both texts are its own words: whoever prints them escapes them. */
export type LogLine = {
  readonly level: LogLevel
  /** What the guest groups its messages by; may be empty. */
  readonly context: string
  readonly message: string
}

/** The context of a log message, in UTF-16 units; a longer one is cut. */
export const logContextUnitsMax = 256
/** The text of one log message, in UTF-16 units; a longer one becomes several messages. */
export const logMessageUnitsMax = 2_000
