import { createServer, type Server, type Socket } from 'node:net'
import type { StateDirectory } from '@bulkhead/state'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { CommandTable, Handlers } from './command-table.js'
import { AdminConnection, type ConnectionPowers, type Rejection } from './connection.js'
import { renderFrame } from './frame.js'
import { type AdminLimits, defaultAdminLimits } from './limits.js'
import { closeSocketToOthers, prepareSocketPath, removeSocketOf } from './socket-path.js'
import { issueToken } from './token.js'

export type ListenOptions<Table extends CommandTable> = {
  /** Held by this process: so whoever made a socket that lies there is gone. */
  readonly state: StateDirectory
  readonly commands: Table
  readonly handlers: Handlers<Table>
  /** Said to every caller. */
  readonly version: string
  /** Called when somebody was turned away at the door: a record for the audit log. */
  readonly onRejected?: (rejection: Rejection) => void
  /** Called with what a handler threw and should not have; the caller is told of an internal fault, without its stack. */
  readonly onFault?: (thrown: unknown, command: string) => void
  /** Bounds other than the default ones. */
  readonly limits?: Partial<AdminLimits>
}

/**
 * The admin socket of a process: `admin.sock` and `admin.token` in its state directory, for the user that runs it alone.
 * It keeps no process from ending: neither the socket nor a caller holds the event loop.
 *
 * @example
 * ```ts
 * const server = await AdminServer.listen({ state, commands, handlers, version: '0.1.0' })
 * await server.close()
 * ```
 */
export class AdminServer implements AsyncDisposable {
  /** Path of the socket. */
  readonly path: string
  readonly #state: StateDirectory
  readonly #server: Server
  readonly #connections = new Set<AdminConnection>()
  readonly #sockets = new Set<Socket>()
  readonly #limits: AdminLimits
  #closing: Promise<void> | undefined

  private constructor(state: StateDirectory, path: string, powers: ConnectionPowers) {
    this.path = path
    this.#state = state
    this.#limits = powers.limits
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket, powers)).unref()
  }

  /**
   * Issues a token and listens.
   *
   * @throws {BulkheadError} `state-insecure`, `store-corrupt` or `platform-unsupported` as `prepareSocketPath` says.
   */
  static async listen<Table extends CommandTable>(options: ListenOptions<Table>): Promise<AdminServer> {
    const { state, commands, handlers, version } = options
    const path = await prepareSocketPath(state, process.env)
    const server = new AdminServer(state, path, {
      commands,
      handlers,
      token: await issueToken(state),
      server: { version, pid: process.pid },
      limits: { ...defaultAdminLimits, ...options.limits },
      onRejected: options.onRejected ?? (() => {}),
      onFault: options.onFault ?? (() => {}),
    })
    await server.#listen()
    return server
  }

  /** Takes no more callers, gives requests at work a moment to be answered, and removes the socket. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.path, () => {
        this.#server.off('error', reject)
        closeSocketToOthers(this.path)
        resolve()
      })
    })
  }

  #accept(socket: Socket, powers: ConnectionPowers): void {
    socket.unref()
    if (this.#closing !== undefined || this.#sockets.size >= this.#limits.connectionsMax) {
      turnAway(socket)
      return
    }
    const connection = new AdminConnection(socket, powers)
    this.#connections.add(connection)
    this.#sockets.add(socket)
    socket.once('close', () => {
      this.#connections.delete(connection)
      this.#sockets.delete(socket)
    })
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    let grace: NodeJS.Timeout | undefined
    await Promise.race([
      Promise.all([...this.#connections].map((connection) => connection.drain())),
      new Promise((resolve) => {
        grace = setTimeout(resolve, this.#limits.closeGraceMs)
      }),
    ])
    clearTimeout(grace)
    for (const connection of this.#connections) connection.destroy()
    await closed
    removeSocketOf(this.#state)
  }
}

/** Full: the caller is told so, and not waited for. */
function turnAway(socket: Socket): void {
  socket.on('error', () => {})
  const error = new BulkheadError('runtime-unreachable', 'too many callers are connected to the running process', {
    hint: 'try again in a moment',
  })
  socket.end(renderFrame({ error: error.toWire() }), () => socket.destroy())
}
