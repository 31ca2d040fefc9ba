// Options of the public functions, as what they are before a compiler has seen them. An option that is misspelt and ignored
// would be a restriction that somebody believes in: `denny` denies nothing.

import { didYouMean, quote } from '@bulkhead/document'
import { BulkheadError } from '@bulkhead/vocabulary'

/** What an option may be; what stands inside is checked by whoever reads it. */
const kinds = {
  'a text': (value) => typeof value === 'string',
  'a number': (value) => typeof value === 'number',
  'a number or a text': (value) => typeof value === 'number' || typeof value === 'string',
  'a text or an object': (value) => typeof value === 'string' || isObject(value),
  '`true` or `false`': (value) => typeof value === 'boolean',
  'a function': (value) => typeof value === 'function',
  'an object': isObject,
  'a list': Array.isArray,
  'an AbortSignal': (value) => value instanceof AbortSignal,
  'a text, bytes, or an iterable of bytes': (value) => typeof value === 'string' || isObject(value),
} as const satisfies Readonly<Record<string, (value: unknown) => boolean>>

export type OptionKind = keyof typeof kinds
/** Every option that a function has. */
export type OptionRules<Options> = Readonly<Record<keyof Options & string, OptionKind>>

/**
 * Refuses options that a function does not have, with the nearest name, and those that are of another type. An option that
 * is `undefined` is not there.
 *
 * @param of the function, or the option that they stand in
 * @throws {BulkheadError} `usage`
 */
export function checkOptions<Options>(given: unknown, rules: OptionRules<Options>, of: string): void {
  if (given === undefined) return
  if (!isObject(given)) {
    throw new BulkheadError('usage', `the options of ${of} are an object, not ${describe(given)}`)
  }
  for (const [name, value] of Object.entries(given)) {
    const kind = Object.hasOwn(rules, name) ? rules[name as keyof typeof rules] : undefined
    if (kind === undefined) {
      throw new BulkheadError('usage', `${of} has no option ${quote(name)}`, {
        hint: didYouMean(name, Object.keys(rules)),
      })
    }
    if (value !== undefined && !kinds[kind](value)) {
      throw new BulkheadError('usage', `the option \`${name}\` of ${of} is ${kind}, not ${describe(value)}`)
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function describe(value: unknown): string {
  if (value === null) return '`null`'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  return typeof value === 'string' ? `the text ${quote(value)}` : `a ${typeof value}`
}
