// Perimeter: reads the end of the newest log files.
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { parseUnchecked } from './chain.js'
import { logFileName, logFileNumbers } from './log-files.js'
import type { AuditLogRecord } from './log-record.js'

/** What is wanted of the end of a log. */
export type TailFilter = {
  /** As records name it. */
  readonly component: string
  readonly recordsMax: number
  /** How far back it is looked, in bytes: what others wrote counts too. */
  readonly bytesMax: number
}

/**
 * The last records of a component, oldest first, as far as they stand in the last bytes of the log. It reads and does not
 * verify, and passes over what is no record: it is for those who want to look, not for those who have to be sure.
 *
 * @example
 * ```ts
 * const last = await tailLog('.bulkhead/audit', { component: 'component:ingest', recordsMax: 200, bytesMax: 4_194_304 })
 * ```
 */
export async function tailLog(directory: string, filter: TailFilter): Promise<readonly AuditLogRecord[]> {
  const found: AuditLogRecord[][] = []
  let leftBytes = filter.bytesMax
  let leftRecords = filter.recordsMax
  for (const number of logFileNumbers(directory).reverse()) {
    if (leftBytes <= 0 || leftRecords <= 0) break
    const { text, bytes } = await endOf(join(directory, logFileName(number)), leftBytes)
    const records = recordsOf(text, filter.component).slice(-leftRecords)
    found.push(records)
    leftBytes -= bytes
    leftRecords -= records.length
  }
  return found.reverse().flat()
}

/** The last whole lines of a file. */
async function endOf(path: string, bytesMax: number): Promise<{ readonly text: string; readonly bytes: number }> {
  const file: FileHandle = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - bytesMax)
    const buffer = Buffer.alloc(size - from)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from)
    const text = buffer.toString('utf8', 0, bytesRead)
    return { text: from === 0 ? text : text.slice(text.indexOf('\n') + 1), bytes: bytesRead }
  } finally {
    await file.close()
  }
}

function recordsOf(text: string, component: string): AuditLogRecord[] {
  // To parse a line takes a hundred times as long as to see that it is another's.
  const mark = JSON.stringify(component)
  return text.split('\n').flatMap((line) => {
    if (!line.includes(mark)) return []
    const record = parseUnchecked(Buffer.from(line))
    return typeof record !== 'string' && record.component === component ? [record] : []
  })
}
