/**
 * Ends a `switch` over a tagged union: it does not compile while a case is missing, and throws if one appears at run time.
 *
 * @throws {TypeError} always.
 * @example
 * ```ts
 * switch (verdict) {
 *   case 'granted': return 1
 *   case 'denied': return 0
 *   default: return assertNever(verdict)
 * }
 * ```
 */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected case: ${JSON.stringify(value)}`)
}
