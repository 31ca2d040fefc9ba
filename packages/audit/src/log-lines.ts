// Perimeter: reads a log's files.
import { open } from 'node:fs/promises'
import { lineBytesMax } from './limits.js'

const NEWLINE = 0x0a
const chunkBytes = 64 * 1024

/** One line of a file, without its newline. */
export type LogLine = {
  readonly bytes: Buffer
  /** 1-based. */
  readonly number: number
  /** Where the line begins and where the next one does, in bytes. */
  readonly start: number
  readonly end: number
  /** Whether a newline ends it: only the last line of a file can lack it. */
  readonly whole: boolean
}

/**
 * The lines of a file in order, in bounded memory: of a line that is longer than any journal writes only the first part
 * is kept. A file that ends in a newline has no empty line behind it.
 *
 * @param from the byte to begin at, a line's start.
 */
export async function* readLines(file: string, from = 0): AsyncGenerator<LogLine> {
  const handle = await open(file, 'r')
  try {
    let pending: Buffer[] = []
    let pendingBytes = 0
    let start = from
    let number = 1
    let position = from
    const line = (end: number, whole: boolean): LogLine => {
      const bytes = Buffer.concat(pending)
      const made = { bytes, number: number++, start, end, whole }
      pending = []
      pendingBytes = 0
      start = end
      return made
    }
    const keep = (part: Buffer): void => {
      if (pendingBytes < lineBytesMax) pending.push(part)
      pendingBytes += part.length
    }
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, position)
      if (bytesRead === 0) break
      const chunk = buffer.subarray(0, bytesRead)
      let at = 0
      for (let newline = chunk.indexOf(NEWLINE); newline !== -1; newline = chunk.indexOf(NEWLINE, at)) {
        keep(chunk.subarray(at, newline))
        at = newline + 1
        yield line(position + at, true)
      }
      if (at < bytesRead) keep(chunk.subarray(at))
      position += bytesRead
    }
    if (pendingBytes > 0) yield line(position, false)
  } finally {
    await handle.close()
  }
}
