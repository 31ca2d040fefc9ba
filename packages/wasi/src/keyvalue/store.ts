import type { StoreClient } from '@bulkhead/host-services/client'
import { listCursorsMax } from '../limits.js'
import type { InterfaceImplementation } from '../link.js'
import type { ResourceClass } from '../resource-class.js'
import { fail } from '../wasi-failure.js'
import { namespaceOf } from './bucket-name.js'
import { type Bucket, type KeyValue, other } from './key-value.js'

/** Where a listing goes on: a draft's own way to say so. */
export type Cursors<Cursor> = {
  /** The key behind which the page begins. */
  readonly after: (cursor: Cursor, namespace: string) => string
  readonly next: (lastKey: string, namespace: string) => Cursor
}

type StorePowers = { readonly keyValue: KeyValue; readonly buckets: ResourceClass<Bucket> }

/** `wasi:keyvalue/store`: `open`, and one function for each use of a bucket. */
export function keyValueStore<Cursor>(
  name: string,
  { keyValue, buckets }: StorePowers,
  cursors: Cursors<Cursor>,
): InterfaceImplementation {
  return {
    name,
    functions: {
      /** Gives nobody anything: what may be done with a key is decided when it is done. */
      open: (identifier: string) => {
        const namespace = namespaceOf(identifier)
        return namespace === undefined ? fail({ tag: 'no-such-store' }) : buckets.mint({ namespace, drop() {} })
      },
      '[method]bucket.get': (bucket: Bucket, key: string) =>
        keyValue.use(bucket, ['read'], [key], (store, namespace) => store.get(namespace, key)),
      '[method]bucket.set': (bucket: Bucket, key: string, value: Uint8Array) =>
        keyValue.use(bucket, ['write'], [key], (store, namespace) => store.set(namespace, key, value)),
      '[method]bucket.delete': (bucket: Bucket, key: string) =>
        keyValue.use(bucket, ['delete'], [key], (store, namespace) => store.delete(namespace, key)),
      '[method]bucket.exists': (bucket: Bucket, key: string) =>
        keyValue.use(bucket, ['read'], [key], (store, namespace) => store.exists(namespace, key)),
      '[method]bucket.list-keys': (bucket: Bucket, cursor: Cursor | undefined) => {
        const after = cursor === undefined ? undefined : cursors.after(cursor, bucket.namespace)
        return keyValue.list(bucket, (store, namespace) => page(store, namespace, after, cursors))
      },
    },
  }
}

function page<Cursor>(
  store: StoreClient,
  namespace: string,
  after: string | undefined,
  cursors: Cursors<Cursor>,
): { readonly keys: readonly string[]; readonly cursor: Cursor | undefined } {
  const { keys, more } = store.list(namespace, { after })
  const last = keys.at(-1)
  return { keys, cursor: more && last !== undefined ? cursors.next(last, namespace) : undefined }
}

/** A cursor is the last key of the page: whoever has it may read that one. */
export const keyCursors: Cursors<string> = {
  after: (cursor) => (isCursor(cursor) ? cursor : noCursor()),
  next: (lastKey) => lastKey,
}

/** Where a cursor is a number, what it stands for is kept here, for as long as not too many others came. */
export function numberedCursors(): Cursors<bigint> {
  const known = new Map<bigint, { readonly namespace: string; readonly lastKey: string }>()
  let latest = 0n
  return {
    after: (cursor, namespace) => {
      const found = known.get(cursor)
      return found !== undefined && found.namespace === namespace ? found.lastKey : noCursor()
    },
    next: (lastKey, namespace) => {
      latest += 1n
      known.set(latest, { namespace, lastKey })
      known.delete(latest - BigInt(listCursorsMax))
      return latest
    },
  }
}

function isCursor(cursor: string): boolean {
  return cursor !== '' && Buffer.byteLength(cursor) <= 256
}

function noCursor(): never {
  return fail(other('no page ended with this cursor'))
}
