import type { Socket } from 'node:net'
import { encodeFrame } from './frames.js'
import { unreadFramesMax } from './limits.js'
import { encodeToChild, type ToChild } from './to-child.js'

/**
 * Tells a bridge what it has to know. An honest one reads whatever its guest does; one that asks on and on and reads no
 * answer would have the host keep them all.
 */
export class ControlOutlet {
  readonly #socket: Socket
  readonly #onBreach: (reason: string) => void
  #unread = 0

  constructor(socket: Socket, onBreach: (reason: string) => void) {
    this.#socket = socket
    this.#onBreach = onBreach
  }

  /** @param onSent called when the process, or its socket, has taken it. */
  send(message: ToChild, onSent: () => void = () => {}): void {
    this.#unread += 1
    this.#socket.write(encodeFrame(encodeToChild(message)), () => {
      this.#unread -= 1
      onSent()
    })
    if (this.#unread === unreadFramesMax) this.#onBreach('it does not read what it is told')
  }
}
