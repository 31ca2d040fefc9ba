import { didYouMean, quote } from '@bulkhead/document'
import { BulkheadError, type HealthEventType, healthEventTypes } from '@bulkhead/vocabulary'
import type { RuntimeEvents } from './types.js'

const others = {
  health: true,
  output: true,
  denied: true,
  log: true,
  'handler-failed': true,
  'interface-failed': true,
} as const satisfies Record<Exclude<keyof RuntimeEvents, HealthEventType>, true>

const names: ReadonlySet<string> = new Set([...Object.keys(others), ...healthEventTypes])

/**
 * A name that is misspelt would be a listener that never hears anything.
 *
 * @throws {BulkheadError} `usage`, with the nearest name
 */
export function knownEvent<Name extends keyof RuntimeEvents>(name: Name): Name {
  if (names.has(name)) return name
  throw new BulkheadError('usage', `a runtime has no event ${quote(String(name))}`, {
    hint: didYouMean(String(name), [...names]),
  })
}
