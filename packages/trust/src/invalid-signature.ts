import { BulkheadError } from '@bulkhead/vocabulary'

/** Which check a signature failed. Stable: programs and tests match on `details.check`. */
export type SignatureCheck =
  | 'form'
  | 'algorithm'
  | 'header'
  | 'unknown-key'
  | 'revoked-key'
  | 'signature'
  | 'chain'
  | 'statement'
  | 'component'
  | 'manifest'
  | 'not-yet-valid'
  | 'expired'

/** What is wrong with a signature: `signature-invalid`, with the check that failed in its details. */
export function invalidSignature(check: SignatureCheck, message: string, hint = defaultHint): BulkheadError {
  return new BulkheadError('signature-invalid', message, { details: { check }, hint })
}

/** The check that failed, when the error is about a signature. */
export function failedCheck(error: unknown): SignatureCheck | undefined {
  if (!(error instanceof BulkheadError) || error.code !== 'signature-invalid') return undefined
  return error.details['check'] as SignatureCheck
}

const defaultHint = 'get the signature again from whoever made it, or sign these bytes anew'
