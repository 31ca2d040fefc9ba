import { BulkheadError } from '@bulkhead/vocabulary'

export type DamageOptions = {
  readonly where?: { readonly table: string; readonly key: string }
  readonly cause?: unknown
}

/** The database of a store as a whole is not to be believed. */
export function corruptStore(store: string, path: string, what: string, options: DamageOptions = {}): BulkheadError {
  return new BulkheadError('store-corrupt', `the store \`${store}\` ${what}`, {
    details: { store, path, ...options.where },
    hint: `restore ${path} from a copy, or remove it and lose what it held`,
    cause: options.cause,
  })
}
