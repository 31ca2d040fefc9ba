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
