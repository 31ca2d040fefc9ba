import type { InterfaceImplementation } from '../link.js'
import type { ResourceClass, ResourceState } from '../resource-class.js'
import { fail, WasiFailure } from '../wasi-failure.js'
import { type Bucket, type KeyValue, other } from './key-value.js'

/** What stands behind a `cas`: a key, and what its value was. */
export type Cas = ResourceState & {
  readonly bucket: Bucket
  readonly key: string
  readonly value: Uint8Array | undefined
}

/** `wasi:keyvalue/atomics` of the first draft: counts in unsigned numbers. */
export function keyValueCounter(keyValue: KeyValue): InterfaceImplementation {
  return {
    name: 'wasi:keyvalue/atomics',
    functions: {
      increment: (bucket: Bucket, key: string, delta: bigint) => {
        if (BigInt.asIntN(64, delta) !== delta) fail(other('the sum does not fit in 64 bits'))
        const sum = increment(keyValue, bucket, key, delta)
        return sum >= 0n ? sum : fail(other('the number is below zero'))
      },
    },
  }
}

/** `wasi:keyvalue/atomics` of the second draft: counts in signed numbers, and swaps a value for another one. */
export function keyValueAtomics(keyValue: KeyValue, handles: ResourceClass<Cas>): InterfaceImplementation {
  const casOf = (bucket: Bucket, key: string): object => {
    const value = keyValue.use(bucket, ['read'], [key], (store, namespace) => store.get(namespace, key))
    return handles.mint({ bucket, key, value, drop() {} })
  }
  return {
    name: 'wasi:keyvalue-draft2/atomics',
    functions: {
      increment: (bucket: Bucket, key: string, delta: bigint) => increment(keyValue, bucket, key, delta),
      '[static]cas.new': casOf,
      '[method]cas.current': ({ value }: Cas) => value,
      swap: ({ bucket, key, value }: Cas, next: Uint8Array) => {
        const swapped = asCasError(() =>
          keyValue.use(bucket, ['read', 'write'], [key], (store, namespace) => store.swap(namespace, key, value, next)),
        )
        if (swapped.kind === 'swapped') return
        fail({ tag: 'cas-failed', val: handles.mint({ bucket, key, value: swapped.found, drop() {} }) })
      },
    },
  }
}

function increment(keyValue: KeyValue, bucket: Bucket, key: string, by: bigint): bigint {
  return keyValue.use(bucket, ['read', 'write'], [key], (store, namespace) => store.increment(namespace, key, by))
}

function asCasError<T>(work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    return thrown instanceof WasiFailure ? fail({ tag: 'store-error', val: thrown.payload }) : rethrow(thrown)
  }
}

function rethrow(thrown: unknown): never {
  throw thrown
}
