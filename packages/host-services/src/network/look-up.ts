import type { IpAddress } from '@bulkhead/capability'
import type { BulkheadError } from '@bulkhead/vocabulary'
import { denial, type Verdict } from './gate.js'
import { networkErrorFrom } from './network-error.js'
import type { NetworkResource } from './network-resource.js'

/** A look-up of a name, under way or answered. */
export class LookUpResource implements NetworkResource {
  readonly #judge: () => Verdict
  readonly #onChange: () => void
  #answer: readonly IpAddress[] | undefined
  #error: BulkheadError | undefined

  constructor(answer: Promise<readonly IpAddress[]>, judge: () => Verdict, onChange: () => void) {
    this.#judge = judge
    this.#onChange = onChange
    answer.then(
      (addresses) => {
        this.#answer = addresses
        onChange()
      },
      (error) => this.#end(networkErrorFrom(error)),
    )
  }

  get isReadable(): boolean {
    return this.#answer !== undefined || this.#error !== undefined
  }

  get isWritable(): boolean {
    return false
  }

  get isFlushed(): boolean {
    return true
  }

  /** `undefined` not yet. @throws {BulkheadError} `network-failed`, `network-access-denied`. */
  take(): readonly IpAddress[] | undefined {
    if (this.#error !== undefined) throw this.#error
    return this.#answer
  }

  redecide(): void {
    const verdict = this.#judge()
    if (verdict.kind === 'denied') this.#end(denial(verdict))
  }

  close(): void {}

  destroy(): void {}

  #end(error: BulkheadError): void {
    this.#error ??= error
    this.#onChange()
  }
}
