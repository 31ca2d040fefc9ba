// The arithmetic of a bucket, pure. A bucket is one instant: the theoretical arrival time, up to which its rate is spent.
// A take moves the later of that instant and now by its cost, and is refused when that would lie more than a burst ahead.
//
// INVARIANT (never one more): let takes i … j follow each other in the order of their commits, at the clock readings
// now_i … now_j. Each moves the instant by at least its cost; the first leaves it at or after now_i + cost_i, the last at
// or before now_j + burst. So their costs sum to at most burst + (now_j − now_i). A cost is never below what the rate
// earns in that time, so what was taken is at most burst + rate × elapsed; only the burst is rounded up, to a whole
// nanosecond. Nothing in this asks the clock to go forward: one that steps back makes takers wait, and never lets more in.
//
// INVARIANT (bounds): a new instant is at most now + burst, whatever stood in the cell: below 2⁶³ for every clock below
// 2⁶² and every burst below 2⁵³.

/** The instant after a take of this cost. */
export function nextArrival(arrivalNs: bigint, nowNs: bigint, costNs: bigint): bigint {
  return (arrivalNs > nowNs ? arrivalNs : nowNs) + costNs
}

/**
 * How long a refused take has to wait, in nanoseconds, when nobody else takes: exactly so long, and `Infinity` when no
 * wait helps because it costs more than a burst.
 */
export function retryInNs(nextNs: bigint, nowNs: bigint, costNs: bigint, burstNs: bigint): number {
  return costNs > burstNs ? Number.POSITIVE_INFINITY : Number(nextNs - nowNs - burstNs)
}
