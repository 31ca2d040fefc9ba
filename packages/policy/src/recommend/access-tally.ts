import type { Action, Kind, Layer } from '@bulkhead/vocabulary'
import { distinctAccessesMax, otherDigestsMax } from './limits.js'
import type { ObservedAccess } from './observed-access.js'

/** All accesses that are the same but for their time. */
export type TalliedAccess = {
  readonly kind: Kind
  readonly action: Action
  readonly resource: string
  readonly verdict: 'granted' | 'denied'
  readonly layer: Layer | undefined
  /** The pattern that decided the last one. */
  rule: string | undefined
  count: number
  firstSeen: number | undefined
  lastSeen: number | undefined
  /** The number of the last record, so that of two verdicts the later one is known. */
  order: number
}

/** What a recommendation was made from. Instants are milliseconds since 1970 UTC. */
export type Observed = {
  /** Records that count. */
  readonly records: number
  /** Accesses, repeats counted. */
  readonly accesses: number
  readonly from?: number
  readonly to?: number
  /** The digest that records must have, if any. */
  readonly digest?: string
  /** Records of other digests, which were left out; `other` stands for all digests beyond the first few. */
  readonly leftOut: readonly { readonly digest: string; readonly records: number }[]
  /** Records beyond the bound of distinct accesses: nothing is recommended from them. */
  readonly uncounted: number
}

/**
 * Sums up what a component did, record by record, in bounded memory: a log may be larger than it.
 *
 * @example
 * ```ts
 * const tally = new AccessTally({ digest })
 * for await (const record of queryLog(directory, { child: 'ingest' })) {
 *   const access = observedAccess(record)
 *   if (access !== undefined) tally.add(access)
 * }
 * ```
 */
export class AccessTally {
  readonly #digest: string | undefined
  readonly #byKey = new Map<string, TalliedAccess>()
  readonly #otherDigests = new Map<string, number>()
  #records = 0
  #accesses = 0
  #probes = 0
  #uncounted = 0
  #from: number | undefined
  #to: number | undefined

  /** @param options with a `digest`, records of other digests are left out; records without one always count. */
  constructor(options: { readonly digest?: string | undefined } = {}) {
    this.#digest = options.digest
  }

  /** In the order in which they happened. */
  add(access: ObservedAccess): void {
    const { digest, time, count = 1 } = access
    if (digest !== undefined && this.#digest !== undefined && digest !== this.#digest) {
      this.#leaveOut(digest)
      return
    }
    this.#records++
    this.#accesses += count
    this.#from = least(this.#from, time)
    this.#to = most(this.#to, time)
    if (access.probe === true) this.#probes += count
    else this.#count(access, count)
  }

  /** Look-ups of what exists nowhere, repeats counted. */
  get probes(): number {
    return this.#probes
  }

  get observed(): Observed {
    return {
      records: this.#records,
      accesses: this.#accesses,
      ...(this.#from !== undefined && { from: this.#from }),
      ...(this.#to !== undefined && { to: this.#to }),
      ...(this.#digest !== undefined && { digest: this.#digest }),
      leftOut: [...this.#otherDigests].map(([digest, records]) => ({ digest, records })),
      uncounted: this.#uncounted,
    }
  }

  /** Each distinct access once, in the order of its first appearance. */
  values(): Iterable<Readonly<TalliedAccess>> {
    return this.#byKey.values()
  }

  #count({ kind, action, resource, verdict, layer, rule, time }: ObservedAccess, count: number): void {
    // What granted does not matter: the access is the same. What refused does: it says whether a grant would help.
    const key = `${kind} ${action} ${verdict === 'granted' ? '' : (layer ?? '-')} ${resource}`
    const known = this.#byKey.get(key)
    if (known !== undefined) {
      known.count += count
      known.rule = rule ?? known.rule
      known.firstSeen = least(known.firstSeen, time)
      known.lastSeen = most(known.lastSeen, time)
      known.order = this.#records
    } else if (this.#byKey.size < distinctAccessesMax) {
      const seen = { firstSeen: time, lastSeen: time, order: this.#records }
      this.#byKey.set(key, { kind, action, resource, verdict, layer, rule, count, ...seen })
    } else {
      this.#uncounted++
    }
  }

  #leaveOut(digest: string): void {
    const full = this.#otherDigests.size >= otherDigestsMax && !this.#otherDigests.has(digest)
    const name = full ? 'other' : digest
    this.#otherDigests.set(name, (this.#otherDigests.get(name) ?? 0) + 1)
  }
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a
}

function most(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a
}
