import { BulkheadError } from '@bulkhead/vocabulary'
import type { Codec } from './codec.js'
import type { EnvironmentTable } from './environment.js'
import { storeKeyBytesMax, storeValueBytesMax } from './limits.js'
import { seal, unseal } from './sealed-value.js'

/** A named table of a store. Reads see the last commit, and inside `transact` also its own writes. */
export type Table<Value> = {
  /** @throws {BulkheadError} `store-corrupt` when what lies there fails its checksum or is of another shape. */
  readonly get: (key: string) => Value | undefined
  /** Inside `transact` only. @throws {BulkheadError} `usage` for a key or value over the limits, or outside. */
  readonly put: (key: string, value: Value) => void
  /** Inside `transact` only. Whether there was one. */
  readonly remove: (key: string) => boolean
  /** Keys in the order of their bytes. */
  readonly keys: (range?: KeyRange) => readonly string[]
  /** As `get`, for every key that starts with `prefix`. */
  readonly entries: (prefix?: string) => Iterable<readonly [key: string, value: Value]>
}

/** Keys that start with `prefix`, and of these those behind `after`, at most `limit`. */
export type KeyRange = { readonly prefix: string; readonly after?: string; readonly limit?: number }

export type TablePlace = {
  readonly store: string
  readonly table: string
  /** @throws when no transaction runs. */
  readonly checkWritable: () => void
  /** @throws when the store is closed. */
  readonly checkOpen: () => void
}

export function makeTable<Value>(database: EnvironmentTable, place: TablePlace, codec: Codec<Value>): Table<Value> {
  const { table } = place

  const get = (key: string): Value | undefined => {
    place.checkOpen()
    const stored = database.getBinary(keyBytes(place, key))
    if (stored === undefined) return undefined
    const value = unseal(table, key, stored)
    if (value === undefined) throw corrupt(place, key, 'fails its checksum')
    try {
      return codec.decode(value)
    } catch (error) {
      throw corrupt(place, key, 'is of another shape than this version writes', error)
    }
  }

  const put = (key: string, value: Value): void => {
    place.checkWritable()
    const encoded = Buffer.from(codec.encode(value))
    if (encoded.length > storeValueBytesMax) {
      throw refused(place, key, `a value has at most ${storeValueBytesMax} bytes, this one ${encoded.length}`)
    }
    database.putSync(keyBytes(place, key), seal(table, key, encoded))
  }

  const remove = (key: string): boolean => {
    place.checkWritable()
    return database.removeSync(keyBytes(place, key))
  }

  const keys = ({ prefix, after, limit }: KeyRange = { prefix: '' }): readonly string[] => {
    place.checkOpen()
    // The next key after another one in the order of bytes is that one and a zero byte.
    const start = after === undefined ? Buffer.from(prefix) : Buffer.from(`${after}\0`)
    // No UTF-8 text holds a byte 0xff: this ends behind every key with the prefix.
    const end = Buffer.concat([Buffer.from(prefix), Buffer.of(0xff)])
    const range = limit === undefined ? { start, end } : { start, end, limit }
    return [...database.getKeys(range)].map((key) => key.toString('utf8'))
  }

  function* entries(prefix = ''): Iterable<readonly [string, Value]> {
    for (const key of keys({ prefix })) {
      const value = get(key)
      if (value !== undefined) yield [key, value]
    }
  }

  return Object.freeze({ get, put, remove, keys, entries })
}

function keyBytes(place: TablePlace, key: string): Buffer {
  const bytes = Buffer.from(key)
  const isText = bytes.length >= 1 && bytes.toString('utf8') === key
  if (isText && bytes.length <= storeKeyBytesMax) return bytes
  throw refused(place, key, `a key is text of 1 to ${storeKeyBytesMax} bytes`)
}

function refused(place: TablePlace, key: string, why: string): BulkheadError {
  const shown = key.slice(0, 100)
  return new BulkheadError('usage', `\`${shown}\` cannot be stored in \`${place.store}/${place.table}\`: ${why}`, {
    details: { store: place.store, table: place.table, key: shown },
  })
}

function corrupt(place: TablePlace, key: string, what: string, cause?: unknown): BulkheadError {
  return new BulkheadError('store-corrupt', `the value of \`${key}\` in \`${place.store}/${place.table}\` ${what}`, {
    details: { store: place.store, table: place.table, key },
    hint: `restore the folder ${place.store} of the state directory from a copy`,
    cause,
  })
}
