// Perimeter: lists the log's directory, and knows its names.
import { readdirSync } from 'node:fs'

const FILE = /^audit-([0-9]{6,})\.jsonl$/

/** The seals of a log, one line each. */
export const sealsFile = 'seals.jsonl'
/** The public half of the key that signs them, so that a copy of the directory can be verified. */
export const publicKeyFile = 'seals.pub'

/** `1` → `audit-000001.jsonl`. */
export function logFileName(number: number): string {
  return `audit-${String(number).padStart(6, '0')}.jsonl`
}

/** `audit-000001.jsonl` → `1`; `undefined` for any other name. */
export function logFileNumber(name: string): number | undefined {
  const digits = FILE.exec(name)?.[1]
  if (digits === undefined) return undefined
  const number = Number(digits)
  return Number.isSafeInteger(number) && logFileName(number) === name ? number : undefined
}

/** The numbers of the log files in a directory, ascending. */
export function logFileNumbers(directory: string): number[] {
  return readdirSync(directory)
    .map(logFileNumber)
    .filter((number) => number !== undefined)
    .sort((a, b) => a - b)
}
