export { type Codec, jsonCodec } from './codec.js'
export { storeBytesMax, storeKeyBytesMax, storeTablesMax, storeValueBytesMax } from './limits.js'
export type { PreviousStop } from './lock.js'
export { checkDirectoryIsOurs, checkKeyIsOurs } from './ownership.js'
export { type OpenOptions, StateDirectory } from './state-directory.js'
// Its code is `@bulkhead/state/store`, for those who keep something: it loads a database.
export type { Store, StoreOptions } from './store.js'
export { type StorePlace, storePlaceAt } from './store-place.js'
export type { KeyRange, Table } from './table.js'
