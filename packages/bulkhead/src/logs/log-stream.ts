import { logRecordsPerChildMax } from '../limits.js'
import type { LogRecord } from './log-record.js'

/** `missed`: so many records came faster than they were read. */
export type LogItem =
  | { readonly kind: 'record'; readonly record: LogRecord }
  | { readonly kind: 'missed'; readonly count: number }

/** Records on their way to one reader. */
export class LogStream {
  readonly #waiting: LogRecord[]
  #missed = 0
  #isEnded = false
  #wake: () => void = () => {}

  constructor(first: readonly LogRecord[]) {
    this.#waiting = [...first]
  }

  push(record: LogRecord): void {
    if (this.#waiting.length < 2 * logRecordsPerChildMax) this.#waiting.push(record)
    else this.#missed++
    this.#wake()
  }

  /** What came before is still read. */
  end(): void {
    this.#isEnded = true
    this.#wake()
  }

  /** @param left called when the reader has gone. */
  async *items(left: () => void): AsyncGenerator<LogItem> {
    try {
      for (;;) {
        const record = this.#waiting.shift()
        if (record !== undefined) yield { kind: 'record', record }
        else if (this.#missed > 0) yield { kind: 'missed', count: this.#takeMissed() }
        else if (this.#isEnded) return
        else await this.#something()
      }
    } finally {
      left()
    }
  }

  #takeMissed(): number {
    const count = this.#missed
    this.#missed = 0
    return count
  }

  #something(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
