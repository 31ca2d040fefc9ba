import { type BulkheadError, type ErrorCode, errorCodes, errorFromWire, Fault } from '@bulkhead/vocabulary'
import { z } from 'zod'

const wireError = z.object({
  family: z.enum(['error', 'denial', 'fault']),
  code: z.custom<ErrorCode>((code) => typeof code === 'string' && Object.hasOwn(errorCodes, code)),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
  hint: z.string().optional(),
})

/** Rebuilds an error that the process sent. What is not one of ours becomes a fault: its words are not believed. */
export function errorFromPeer(value: unknown): BulkheadError {
  const parsed = wireError.safeParse(value)
  if (!parsed.success) return new Fault('internal', 'the running process sent an error of an unknown form')
  const { hint, ...wire } = parsed.data
  return errorFromWire(hint === undefined ? wire : { ...wire, hint })
}
