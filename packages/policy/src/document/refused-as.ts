import { DocumentError } from '@bulkhead/document'
import type { ErrorCode } from '@bulkhead/vocabulary'

/** Runs a reader; a document that it refuses is refused under the code that policies have for it. */
export function refusedAs<T>(code: ErrorCode, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof DocumentError ? new DocumentError(error.findings, code) : error
  }
}
