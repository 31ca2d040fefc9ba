import { BulkheadError, type HealthEventType, healthEventTypes } from '@bulkhead/vocabulary'
import micromatch from 'micromatch'
import { printable } from '../printable.js'

/**
 * The types of health events that some patterns mean.
 *
 * @throws {BulkheadError} `usage` for a pattern that means none.
 * @example
 * ```ts
 * typesOf(['quota.*']) // ['quota.warning', 'quota.exceeded']
 * ```
 */
export function typesOf(globs: readonly string[]): readonly HealthEventType[] {
  const meant = globs.map((glob) => {
    const types = micromatch(healthEventTypes, glob)
    if (types.length > 0) return types
    throw new BulkheadError('usage', `\`${printable(glob)}\` is no type of health events`, {
      hint: `one of ${families.join(', ')}, or one of their types as docs/health.md lists them`,
    })
  })
  const wanted = new Set(meant.flat())
  return healthEventTypes.filter((type) => wanted.has(type))
}

const families = [...new Set(healthEventTypes.map((type) => `${type.slice(0, type.indexOf('.'))}.*`))]
