import { BulkheadError } from '@bulkhead/vocabulary'

/**
 * The other side of a lane left there what it cannot have written by the rules: its security fault (DESIGN D7). The lane
 * is not used again by the side that throws this.
 */
export class LaneCorruption extends BulkheadError {
  /** The side whose fault it is. */
  readonly culprit: 'writer' | 'reader'

  constructor(culprit: 'writer' | 'reader', message: string, details: Readonly<Record<string, number>>) {
    super('lane-corrupt', message, { details: { culprit, ...details } })
    this.culprit = culprit
  }
}
