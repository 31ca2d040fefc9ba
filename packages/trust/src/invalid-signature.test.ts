import { BulkheadError } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { failedCheck, invalidSignature } from './invalid-signature.js'

it('tells the failed check of a signature, and of nothing else', () => {
  expect(failedCheck(invalidSignature('revoked-key', 'why'))).toBe('revoked-key')
  const details = { check: 'revoked-key' }
  expect(failedCheck(new BulkheadError('key-invalid', 'why', { details }))).toBeUndefined()
  expect(failedCheck(Object.assign(new Error('why'), { code: 'signature-invalid', details }))).toBeUndefined()
  expect(failedCheck(undefined)).toBeUndefined()
})
