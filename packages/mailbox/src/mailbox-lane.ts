// One lane as its mailbox keeps it, and what is done to it from outside.

import { cell, type SharedCells } from '@bulkhead/lane'
import { BulkheadError } from '@bulkhead/vocabulary'
import { type InletMemory, type InletRules, isBefore } from './inlet.js'
import { countUnread } from './lane-survey.js'
import { equalShare, type LaneShare, planRaises, reservedNow } from './message-shares.js'

export type Lane = {
  inlet: InletMemory
  readonly isHost: boolean
  readonly cells: SharedCells
  granted: LaneShare
  seenTail: number
  quietSinceNs: bigint
}

export type Bounds = { readonly messagesMax: number; readonly lanesMax: number }

/** Divides the messages that the mailbox may hold among its lanes: first lowers, then raises as far as there is place. */
export function shareOut(lanes: readonly Lane[], bounds: Bounds): void {
  const target = equalShare(lanes.length, bounds)
  for (const lane of lanes) {
    const share = Math.min(lane.granted.share, target)
    if (share === lane.granted.share && share === lane.granted.reserved) continue
    lane.cells.store(cell.owner, share)
    lane.granted = reservedNow(lane.granted, share, countUnread(lane.cells) ?? lane.granted.reserved)
  }
  const raised = planRaises(
    lanes.map(({ granted }) => granted),
    bounds,
  )
  for (const [index, lane] of lanes.entries()) {
    lane.granted = raised[index] ?? lane.granted
    lane.cells.store(cell.owner, lane.granted.share)
  }
}

/** Forgets the places that the head has passed, before positions wrap around them. */
export function forgetPassed(lane: Lane, head: number): void {
  const { rules, retry } = lane.inlet
  if (retry !== undefined && retry.position !== head) lane.inlet = { ...lane.inlet, retry: undefined }
  if (rules === undefined) return
  const isPassed = (place: number | undefined): boolean => place !== undefined && !isBefore(head, place)
  if (isPassed(rules.enforcedFrom)) setRules(lane, { ...rules, enforcedFrom: head })
  if (isPassed(rules.previousUntil)) setRules(lane, { ...rulesOf(lane), previous: undefined, previousUntil: undefined })
}

export function rulesOf(lane: Lane): InletRules {
  if (lane.inlet.rules === undefined) throw new BulkheadError('usage', "the host's own lane has no filter")
  return lane.inlet.rules
}

export function setRules(lane: Lane, rules: InletRules): InletRules {
  lane.inlet = { ...lane.inlet, rules }
  return rules
}

export function unreadOf(lane: Lane): number {
  return countUnread(lane.cells) ?? lane.granted.reserved
}
