import type { RequestReport } from '@bulkhead/admin'

/**
 * What a reviewer leaves of a request, as a decision names it; `undefined` where it is all of it.
 *
 * @param left for each of `asks` the pattern that is left, or `undefined` for nothing
 */
export function narrowed(
  asks: RequestReport['asks'],
  left: readonly (string | undefined)[],
): readonly string[] | undefined {
  if (asks.every(({ pattern }, index) => left[index] === pattern)) return undefined
  return asks.flatMap(({ kind, actions }, index) => {
    const pattern = left[index]?.trim()
    return pattern === undefined || pattern === '' ? [] : actions.map((action) => `${kind}.${action}=${pattern}`)
  })
}
