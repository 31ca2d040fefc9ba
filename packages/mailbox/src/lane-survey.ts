import {
  type Cells,
  cell,
  framedBytes,
  LaneCorruption,
  type LaneMemory,
  LaneReader,
  laneCapacityBytes,
  largestRecordBytes,
} from '@bulkhead/lane'
import { RecordBuffer } from './record-buffer.js'
import { type DecodedRecord, decodeRecord } from './record-decoder.js'

// What the host learns of a lane by looking at it, while both its ends may be at work: nothing here moves anything.

const triesMax = 3

/**
 * How many records wait in a lane, or `undefined` when it cannot be said now, because its reader moved again and again
 * while they were counted or its writer lies about lengths.
 */
export function countUnread(cells: Cells): number | undefined {
  for (let tries = 0; tries < triesMax; tries++) {
    const head = cells.load(cell.head)
    const count = countBetween(cells, head, cells.load(cell.tail))
    // Nothing before the tail is written over as long as the head stands where it stood: then the count was right.
    if (cells.load(cell.head) === head) return count
  }
  return undefined
}

function countBetween(cells: Cells, head: number, tail: number): number | undefined {
  let leftBytes = (tail - head) >>> 0
  if (leftBytes > cells.capacityBytes) return undefined
  let count = 0
  for (let position = head; leftBytes > 0; count++) {
    const framed = framedBytes(cells.getLength(position & (cells.capacityBytes - 1)))
    if (framed > leftBytes || framed <= 0) return undefined
    position = (position + framed) >>> 0
    leftBytes -= framed
  }
  return count
}

/** The bytes that wait in a lane: at least those that did at the beginning of the call. */
export function usedBytes(cells: Cells): number {
  const head = cells.load(cell.head)
  return (cells.load(cell.tail) - head) >>> 0
}

/** Whether its two words are as no reader and writer leave them who keep to their own. */
export function isTorn(cells: Cells): boolean {
  const head = cells.load(cell.head)
  const unreadBytes = (cells.load(cell.tail) - head) >>> 0
  // What was read while the reader moved on says nothing.
  return cells.load(cell.head) === head && unreadBytes > cells.capacityBytes
}

/** When the oldest record of a lane was sent, by its sender's account; `undefined` when there is none to be seen now. */
export function oldestSentAtNs(ring: LaneMemory): bigint | undefined {
  return oldestRecord(ring)?.sentAtNs
}

/** What the oldest record of a lane claims to be; `undefined` when there is none to be seen now. Nobody has judged it. */
export function oldestRecord(ring: LaneMemory): DecodedRecord | undefined {
  const reader = new LaneReader(ring)
  const buffer = new RecordBuffer(largestRecordBytes(laneCapacityBytes(ring)))
  const head = reader.position()
  try {
    buffer.makeRoom()
    const length = reader.peekInto(buffer.bytes)
    const record = length === undefined ? undefined : decodeRecord(buffer, length)
    return reader.position() === head ? record : undefined
  } catch (error) {
    // The reader moved while we looked, or the writer lies: the reader will find out which.
    if (error instanceof LaneCorruption) return undefined
    throw error
  }
}
