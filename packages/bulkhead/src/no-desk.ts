import { BulkheadError } from '@bulkhead/vocabulary'

/** @throws {BulkheadError} `usage`: what a runtime without a state directory answers to an operator. */
export function noDesk(): never {
  throw new BulkheadError('usage', 'a runtime without a state directory keeps no policies, grants or approvals', {
    hint: 'pass `tree` or `state` to createRuntime()',
  })
}
