// Perimeter: reads log files while they are written.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { followLookMs } from './limits.js'
import { logFileName, logFileNumbers } from './log-files.js'
import { readLines } from './log-lines.js'
import type { AuditLogRecord } from './log-record.js'
import { type LogFilter, passes, recordOn } from './query-log.js'

/** `caught-up` comes once: what stood in the log at the beginning has been told, what follows is new. */
export type Followed = AuditLogRecord | 'caught-up'

/**
 * The records of a log that pass a filter, those that are there and those that come, over its files as they are rotated,
 * until `signal` aborts. It may be another process that writes: a line that is half there is waited for.
 *
 * @throws {BulkheadError} `store-corrupt` as `queryLog`.
 * @example
 * ```ts
 * for await (const record of followLog('.bulkhead/audit', { verdict: 'denied' }, signal)) if (record !== 'caught-up') show(record)
 * ```
 */
export async function* followLog(
  directory: string,
  filter: LogFilter,
  signal: AbortSignal,
): AsyncGenerator<Followed, void> {
  let current = 0
  let offset = 0
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    // Listed before it is read: nothing is added to a file that has a successor, so such a one is read to its true end.
    for (const number of logFileNumbers(directory).filter((one) => one >= current)) {
      if (number !== current) offset = 0
      current = number
      for await (const line of readLines(join(directory, logFileName(number)), offset)) {
        if (signal.aborted) return
        if (!line.whole) break
        offset = line.end
        const record = recordOn(line, logFileName(number))
        if (passes(record, filter)) yield record
      }
    }
    if (isFirst) yield 'caught-up'
    await sleep(followLookMs, undefined, { signal }).catch(() => {})
  }
}
