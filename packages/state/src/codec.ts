/** How values of a table lie on the disk. */
export type Codec<Value> = {
  readonly encode: (value: Value) => string | Uint8Array
  /** @throws anything for bytes that are no such value: the store reports them as `store-corrupt`. */
  readonly decode: (bytes: Uint8Array) => Value
}

/**
 * Values as JSON.
 *
 * @param check turns what was parsed into a value, and throws when it is of another shape
 * @example
 * ```ts
 * const counters = jsonCodec((found) => {
 *   if (typeof found !== 'number') throw new TypeError('not a number')
 *   return found
 * })
 * ```
 */
export function jsonCodec<Value>(check: (found: unknown) => Value): Codec<Value> {
  return {
    encode: (value) => JSON.stringify(value),
    decode: (bytes) => check(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))),
  }
}
