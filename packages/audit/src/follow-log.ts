// Perimeter: waits for what is written.
import { setTimeout as sleep } from 'node:timers/promises'
import { followLookMs } from './limits.js'
import { logFileName } from './log-files.js'
import type { AuditLogRecord } from './log-record.js'
import { logStart, newLines } from './new-lines.js'
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
  let at = logStart
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    for await (const { line, file } of newLines(directory, at)) {
      if (signal.aborted) return
      at = { file, offset: line.end }
      const record = recordOn(line, logFileName(file))
      if (passes(record, filter)) yield record
    }
    if (isFirst) yield 'caught-up'
    await sleep(followLookMs, undefined, { signal }).catch(() => {})
  }
}
