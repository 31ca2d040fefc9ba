import type { ChunkConsumer, LineConsumer, OutputPace } from '@bulkhead/actor'
import type { Spent } from '@bulkhead/quota'
import { BulkheadError, type LogLine } from '@bulkhead/vocabulary'
import type { Emitter } from '../emitter.js'
import { logLineBytesMin } from '../limits.js'
import type { RuntimeEvents } from '../types.js'
import { LineSplitter } from './line-splitter.js'
import { LogBook } from './log-book.js'
import { LogRate } from './log-rate.js'
import type { LogRecord } from './log-record.js'
import { type LogItem, LogStream } from './log-stream.js'

export type LogDeskPowers = {
  readonly emitter: Emitter<RuntimeEvents>
  /** Monotonic nanoseconds. */
  readonly nowNs: () => bigint
  /** Wall clock, in milliseconds. */
  readonly wallMs: () => number
}

/** Where the outputs of one incarnation go. */
export type IncarnationLogs = {
  readonly stdout: ChunkConsumer
  readonly stderr: ChunkConsumer
  readonly logs: LineConsumer
  readonly pace: OutputPace
  /** After its last byte: a line that nobody ended is one, too. */
  readonly end: () => void
}

export type LogQuestion = {
  /** Of the last records that are kept, so many; all of them unless said. */
  readonly tail?: number | undefined
}

/** What children write: as it comes, as records, and as their last records. */
export class LogDesk {
  readonly #powers: LogDeskPowers
  readonly #book = new LogBook()
  /** By child: the members of a pool share one. */
  readonly #rates = new Map<string, LogRate>()
  readonly #streams = new Map<string, Set<LogStream>>()

  constructor(powers: LogDeskPowers) {
    this.#powers = powers
  }

  /**
   * @param member who writes
   * @param child whose quota it uses
   * @param bytesPerHour that quota, asked each time
   */
  begin(member: string, incarnation: number, child: string, bytesPerHour: () => number): IncarnationLogs {
    const rate = this.#rates.get(child) ?? new LogRate(bytesPerHour, this.#powers.nowNs)
    this.#rates.set(child, rate)
    const note = (stream: LogRecord['stream'], level: LogRecord['level'], message: string, context = ''): void => {
      this.#note({ child: member, incarnation, level, stream, ...(context === '' ? {} : { context }), message })
    }
    const outputs = (['stdout', 'stderr'] as const).map((stream) => {
      const splitter = new LineSplitter()
      const level = stream === 'stdout' ? 'info' : 'error'
      const lines = (found: readonly string[]): void => {
        for (const line of found) note(stream, level, line)
      }
      return {
        take: (chunk: Uint8Array): void => {
          if (rate.isNothing) return
          this.#powers.emitter.emit('output', { child: member, stream, chunk })
          const found = splitter.push(chunk)
          rate.charge(missingBytes(found))
          lines(found)
        },
        end: () => lines(splitter.end()),
      }
    })
    const [stdout, stderr] = outputs
    return {
      stdout: (chunk) => stdout?.take(chunk),
      stderr: (chunk) => stderr?.take(chunk),
      logs: ({ level, context, message }: LogLine) => {
        if (!rate.isNothing) note('logging', level, message, context)
      },
      pace: rate,
      end: () => {
        for (const output of outputs) output.end()
      },
    }
  }

  /** How much of its quota of log bytes a child has used up now. */
  spentOf(child: string): Spent | undefined {
    return this.#rates.get(child)?.spent()
  }

  /** The last records of a child that are kept, oldest first. */
  records(member: string, { tail }: LogQuestion = {}): readonly LogRecord[] {
    if (tail !== undefined && (!Number.isInteger(tail) || tail < 0)) {
      throw new BulkheadError('usage', `\`${tail}\` is no number of records`, { hint: 'a whole number from 0' })
    }
    return this.#book.of(member, tail)
  }

  /**
   * The same, and then those that come, until `signal` says that it is enough. A reader that is slow misses some and is
   * told how many; nobody waits for it.
   */
  follow(member: string, question: LogQuestion & { readonly signal: AbortSignal }): AsyncIterableIterator<LogItem> {
    const stream = new LogStream(this.records(member, question))
    const { signal } = question
    const streams = this.#streams.get(member) ?? new Set()
    this.#streams.set(member, streams.add(stream))
    const end = (): void => {
      stream.end()
      streams.delete(stream)
      if (streams.size === 0 && this.#streams.get(member) === streams) this.#streams.delete(member)
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
    return stream.items(end)
  }

  /** The child is no more, and its quota with it; its last records stay. */
  forget(child: string): void {
    this.#rates.delete(child)
  }

  /** Ends what is still followed. */
  close(): void {
    for (const streams of this.#streams.values()) for (const stream of streams) stream.end()
  }

  #note(draft: Omit<LogRecord, 'seq' | 'time'>): void {
    const record = this.#book.add({ ...draft, time: this.#powers.wallMs() })
    this.#powers.emitter.emit('log', record)
    for (const stream of this.#streams.get(draft.child) ?? []) stream.push(record)
  }
}

/** What lines of few bytes, each with its end, have not been charged for. */
function missingBytes(lines: readonly string[]): number {
  return lines.reduce((sum, { length }) => sum + Math.max(0, logLineBytesMin - 1 - length), 0)
}
