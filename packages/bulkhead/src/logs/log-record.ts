import type { LogLevel } from '@bulkhead/vocabulary'

/**
 * One line that a child wrote, or one message that it logged. `message` and `context` are its own words, of whatever
 * characters: whoever prints them escapes them.
 */
export type LogRecord = {
  readonly child: string
  readonly incarnation: number
  /** Of the child, from 1 on since the tree started; what is missing between two was dropped. */
  readonly seq: number
  /** Wall clock, milliseconds since 1970 UTC, when the host took it. */
  readonly time: number
  /** What is written to `stdout` is `info`, to `stderr` is `error`. */
  readonly level: LogLevel
  readonly stream: 'stdout' | 'stderr' | 'logging'
  /** Of a message that was logged with one. */
  readonly context?: string
  readonly message: string
}
