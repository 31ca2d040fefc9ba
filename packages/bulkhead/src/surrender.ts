import type { Clock } from '@bulkhead/vocabulary'

/** The moment at which a process admits that it can no longer keep its promises. It comes once. */
export class Surrender {
  /** Resolves with the reason. */
  readonly declared: Promise<string>
  #declare: (reason: string) => void = () => {}

  constructor() {
    this.declared = new Promise((resolve) => {
      this.#declare = resolve
    })
  }

  declare(reason: string): void {
    this.#declare(reason)
  }
}

/** Fires when a stall has lasted too long; a stall that ends in time leaves no trace. */
export class StallTimer {
  readonly #clock: Clock
  readonly #stallMsMax: number
  readonly #onTooLong: (reason: string) => void
  #cancel: (() => void) | undefined

  constructor(clock: Clock, stallMsMax: number, onTooLong: (reason: string) => void) {
    this.#clock = clock
    this.#stallMsMax = stallMsMax
    this.#onTooLong = onTooLong
  }

  begin(reason: string): void {
    this.#cancel ??= this.#clock.after(this.#stallMsMax, () => this.#onTooLong(reason))
  }

  end(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
