import { join } from 'node:path'
import { logFileName, logFileNumbers } from './log-files.js'
import { type LogLine, readLines } from './log-lines.js'

/** A place in a log: before everything is file 0. */
export type LogPosition = { readonly file: number; readonly offset: number }

export const logStart: LogPosition = { file: 0, offset: 0 }

export type NewLine = { readonly line: LogLine; readonly file: number }

/**
 * The whole lines from a place in a log to its end as it is now, over its files. A line that is half there is left for the
 * next look.
 */
export async function* newLines(directory: string, from: LogPosition): AsyncGenerator<NewLine, void> {
  // Listed before it is read: nothing is added to a file that has a successor, so such a one is read to its true end.
  for (const file of logFileNumbers(directory).filter((one) => one >= from.file)) {
    const offset = file === from.file ? from.offset : 0
    for await (const line of readLines(join(directory, logFileName(file)), offset)) {
      if (!line.whole) break
      yield { line, file }
    }
  }
}
