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
import { messageSeatsMax, rateTreeNodesMax } from '../limits.js'

/** How many messages a child may send, and may be handed: two buckets, which its members share. */
export type ChildRate = {
  /** What a new incarnation takes from to send; given back when its end was seen. */
  readonly take: () => RateBucketMemory | RateSeat
  readonly giveBack: (rate: RateBucketMemory | RateSeat) => void
  readonly inbound: RateBucketMemory
  /** Puts another quota into force at once. What was spent stays spent. */
  readonly change: (quota: MessageQuota) => void
  readonly spent: () => Spent
  /** The child is gone, and all of its incarnations with it. */
  readonly end: () => void
}

/** A supervisor, and the rate that all below it share, where it has one. */
export type SupervisorRate = {
  readonly name: string
  readonly rate: Rate | undefined
  /** The supervisor above it; none for the root. */
  readonly above: string | undefined
}

export type MessageQuota = {
  readonly rate: Rate
  /** Whether a document says so. The default limits what a child sends, and not what it is handed. */
  readonly written: boolean
}

type Bucket = { readonly tree: RateTree; readonly node: number }

/**
 * The message rates of a tree. Where supervisors have one, a message counts for the child and for all of them that it
 * stands below at once, or not at all; else each child has a bucket alone, which costs a fraction of that.
 *
 * A tree of buckets begins at each topmost supervisor that has a rate: those below another one take from other memory.
 *
 * @param supervisors each after the one above it.
 * @param clock monotonic nanoseconds since the runtime's start, the same as the workers'.
 */
export class MessageRates {
  readonly #clock: () => bigint
  /** By supervisor, the bucket that its children are below; of several supervisors the same where some have no rate. */
  readonly #below = new Map<string, Bucket>()
  readonly #limited = new Map<string, Bucket>()

  constructor(supervisors: readonly SupervisorRate[], clock: () => bigint) {
    this.#clock = clock
    for (const { name, rate, above } of supervisors) {
      const parent = above === undefined ? undefined : this.#below.get(above)
      const bucket = rate === undefined ? parent : bucketBelow(parent, rate, clock)
      if (bucket !== undefined) this.#below.set(name, bucket)
      if (bucket !== undefined && rate !== undefined) this.#limited.set(name, bucket)
    }
  }

  /**
   * Makes the buckets of a child.
   *
   * @param supervisor the one that it stands below.
   * @throws {BulkheadError} `resource-limit-exceeded` when too many children share a rate already.
   */
  ofChild(quota: MessageQuota, supervisor: string): ChildRate {
    const inbound = createQuotaBlock({ rates: { inbound: inboundSettings(quota) }, ledgers: {} }).rates.inbound
    const shared = this.#below.get(supervisor)
    return shared === undefined ? this.#alone(quota, inbound) : below(shared, quota, inbound)
  }

  /** A bucket that lets nothing through. */
  nothing(): RateBucketMemory {
    return createQuotaBlock({ rates: { none: { rate: { amount: 0, perMs: 1_000 } } }, ledgers: {} }).rates.none
  }

  /** What is spent of the rate of each supervisor that has one. */
  spent(): readonly { readonly supervisor: string; readonly spent: Spent }[] {
    return [...this.#limited].map(([supervisor, { tree, node }]) => ({ supervisor, spent: tree.spent(node) }))
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
      end: () => {},
    }
  }
}

function bucketBelow(parent: Bucket | undefined, rate: Rate, clock: () => bigint): Bucket {
  const tree = parent?.tree ?? new RateTree({ nodesMax: rateTreeNodesMax, seatsMax: messageSeatsMax, clock })
  return { tree, node: tree.addNode({ rate }, parent?.node) }
}

function below({ tree, node: parent }: Bucket, { rate }: MessageQuota, inbound: RateBucketMemory): ChildRate {
  const node = tree.addNode({ rate }, parent)
  return {
    inbound,
    take: () => tree.takeSeat(node),
    giveBack: (seat) => {
      if ('seat' in seat) tree.leaveSeat(seat)
    },
    change: (quota) => {
      tree.change(node, { rate: quota.rate })
      changeRate(inbound, inboundSettings(quota))
    },
    spent: () => tree.spent(node),
    end: () => tree.removeNode(node),
  }
}

/** A billion a second is what no thread comes near: a bucket that never refuses, so that one that does can replace it. */
const unlimited: RateSettings = { rate: { amount: 1_000_000_000, perMs: 1_000 } }

function inboundSettings({ rate, written }: MessageQuota): RateSettings {
  return written ? { rate } : unlimited
}
