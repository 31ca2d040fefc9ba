import { BulkheadError } from '@bulkhead/vocabulary'

/**
 * A whole number from 1 as the command line gives it.
 *
 * @param about what it should be, for the message
 * @throws {BulkheadError} `usage`.
 */
export function wholeNumber(
  text: string,
  about: { readonly what: string; readonly hint: string; readonly max: number },
) {
  const value = Number(text)
  if (/^[1-9][0-9]{0,14}$/.test(text) && value <= about.max) return value
  throw new BulkheadError('usage', `\`${text}\` is not ${about.what}`, { hint: about.hint })
}

/** A dead letter. @throws {BulkheadError} `usage`. */
export function letterId(text: string): number {
  return wholeNumber(text, {
    what: 'the number of a dead letter',
    hint: 'a whole number from 1, as `bulkhead deadletters` lists them',
    max: Number.MAX_SAFE_INTEGER,
  })
}
