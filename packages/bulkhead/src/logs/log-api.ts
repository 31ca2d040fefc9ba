import { BulkheadError } from '@bulkhead/vocabulary'
import type { LogDesk, LogQuestion } from './log-desk.js'
import type { LogRecord } from './log-record.js'
import type { LogItem } from './log-stream.js'

/** What children of the tree have written: their last 1,000 records each, up to 1 MiB. */
export type LogApi = {
  /**
   * The last records of a child, oldest first; of a pool those of one member, by its own name. Empty for who has written
   * nothing.
   *
   * @throws {BulkheadError} `usage` for a number that is none.
   * @example
   * ```ts
   * for (const { time, level, message } of runtime.logs('ingest', { tail: 20 })) console.log(time, level, message)
   * ```
   */
  readonly logs: (child: string, question?: LogQuestion) => readonly LogRecord[]
  /** The same, and then those that come until `signal`; who reads slowly is told what was missed. */
  readonly followLogs: (
    child: string,
    question: LogQuestion & { readonly signal: AbortSignal },
  ) => AsyncIterableIterator<LogItem>
}

export function logApi(desk: LogDesk | undefined): LogApi {
  const needed = (): LogDesk => {
    if (desk !== undefined) return desk
    throw new BulkheadError('usage', 'this runtime has no tree, and so no logs', { hint: 'name one in `tree`' })
  }
  return {
    logs: (child, question) => needed().records(child, question),
    followLogs: (child, question) => needed().follow(child, question),
  }
}
