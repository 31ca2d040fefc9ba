// Log messages on their way from a guest's thread to its host: one record of a lane each.

import { type LaneMemory, LaneWriter } from '@bulkhead/lane'
import { type LogLine, logLevels } from '@bulkhead/vocabulary'
import type { LogSink } from '@bulkhead/wasi'
import type { Ledger } from './ledger.js'
import { type OutputPace, OutputPump } from './stdio-host.js'

export type LineConsumer = (line: LogLine) => void | Promise<void>

const headBytes = 3
const contextBytesMax = 1_024
const messageBytesMax = 8 * 1_024

/** The worker's end. */
export function laneLogSink(memory: LaneMemory): LogSink {
  const writer = new LaneWriter(memory)
  // Nobody reads any more: what is said then is said to nobody, and nobody waits.
  return { take: (line) => writer.readerClosed || writer.tryWrite(encodeLogLine(line)) }
}

export function encodeLogLine({ level, context, message }: LogLine): Uint8Array {
  const texts = [context, message].map((text) => new TextEncoder().encode(text))
  const bytes = new Uint8Array(headBytes + texts.reduce((sum, { length }) => sum + length, 0))
  const [contextBytes = bytes, messageBytes = bytes] = texts
  bytes[0] = logLevels.indexOf(level)
  new DataView(bytes.buffer).setUint16(1, contextBytes.length, true)
  bytes.set(contextBytes, headBytes)
  bytes.set(messageBytes, headBytes + contextBytes.length)
  return bytes
}

/** @returns `undefined` for what no worker of ours has written. */
export function decodeLogLine(record: Uint8Array): LogLine | undefined {
  const level = logLevels[record[0] ?? logLevels.length]
  if (level === undefined || record.length < headBytes) return undefined
  const end = headBytes + new DataView(record.buffer, record.byteOffset).getUint16(1, true)
  if (end > headBytes + contextBytesMax || end > record.length || record.length - end > messageBytesMax)
    return undefined
  const text = (from: number, to: number): string => new TextDecoder().decode(record.slice(from, to))
  return { level, context: text(headBytes, end), message: text(end, record.length) }
}

/** The host's end. */
export class LogPump {
  readonly memory: LaneMemory
  readonly #pump: OutputPump
  #breach: string | undefined

  constructor(ledger: Ledger, consume: LineConsumer, pace?: OutputPace | undefined) {
    const take = (record: Uint8Array): void | Promise<void> => {
      const line = decodeLogLine(record)
      if (line !== undefined) return consume(line)
      this.#breach ??= 'a log message that is none'
    }
    this.#pump = new OutputPump(ledger, take, pace)
    this.memory = this.#pump.memory
  }

  hurry(): void {
    this.#pump.hurry()
  }

  /** As `OutputPump.finish`; what was no message is a breach too. */
  async finish(): Promise<string | undefined> {
    return (await this.#pump.finish()) ?? this.#breach
  }
}
