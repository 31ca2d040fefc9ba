import { socketsMax } from '../limits.js'
import { fail } from '../wasi-failure.js'

/** How many sockets a guest has made: bounded here, before any of them is anything on the network. */
export class SocketCount {
  #open = 0

  /** @throws {WasiFailure} `new-socket-limit`. */
  take(): () => void {
    if (this.#open >= socketsMax) return fail('new-socket-limit')
    this.#open += 1
    return () => {
      this.#open -= 1
    }
  }
}
