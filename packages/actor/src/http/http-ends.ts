import { cell, createLane, SharedCells } from '@bulkhead/lane'
import type { HttpLanes } from './guest-exchange.js'
import { httpLaneBytes } from './limits.js'

/** The lanes of one incarnation. The pages of their memory are taken when they are first written to. */
export function makeHttpLanes(): HttpLanes {
  return {
    toGuest: createLane({ capacityBytes: httpLaneBytes }),
    fromGuest: createLane({ capacityBytes: httpLaneBytes }),
  }
}

/**
 * Writes down that the client of an exchange is gone, where the guest's thread finds it whatever lies in its lanes. There is
 * one exchange at a time: a later one takes the word of an earlier.
 */
export function markGone({ fromGuest }: HttpLanes, number: number): void {
  new SharedCells(fromGuest).store(cell.owner, number)
}
