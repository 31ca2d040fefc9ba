import { quote } from '@bulkhead/document'
import { z } from 'zod'
import { customIssue } from './custom-issue.js'

/** Text of bounded length without NUL; blank text is refused unless it may be. */
export function describedText(what: string, charactersMax: number, allowed?: 'blank') {
  return z
    .string()
    .max(charactersMax)
    .describe(what)
    .check(({ value, issues }) => {
      if (value.trim() === '' && allowed !== 'blank')
        issues.push(customIssue(value, 'the text is blank', `write ${what}`))
      if (value.includes('\0')) issues.push(customIssue(value, `${what} holds a NUL character`, 'remove it'))
    })
}

/** A whole number between two bounds, both included. Documents give them as `bigint`. */
export function wholeNumber(min: number, max: number) {
  return z.bigint().min(BigInt(min)).max(BigInt(max)).describe('a whole number')
}

/**
 * Text that a parser turns into a number, between two bounds that are written in the same form. The output is the text:
 * whoever reads it asks the same parser.
 */
export function quantityText(parse: (text: string) => number | undefined, what: string, min: string, max: string) {
  const [least = 0, most = 0] = [parse(min), parse(max)]
  return z
    .string()
    .describe(what)
    .check(({ value, issues }) => {
      const amount = parse(value)
      if (amount === undefined) {
        issues.push(customIssue(value, `${quote(value)} is not ${what}`, `write ${what}`))
      } else if (amount < least || amount > most) {
        issues.push(customIssue(value, `${quote(value)} is out of range`, `at least ${min}, at most ${max}`))
      }
    })
}
