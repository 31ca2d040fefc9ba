import { fail } from '../wasi-failure.js'

/** Counts what a guest holds open against its limit (SPEC 12): kernel descriptors and the depth that each handle keeps. */
export class HandleLedger {
  /** May be lowered while handles are open: those stay, and no more are opened. */
  max: number
  #used = 0

  constructor(max: number) {
    this.max = max
  }

  get used(): number {
    return this.#used
  }

  fits(count: number): boolean {
    return this.#used + count <= this.max
  }

  /** Takes room before the handle is opened; the caller gives it back when it is closed. @throws `insufficient-memory`. */
  take(count = 1): void {
    if (!this.fits(count)) fail('insufficient-memory')
    this.#used += count
  }

  give(count = 1): void {
    this.#used -= count
  }
}
