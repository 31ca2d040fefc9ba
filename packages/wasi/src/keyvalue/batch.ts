import type { InterfaceImplementation } from '../link.js'
import type { Bucket, KeyValue } from './key-value.js'

type Pair = readonly [key: string, value: Uint8Array]

/**
 * `wasi:keyvalue/batch`. All of a batch is decided before any of it is done, and it is done at once or not at all.
 *
 * @param answer how a draft says what it found: one entry for each key, in their order.
 */
export function keyValueBatch(
  name: string,
  keyValue: KeyValue,
  answer: (key: string, value: Uint8Array | undefined) => unknown,
): InterfaceImplementation {
  return {
    name,
    functions: {
      'get-many': (bucket: Bucket, keys: readonly string[]) => {
        const values = keyValue.use(bucket, ['read'], keys, (store, namespace) => store.getMany(namespace, keys))
        return keys.map((key, index) => answer(key, values[index]))
      },
      'set-many': (bucket: Bucket, pairs: readonly Pair[]) => {
        const keys = pairs.map(([key]) => key)
        const entries = pairs.map(([key, value]) => ({ key, value }))
        keyValue.use(bucket, ['write'], keys, (store, namespace) => store.setMany(namespace, entries))
      },
      'delete-many': (bucket: Bucket, keys: readonly string[]) =>
        keyValue.use(bucket, ['delete'], keys, (store, namespace) => store.deleteMany(namespace, keys)),
    },
  }
}
