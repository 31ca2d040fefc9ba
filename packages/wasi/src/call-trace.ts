import { tracedCallsMax } from './limits.js'

/** A host call that a guest made while what it had in hand was traced. */
export type TracedCall = {
  /** As `wasi:filesystem/types#open-at`. */
  readonly place: string
  /** Since the tracing began, and how long it took, in nanoseconds. */
  readonly afterNs: bigint
  readonly tookNs: bigint
  /** What was decided for it; `unasked` for a call that names no resource. */
  readonly verdict: 'granted' | 'denied' | 'unasked'
}

/** What of it is told: some of the calls, and how many there were. */
export type TracedCalls = { readonly calls: readonly TracedCall[]; readonly made: number }

/**
 * The host calls of one message, call or request that is traced: each that was refused, and of each function the first, the
 * second, the fourth and so on, 64 at most.
 */
export class CallTrace {
  readonly #nowNs: () => bigint
  readonly #beganNs: bigint
  readonly #calls: TracedCall[] = []
  readonly #countOf = new Map<string, number>()
  #made = 0
  #place: string | undefined
  #enteredNs = 0n
  #verdict: TracedCall['verdict'] = 'unasked'

  constructor(nowNs: () => bigint) {
    this.#nowNs = nowNs
    this.#beganNs = nowNs()
  }

  enter(place: string): void {
    this.#place = place
    this.#verdict = 'unasked'
    this.#enteredNs = this.#nowNs()
  }

  /** Of several decisions in one call the first refusal is told. */
  decided(isGranted: boolean): void {
    if (this.#verdict !== 'denied') this.#verdict = isGranted ? 'granted' : 'denied'
  }

  leave(): void {
    const place = this.#place
    if (place === undefined) return
    this.#place = undefined
    this.#made += 1
    const count = (this.#countOf.get(place) ?? 0) + 1
    this.#countOf.set(place, count)
    const isSampled = this.#verdict === 'denied' || (count & (count - 1)) === 0
    if (!isSampled || this.#calls.length >= tracedCallsMax) return
    const [afterNs, tookNs] = [this.#enteredNs - this.#beganNs, this.#nowNs() - this.#enteredNs]
    this.#calls.push({ place, afterNs, tookNs, verdict: this.#verdict })
  }

  end(): TracedCalls {
    return { calls: this.#calls, made: this.#made }
  }
}
