import { BulkheadError } from '@bulkhead/vocabulary'

/** A version of a policy as the command line names it. @throws {BulkheadError} `usage`. */
export function versionOf(text: string): number {
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text)
  throw new BulkheadError('usage', `\`${text}\` is not a version`, {
    hint: 'a whole number from 1, as `bulkhead policy history CHILD` lists them',
  })
}
