import type { Socket } from 'node:net'
import { Client } from 'undici'
import { httpFieldBytesMax, httpWaitMs, idleConnectionsMax, keepAliveMs } from '../limits.js'
import type { Endpoint } from './addresses.js'

/** A connection to one address of one origin, in use by one exchange or by none. */
export type HttpConnection = {
  readonly origin: string
  readonly remote: Endpoint
  readonly client: Client
  /** Ends it at once. */
  readonly destroy: () => void
}

/**
 * The HTTP connections of one channel. They are nobody else's: an exchange of another channel, or for another origin, never
 * goes over them. Each is made to an address that was judged, and is judged again before each exchange.
 */
export class HttpConnections {
  readonly #all = new Set<HttpConnection>()
  readonly #idle = new Set<HttpConnection>()

  /** Wraps a socket that is connected (and, for https, secured), to the address that was judged. */
  adopt(origin: string, remote: Endpoint, socket: Socket, release: () => void): HttpConnection {
    let given = false
    const client = new Client(origin, {
      connect: (_options, callback) => {
        // Once: a client that wants to connect again is not told where to. And later, as if it took time: the client is
        // in the middle of asking.
        const isThere = !given && !socket.destroyed
        given = true
        if (isThere) process.nextTick(callback, null, socket)
        else process.nextTick(callback, new Error('the connection has ended'), null)
      },
      pipelining: 1,
      maxHeaderSize: httpFieldBytesMax,
      headersTimeout: httpWaitMs,
      bodyTimeout: httpWaitMs,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      strictContentLength: true,
      allowH2: false,
    })
    const connection = { origin, remote, client, destroy: () => this.#destroy(connection, socket) }
    this.#all.add(connection)
    socket.once('close', () => {
      this.#destroy(connection, socket)
      release()
    })
    return connection
  }

  /** One that waits, to an address that may still be reached; those that may not are ended. */
  take(origin: string, mayReach: (remote: Endpoint) => boolean): HttpConnection | undefined {
    for (const connection of this.#idle) {
      if (connection.origin !== origin) continue
      this.#idle.delete(connection)
      if (mayReach(connection.remote)) return connection
      connection.destroy()
    }
    return undefined
  }

  /** Its exchange has ended, and its body was read to the end. */
  giveBack(connection: HttpConnection): void {
    if (!this.#all.has(connection)) return
    this.#idle.add(connection)
    if (this.#idle.size > idleConnectionsMax) for (const oldest of [...this.#idle].slice(0, 1)) oldest.destroy()
  }

  /** The rules have moved: no connection that waits is known to be allowed. */
  destroyIdle(): void {
    for (const connection of [...this.#idle]) connection.destroy()
  }

  destroyAll(): void {
    for (const connection of [...this.#all]) connection.destroy()
  }

  #destroy(connection: HttpConnection, socket: Socket): void {
    this.#idle.delete(connection)
    if (!this.#all.delete(connection)) return
    void connection.client.destroy().catch(() => undefined)
    socket.destroy()
  }
}
