import type { ContextUpdate } from '@bulkhead/wasi'
import type { MessagesToWorker } from './message-protocol.js'
import type { RemoteAnswer } from './process/remote-protocol.js'
import type { ToWorker } from './protocol.js'
import type { ServiceGiven } from './services/service-protocol.js'

/**
 * The one place that takes in what the host posts, synchronously, wherever the guest's thread is: the thread blocks, so no
 * event of a port ever runs. Newer rules are kept until the guard asks; news about messages go to who takes them.
 */
export class PortPump {
  readonly #receive: () => ToWorker | undefined
  #newest: ContextUpdate | undefined
  #takeMessages: (message: MessagesToWorker) => void = () => {}
  #takeRemote: (answer: RemoteAnswer) => void = () => {}
  #takeService: (given: ServiceGiven) => void = () => {}

  /** @param receive the next message of the port, or `undefined`. */
  constructor(receive: () => ToWorker | undefined) {
    this.#receive = receive
  }

  onMessages(take: (message: MessagesToWorker) => void): void {
    this.#takeMessages = take
  }

  /** The same for a worker whose messages are sent and received by a host in another process. */
  onRemote(take: (answer: RemoteAnswer) => void): void {
    this.#takeRemote = take
  }

  /** The same for the ends of services. */
  onServices(take: (given: ServiceGiven) => void): void {
    this.#takeService = take
  }

  /** Takes in all that was posted until now. */
  drain(): void {
    for (;;) {
      const message = this.#receive()
      if (message === undefined) return
      if (message.kind === 'context') this.#keep(message.update)
      else if (message.kind === 'remote') this.#takeRemote(message.answer)
      else if (message.kind === 'service') this.#takeService(message)
      else if (message.kind !== 'begin') this.#takeMessages(message)
    }
  }

  /** The newest rules since the last call: of several updates the newest counts. */
  takeNewestContext(): ContextUpdate | undefined {
    this.drain()
    const newest = this.#newest
    this.#newest = undefined
    return newest
  }

  #keep(update: ContextUpdate): void {
    if (this.#newest === undefined || update.policyVersion >= this.#newest.policyVersion) this.#newest = update
  }
}
