import { RateBucket, type RateBucketMemory, RateChain, type RateSeat } from '@bulkhead/quota'

/** Takes one message; in how many nanoseconds it could when it could not. */
export type MessageRate = () => 'taken' | { readonly retryInNs: number }

/** @param now the runtime's clock: whoever else takes from the same memory counts by it too. */
export function openMessageRate(memory: RateBucketMemory | RateSeat, now: () => bigint): MessageRate {
  const rate = 'seat' in memory ? new RateChain(memory, now) : new RateBucket(memory, now)
  return () => rate.take(1)
}
