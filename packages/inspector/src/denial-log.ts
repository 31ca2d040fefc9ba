import type { ChildDenied, Runtime } from 'bulkhead'
import type { DenialReport } from './api-types.js'
import { denialsKeptMax } from './limits.js'
import { Ring } from './ring.js'

/** The last denials of a runtime, since somebody listens. */
export class DenialLog {
  readonly #ring = new Ring<DenialReport>(denialsKeptMax)
  readonly #unsubscribe: () => void

  constructor(runtime: Pick<Runtime, 'id' | 'on'>, wallMs: () => number, onDenied: () => void) {
    this.#unsubscribe = runtime.on('denied', (denied: ChildDenied) => {
      this.#ring.push({ ...denied, id: `${runtime.id}-${this.#ring.last + 1}`, time: wallMs() })
      onDenied()
    })
  }

  get last(): number {
    return this.#ring.last
  }

  after(number: number): readonly DenialReport[] {
    return this.#ring.after(number)
  }

  close(): void {
    this.#unsubscribe()
  }
}
