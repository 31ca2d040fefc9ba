import { logBytesMax, logBytesPerChildMax, logChildrenMax, logRecordsPerChildMax } from '../limits.js'
import type { LogRecord } from './log-record.js'

/** What is counted of a record besides its words. */
const recordBytes = 64

/**
 * The last records of each child: so many, of so many bytes, and so many bytes of all children together. Whoever writes
 * most loses first.
 */
export class LogBook {
  /** In the order of the last record: who has been quiet for longest is first. */
  readonly #pages = new Map<string, Page>()
  #bytes = 0

  /** Numbers the record, and keeps it. */
  add(draft: Omit<LogRecord, 'seq'>): LogRecord {
    const page = this.#pages.get(draft.child) ?? new Page()
    this.#pages.delete(draft.child)
    this.#pages.set(draft.child, page)
    const record = page.add(draft)
    this.#bytes += sizeOf(record)
    while (page.records.length > logRecordsPerChildMax || page.bytes > logBytesPerChildMax) this.#drop(page)
    if (this.#pages.size > logChildrenMax) this.#forgetQuietest()
    while (this.#bytes > logBytesMax) this.#drop(this.#largest(page))
    return record
  }

  /** Oldest first. */
  of(child: string, tail: number = logRecordsPerChildMax): readonly LogRecord[] {
    return tail === 0 ? [] : (this.#pages.get(child)?.records.slice(-tail) ?? [])
  }

  #drop(page: Page): void {
    this.#bytes -= page.drop()
  }

  #forgetQuietest(): void {
    const [first] = this.#pages
    if (first === undefined) return
    this.#bytes -= first[1].bytes
    this.#pages.delete(first[0])
  }

  #largest(page: Page): Page {
    let largest = page
    for (const one of this.#pages.values()) if (one.bytes > largest.bytes) largest = one
    return largest
  }
}

class Page {
  readonly records: LogRecord[] = []
  bytes = 0
  #latest = 0

  add(draft: Omit<LogRecord, 'seq'>): LogRecord {
    const record = { ...draft, seq: ++this.#latest }
    this.records.push(record)
    this.bytes += sizeOf(record)
    return record
  }

  drop(): number {
    const record = this.records.shift()
    const size = record === undefined ? 0 : sizeOf(record)
    this.bytes -= size
    return size
  }
}

function sizeOf({ context = '', message }: LogRecord): number {
  return recordBytes + 2 * (context.length + message.length)
}
