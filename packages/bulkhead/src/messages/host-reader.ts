import type { MessagesToWorker } from '@bulkhead/actor'
import { type Delivery, MailboxReader, type ReaderOptions } from '@bulkhead/mailbox'
import { readsPerTurn } from '../limits.js'
import type { BoxReader, PostBox } from './post-box.js'

/** `cut-short`: by the close of its reader, before it came to anything. */
export type Handled = 'handled' | 'cut-short'
type Handle = (delivery: Delivery) => Promise<Handled> | Handled

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
    tellReader(this.#reader, message)
  }

  /** Reads until it is closed. `handle` never rejects; a message whose handling was cut short stays. */
  start(handle: Handle): void {
    this.#ended = this.#read(handle)
  }

  /** Reads no more; resolves when the message in hand is settled. */
  close(): Promise<void> {
    this.#closed = true
    this.#box.reader = undefined
    this.#box.mailbox.wake()
    return this.#ended
  }

  async #read(handle: Handle): Promise<void> {
    for (let reads = 1; ; reads++) {
      const delivery = await this.#reader.taken({ keepAlive: false, interrupted: () => this.#closed })
      if (this.#closed || delivery === undefined) return
      if ((await handle(delivery)) === 'cut-short') return
      this.#reader.finish()
      if (this.#closed) return
      if (reads % readsPerTurn === 0) await turn()
    }
  }
}

/** Tells a reader in the host's own thread what a worker would be told of its lanes. */
export function tellReader(reader: MailboxReader, message: MessagesToWorker): void {
  if (message.kind === 'inlet') reader.addLane(message.inlet)
  else if (message.kind === 'inlet-rules') reader.replaceRules(message.lane, message.rules)
  else if (message.kind === 'inlet-arena') reader.attachArena(message.lane, message.arena)
  else if (message.kind === 'inlet-ended') reader.removeLane(message.lane)
}

/** Lets the event loop go round. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
