import { BulkheadError } from '@bulkhead/vocabulary'
import { batchKeysMax, keyBytesMax, namespaceBytesMax, valueBytesMax } from '../limits.js'
import type { StoreRequest } from './store-request.js'

/**
 * Checks what a guest's request may hold, at its own end, so that what goes over a bound is the guest's error and not a
 * malformed request.
 *
 * @throws {BulkheadError} `resource-limit-exceeded` for names, values and batches that are too long; `usage` for a key of no
 *   characters.
 */
export function checkStoreRequest(request: StoreRequest): void {
  checkBytes('name space', request.namespace, namespaceBytesMax)
  switch (request.op) {
    case 'list':
      if (request.after !== undefined) checkKey(request.after)
      break
    case 'get-many':
    case 'delete-many':
      checkCount(request.keys.length)
      request.keys.forEach(checkKey)
      break
    case 'set-many':
      checkCount(request.entries.length)
      for (const { key, value } of request.entries) {
        checkKey(key)
        checkValue(value)
      }
      break
    case 'swap':
      if (request.expected !== undefined) checkValue(request.expected)
      checkKey(request.key)
      checkValue(request.value)
      break
    case 'set':
      checkKey(request.key)
      checkValue(request.value)
      break
    default:
      checkKey(request.key)
  }
}

function checkKey(key: string): void {
  if (key === '') throw new BulkheadError('usage', 'a key has at least one character')
  checkBytes('key', key, keyBytesMax)
}

function checkValue(value: Uint8Array): void {
  if (value.length > valueBytesMax) throw tooLarge('value', value.length, valueBytesMax)
}

function checkCount(keys: number): void {
  if (keys > batchKeysMax) {
    throw new BulkheadError('resource-limit-exceeded', `a batch of ${keys} keys is too large`, {
      details: { resource: 'keys of a batch', limit: batchKeysMax },
    })
  }
}

function checkBytes(what: string, text: string, max: number): void {
  const bytes = Buffer.byteLength(text)
  if (bytes > max) throw tooLarge(what, bytes, max)
}

function tooLarge(what: string, bytes: number, max: number): BulkheadError {
  return new BulkheadError('resource-limit-exceeded', `a ${what} of ${bytes} bytes is too large`, {
    details: { resource: what, limit: max },
    hint: `at most ${max} bytes`,
  })
}
