// Perimeter: takes random bytes.
import { randomBytes } from 'node:crypto'
import { parseTraceparent, traceBytes } from '@bulkhead/mailbox'
import { BulkheadError } from '@bulkhead/vocabulary'

const sampled = 1

/** The trace that a message of the host carries: the one that it is given, else a new one. */
export function traceOf(traceparent: string | undefined): Uint8Array {
  if (traceparent === undefined) {
    const trace = new Uint8Array(randomBytes(traceBytes))
    trace[traceBytes - 1] = sampled
    return trace
  }
  const given = parseTraceparent(traceparent)
  if (given !== undefined) return given
  throw new BulkheadError('usage', `\`${traceparent.slice(0, 100)}\` is no traceparent`, {
    hint: '00-, 32 hexadecimal digits, -, 16 more, -, 2 more; neither id all zeros',
  })
}

/** The end of a topic that nobody can guess, of 22 characters. */
export function newToken(): string {
  return randomBytes(16).toString('base64url')
}
