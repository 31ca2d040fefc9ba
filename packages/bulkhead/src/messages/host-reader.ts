import type { MessagesToWorker } from '@bulkhead/actor'
import { type Delivery, MailboxReader, type ReaderOptions } from '@bulkhead/mailbox'
import { readsPerTurn } from '../limits.js'
import type { BoxReader, PostBox } from './post-box.js'

/** A mailbox that the host itself reads, one message after the other. */
export class HostReader implements BoxReader {
  readonly #box: PostBox
  readonly #reader: MailboxReader
  #closed = false
  #ended: Promise<void> = Promise.resolve()

  constructor(box: PostBox, options: ReaderOptions) {
    this.#box = box
    this.#reader = new MailboxReader(box.mailbox.readerMemory(), options)
    box.reader = this
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** What a worker would be told. */
  post(message: MessagesToWorker): void {
    if (message.kind === 'inlet') this.#reader.addLane(message.inlet)
    else if (message.kind === 'inlet-rules') this.#reader.replaceRules(message.lane, message.rules)
    else if (message.kind === 'inlet-arena') this.#reader.attachArena(message.lane, message.arena)
    else if (message.kind === 'inlet-ended') this.#reader.removeLane(message.lane)
  }

  /** Reads until it is closed. `handle` never rejects; a message whose handling was cut short by the close stays. */
  start(handle: (delivery: Delivery) => Promise<void> | void): void {
    this.#ended = this.#read(handle)
  }

  /** Reads no more; resolves when the message in hand is settled. */
  close(): Promise<void> {
    this.#closed = true
    this.#box.reader = undefined
    this.#box.mailbox.wake()
    return this.#ended
  }

  async #read(handle: (delivery: Delivery) => Promise<void> | void): Promise<void> {
    for (let reads = 1; ; reads++) {
      const delivery = await this.#reader.taken({ keepAlive: false, interrupted: () => this.#closed })
      if (this.#closed || delivery === undefined) return
      await handle(delivery)
      if (this.#closed) return
      this.#reader.finish()
      if (reads % readsPerTurn === 0) await turn()
    }
  }
}

/** Lets the event loop go round. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
