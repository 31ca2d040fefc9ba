import type { Hostility } from '@bulkhead/vocabulary'
import type { Authority } from './authority.js'
import type { CpuThrottle } from './cpu-throttle.js'
import { isEnding, Poisoned } from './endings.js'
import { probeHeadroom } from './headroom.js'
import { coldCallsMax, coldHeadroomFrames, headroomFrames } from './limits.js'
import type { HostPowers } from './powers.js'
import { WasiFailure } from './wasi-failure.js'

/**
 * What stands at the door of every host function.
 *
 * INVARIANT (ended): once an instance has ended (by exit, by poisoning, by going over a limit) nothing runs for it any
 * more. A guest may catch a host exception, so throwing alone ends nothing: the refusal of every later call does.
 */
export class Guard {
  readonly #powers: HostPowers
  readonly #authority: Authority
  /** Made in advance: where it is needed there is no stack left to make it. */
  readonly #exhausted = new Poisoned('the stack is exhausted')
  #ended: Error | undefined
  #enteredVersion = 0
  /** Absent for a guest that may use a whole core. */
  throttle: CpuThrottle | undefined

  constructor(powers: HostPowers, authority: Authority) {
    this.#powers = powers
    this.#authority = authority
  }

  /**
   * Before anything else of a host call: ended? headroom? Nothing has changed when it throws.
   *
   * @param calls how often this function was called before: what is not compiled yet needs far more of the stack.
   * @throws {RangeError} when the stack is nearly exhausted; the instance is poisoned by then.
   */
  admit(calls: number): void {
    if (this.#ended !== undefined) throw this.#ended
    try {
      probeHeadroom(calls < coldCallsMax ? coldHeadroomFrames : headroomFrames)
    } catch (thrown) {
      this.#ended = this.#exhausted
      throw thrown
    }
  }

  /**
   * Waits for the guest's share of the processor, then tells the host by which policy this call decides.
   *
   * @param place the function, as a trace names it
   */
  enter(place?: string): void {
    // Before the call counts as entered: a revocation need not wait for a guest that waits here.
    if (this.throttle !== undefined) this.throttle.admit()
    this.#authority.enter()
    this.#enteredVersion = this.#authority.version
    if (this.#authority.trace !== undefined && place !== undefined) this.#authority.trace.enter(place)
  }

  /**
   * The call has done what it does. Where the policy moved in its middle, what it opened may rest on a decision from before:
   * everything open is decided once more.
   */
  completed<T>(answer: T): T {
    if (this.#authority.version !== this.#enteredVersion) this.#authority.redecide()
    return answer
  }

  leave(): void {
    if (this.throttle !== undefined) this.throttle.read()
    this.#powers.publishEntered(0)
    if (this.#authority.trace !== undefined) this.#authority.trace.leave()
  }

  /** What leaves the host function for this thrown value: a declared error's payload, an ending, or a poisoned instance. */
  outcome(thrown: unknown, declaresErrors: boolean): unknown {
    if (thrown instanceof WasiFailure && declaresErrors) return thrown.payload
    if (isEnding(thrown)) {
      this.#ended ??= thrown
      return thrown
    }
    const reason = thrown instanceof Error ? thrown.message : 'an undeclared failure'
    this.#ended ??= new Poisoned(reason, thrown)
    return this.#ended
  }

  hostile(kind: Hostility, detail: string): never {
    this.#ended ??= new Poisoned(`${kind}: ${detail}`)
    this.#powers.hostile(kind, detail)
  }

  /** What ended the instance; `undefined` while it has not. */
  get ended(): Error | undefined {
    return this.#ended
  }

  poison(reason: string): void {
    this.#ended ??= new Poisoned(reason)
  }
}
