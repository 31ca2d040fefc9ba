import { LaneCorruption } from '@bulkhead/lane'
import { BulkheadError } from '@bulkhead/vocabulary'

/**
 * A request that our own code in the actor's worker cannot have written: the worker is not ours any more. Its channel is
 * ended, and the host is told.
 */
export class MalformedRequest extends Error {}

/**
 * What the host is told of a worker that is not ours any more.
 *
 * @throws what is not the worker's doing.
 */
export function breachOf(error: unknown, service: 'network' | 'store'): BulkheadError {
  if (error instanceof LaneCorruption) return error
  if (!(error instanceof MalformedRequest)) throw error
  return new BulkheadError('lane-corrupt', `a request to the ${service}: ${error.message}`)
}
