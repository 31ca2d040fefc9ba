import type { Authority } from '../authority.js'
import type { InterfaceImplementation } from '../link.js'
import type { Resources } from '../resources.js'
import type { ServiceAccess } from '../services/service-access.js'
import { type Cas, keyValueAtomics, keyValueCounter } from './atomics.js'
import { keyValueBatch } from './batch.js'
import { type Bucket, KeyValue } from './key-value.js'
import { keyCursors, keyValueStore, numberedCursors } from './store.js'

type KeyValuePowers = {
  readonly authority: Authority
  readonly access: ServiceAccess
  readonly resources: Resources
}

/** `wasi:keyvalue`, both drafts over one store: what one writes the other reads. */
export function keyValueInterfaces({ authority, access, resources }: KeyValuePowers): InterfaceImplementation[] {
  const keyValue = new KeyValue(authority, access)
  const buckets = resources.of<Bucket>('wasi:keyvalue/store', 'bucket')
  const buckets2 = resources.of<Bucket>('wasi:keyvalue-draft2/store', 'bucket')
  return [
    keyValueStore('wasi:keyvalue/store', { keyValue, buckets }, numberedCursors()),
    keyValueCounter(keyValue),
    keyValueBatch('wasi:keyvalue/batch', keyValue, (key, value) => (value === undefined ? undefined : [key, value])),
    keyValueStore('wasi:keyvalue-draft2/store', { keyValue, buckets: buckets2 }, keyCursors),
    keyValueAtomics(keyValue, resources.of<Cas>('wasi:keyvalue-draft2/atomics', 'cas')),
    keyValueBatch('wasi:keyvalue-draft2/batch', keyValue, (key, value) => [key, value]),
  ]
}
