import { join } from 'node:path'
import { BulkheadError, type Kind } from '@bulkhead/vocabulary'
import { parseUnchecked } from './chain.js'
import { logFileName, logFileNumbers } from './log-files.js'
import { type LogLine, readLines } from './log-lines.js'
import type { AuditLogRecord } from './log-record.js'

/** What a record must be to be found. What is absent is not asked for. */
export type LogFilter = {
  /** The child's id. */
  readonly child?: string
  readonly verdict?: 'granted' | 'denied'
  /** Wall clock, milliseconds since 1970 UTC: this instant and later. */
  readonly since?: number
  /** The same: this instant and earlier. */
  readonly until?: number
  readonly kind?: Kind
  readonly event?: AuditLogRecord['event']
  readonly resource?: (resource: string) => boolean
}

/**
 * The records of a log that pass a filter, in the order of the log, one at a time. It reads and does not verify: that is
 * `verifyLog`. A half-written last line is passed over.
 *
 * @throws {BulkheadError} `store-corrupt`, with file and line, at a line that is no record.
 * @example
 * ```ts
 * for await (const record of queryLog('.bulkhead/audit', { child: 'ingest', verdict: 'denied' })) show(record)
 * ```
 */
export async function* queryLog(directory: string, filter: LogFilter = {}): AsyncGenerator<AuditLogRecord> {
  for (const number of logFileNumbers(directory)) {
    const file = logFileName(number)
    for await (const line of readLines(join(directory, file))) {
      if (!line.whole) continue
      const record = recordOn(line, file)
      if (passes(record, filter)) yield record
    }
  }
}

/** @throws {BulkheadError} `store-corrupt`, with the file and the line within what was read of it. */
export function recordOn(line: LogLine, file: string): AuditLogRecord {
  const record = parseUnchecked(line.bytes)
  if (typeof record !== 'string') return record
  throw new BulkheadError('store-corrupt', `${file}:${line.number}: ${record}`, {
    details: { file, line: line.number },
    hint: 'bulkhead audit verify',
  })
}

export function passes(record: AuditLogRecord, filter: LogFilter): boolean {
  return (
    (filter.child === undefined || record.component === filter.child) &&
    (filter.verdict === undefined || record.verdict === filter.verdict) &&
    (filter.kind === undefined || record.kind === filter.kind) &&
    (filter.event === undefined || record.event === filter.event) &&
    (filter.since === undefined || Date.parse(record.time) >= filter.since) &&
    (filter.until === undefined || Date.parse(record.time) <= filter.until) &&
    (filter.resource === undefined || (record.resource !== undefined && filter.resource(record.resource)))
  )
}
