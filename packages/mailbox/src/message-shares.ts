// How the messages that a mailbox may hold are divided among its lanes.
//
// Every lane has a share, a number in its header that the host writes and the sender obeys. The sum of what all lanes may
// hold is never above the mailbox's bound, at no instant, without a lock and without a counter that anyone shares.
//
// INVARIANT (bound): Σ reserved ≤ messagesMax, where `reserved` of a lane is the most that it may hold now: its share,
// or what was in it when the share was lowered, plus one for a sender that had looked at the old share and not yet
// committed. The sum of shares alone would not do: a lowered share takes nothing away that is there already.
//
// Alternatives that fail: one shared counter of messages (a sender killed between counting and committing leaks a place
// for ever; a flooder takes them all, and the others are refused although the reader visits everyone in turn); a fixed
// share of 1/64 (a mailbox with one sender would refuse it after 16 messages); shares that the receiver moves about (it
// is as little believed as the sender).
import { laneMessagesMin } from './limits.js'

/** What one lane is granted: `share` is in its header. */
export type LaneShare = { readonly share: number; readonly reserved: number }

export type ShareBounds = { readonly messagesMax: number; readonly lanesMax: number }

/** What a lane that was just made has: the place was kept for it. */
export const leastShare: LaneShare = { share: laneMessagesMin, reserved: laneMessagesMin }

/** The share at which all of so many lanes are equal. */
export function equalShare(lanes: number, bounds: ShareBounds): number {
  const spare = bounds.messagesMax - bounds.lanesMax * laneMessagesMin
  return laneMessagesMin + Math.floor(spare / Math.max(1, lanes))
}

/**
 * What a lane may hold from now on, that was granted `before` and whose header says `share`, which is not more.
 *
 * @param unread counted after `share` was stored. A sender that obeys never held more than was reserved before; for one
 * that does not, nobody else is made to pay.
 */
export function reservedNow(before: LaneShare, share: number, unread: number): LaneShare {
  return { share, reserved: Math.max(share, Math.min(before.reserved, unread + 1)) }
}

/**
 * What each lane is granted next: who has less than the equal share is raised as far as there is place, in the order
 * given. Every lane, also one that is still to be made, keeps the least share.
 *
 * @param lanes as granted now, none with more than the equal share.
 */
export function planRaises(lanes: readonly LaneShare[], bounds: ShareBounds): readonly LaneShare[] {
  const target = equalShare(lanes.length, bounds)
  const kept = (bounds.lanesMax - lanes.length) * laneMessagesMin
  let free = Math.max(
    0,
    lanes.reduce((left, { reserved }) => left - reserved, bounds.messagesMax - kept),
  )
  return lanes.map(({ share, reserved }) => {
    // A lane that holds more than its share has that place already.
    const more = Math.max(0, Math.min(target - reserved, free))
    free -= more
    return { share: Math.max(share, Math.min(target, reserved + more)), reserved: reserved + more }
  })
}
