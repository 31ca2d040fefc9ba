import {
  changeRate,
  createQuotaBlock,
  RateBucket,
  type RateBucketMemory,
  type RateSeat,
  type RateSettings,
  RateTree,
  type Spent,
} from '@bulkhead/quota'
import type { Rate } from '@bulkhead/vocabulary'
import { messageSeatsMax } from '../limits.js'

/** How many messages a child may send, and may be handed: two buckets, which its members share. */
export type ChildRate = {
  /** What a new incarnation takes from to send; given back when its end was seen. */
  readonly take: () => RateBucketMemory | RateSeat
  readonly giveBack: (rate: RateBucketMemory | RateSeat) => void
  readonly inbound: RateBucketMemory
  /** Puts another quota into force at once. What was spent stays spent. */
  readonly change: (quota: MessageQuota) => void
  readonly spent: () => Spent
}

export type MessageQuota = {
  readonly rate: Rate
  /** Whether a document says so. The default limits what a child sends, and not what it is handed. */
  readonly written: boolean
}

/**
 * The message rates of a tree. Where a supervisor has one, a message counts for the child and for it at once or not at
 * all; else each child has a bucket alone, which costs a fraction of that.
 *
 * @param clock monotonic nanoseconds since the runtime's start, the same as the workers'.
 */
export class MessageRates {
  readonly #clock: () => bigint
  readonly #tree: { readonly rates: RateTree; readonly root: number } | undefined

  constructor(supervisor: Rate | undefined, children: number, clock: () => bigint) {
    this.#clock = clock
    if (supervisor === undefined) return
    const rates = new RateTree({ nodesMax: children + 1, seatsMax: messageSeatsMax, clock })
    this.#tree = { rates, root: rates.addNode({ rate: supervisor }) }
  }

  ofChild(quota: MessageQuota): ChildRate {
    const inbound = createQuotaBlock({ rates: { inbound: inboundSettings(quota) }, ledgers: {} }).rates.inbound
    const tree = this.#tree
    return tree === undefined ? this.#alone(quota, inbound) : below(tree.rates, tree.root, quota, inbound)
  }

  /** A bucket that lets nothing through. */
  nothing(): RateBucketMemory {
    return createQuotaBlock({ rates: { none: { rate: { amount: 0, perMs: 1_000 } } }, ledgers: {} }).rates.none
  }

  /** What of the supervisor's own rate is spent. */
  spent(): Spent | undefined {
    return this.#tree?.rates.spent(this.#tree.root)
  }

  #alone({ rate }: MessageQuota, inbound: RateBucketMemory): ChildRate {
    const { outbound } = createQuotaBlock({ rates: { outbound: { rate } }, ledgers: {} }).rates
    const bucket = new RateBucket(outbound, this.#clock)
    return {
      inbound,
      take: () => outbound,
      giveBack: () => {},
      change: (quota) => {
        changeRate(outbound, { rate: quota.rate })
        changeRate(inbound, inboundSettings(quota))
      },
      spent: () => bucket.spent(),
    }
  }
}

function below(rates: RateTree, root: number, { rate }: MessageQuota, inbound: RateBucketMemory): ChildRate {
  const node = rates.addNode({ rate }, root)
  return {
    inbound,
    take: () => rates.takeSeat(node),
    giveBack: (seat) => {
      if ('seat' in seat) rates.leaveSeat(seat)
    },
    change: (quota) => {
      rates.change(node, { rate: quota.rate })
      changeRate(inbound, inboundSettings(quota))
    },
    spent: () => rates.spent(node),
  }
}

/** A billion a second is what no thread comes near: a bucket that never refuses, so that one that does can replace it. */
const unlimited: RateSettings = { rate: { amount: 1_000_000_000, perMs: 1_000 } }

function inboundSettings({ rate, written }: MessageQuota): RateSettings {
  return written ? { rate } : unlimited
}
