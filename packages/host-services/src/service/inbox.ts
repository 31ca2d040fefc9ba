import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { ServiceThreadData, ToService } from './protocol.js'

/**
 * What the host has posted to a service's thread. It is looked at before each decision: one atomic load, and where the host
 * has posted something since, everything that lies in the port.
 */
export class Inbox<Terms> {
  readonly #port: MessagePort
  readonly #posted: Int32Array
  readonly #take: (message: ToService<Terms>) => void
  #taken = 0

  constructor(data: Pick<ServiceThreadData<unknown>, 'port' | 'posted'>, take: (message: ToService<Terms>) => void) {
    this.#port = data.port
    this.#posted = new Int32Array(data.posted)
    this.#take = take
  }

  /** Whether everything that the host had posted is taken in now. */
  refresh(): boolean {
    const posted = Atomics.load(this.#posted, 0)
    while (this.#taken !== posted) {
      const received = receiveMessageOnPort(this.#port)
      if (received === undefined) return false
      this.#taken = (this.#taken + 1) | 0
      this.#take(received.message as ToService<Terms>)
    }
    return true
  }
}
