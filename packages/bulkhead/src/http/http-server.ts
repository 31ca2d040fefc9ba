// Perimeter: the server that strangers talk to.

import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { httpFieldsMax } from '@bulkhead/actor'
import type { ListenAddress } from '@bulkhead/manifest'
import { BulkheadError, type Clock } from '@bulkhead/vocabulary'
import { refuse } from './answers.js'
import { type Client, valuesOf } from './fields.js'
import type { HttpGate } from './http-gate.js'
import { speaks11 } from './interim.js'
import {
  connectionsMax,
  drainMs,
  keepAliveMs,
  lateLookMs,
  requestHeadBytesMax,
  requestHeadMs,
  requestMs,
  requestsPerConnectionMax,
} from './limits.js'
import { readTarget } from './request-target.js'
import type { Routes } from './routes.js'

/** Where a server listens: as `127.0.0.1:8080`, `[::1]:8080`, or the path of a Unix socket; and as a URL, where it has one. */
export type HttpAddress = { readonly listen: string; readonly url?: string }

export type ServerSpec = {
  readonly listen: ListenAddress
  readonly routes: Routes
  readonly gate: HttpGate
  readonly clock: Clock
}

export class HttpServer {
  readonly address: HttpAddress
  readonly #server: Server
  readonly #gate: HttpGate
  readonly #clock: Clock
  readonly #closing: { is: boolean }

  private constructor(server: Server, { listen, gate, clock }: ServerSpec, closing: { is: boolean }) {
    this.#server = server
    this.#gate = gate
    this.#clock = clock
    this.#closing = closing
    this.address = addressOf(server, listen)
  }

  /** @throws {BulkheadError} `usage` when the address cannot be listened on. */
  static async listen(spec: ServerSpec): Promise<HttpServer> {
    const closing = { is: false }
    const handle = (request: IncomingMessage, response: ServerResponse): void =>
      answer(request, response, spec, closing)
    const server = createServer({
      insecureHTTPParser: false,
      requireHostHeader: true,
      maxHeaderSize: requestHeadBytesMax,
      headersTimeout: requestHeadMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: lateLookMs,
      keepAliveTimeout: keepAliveMs,
      noDelay: true,
    })
    server.maxConnections = connectionsMax
    server.maxRequestsPerSocket = requestsPerConnectionMax
    // One more than a request may have, so that one that has more is refused and not cut.
    server.maxHeadersCount = httpFieldsMax + 1
    server.on('request', handle)
    server.on('checkContinue', handle)
    await listening(server, spec.listen)
    return new HttpServer(server, spec, closing)
  }

  /** Accepts nothing more, and lets what is under way end for a while. */
  async close(): Promise<void> {
    this.#closing.is = true
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    this.#server.closeIdleConnections()
    let cancel = (): void => {}
    const late = new Promise<void>((resolve) => {
      cancel = this.#clock.after(drainMs, resolve)
    })
    await Promise.race([closed, late])
    cancel()
    this.#gate.close()
    this.#server.closeAllConnections()
    await closed
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { gate, listen, routes }: ServerSpec,
  closing: { readonly is: boolean },
): void {
  // A client that goes away is seen by its response; what its request says of it is of no use.
  request.on('error', () => {})
  response.on('error', () => {})
  const client = clientOf(request, listen)
  if (client === undefined) {
    request.socket.destroy()
    return
  }
  const no = (status: number, fields?: Readonly<Record<string, string>>): void =>
    refuse(request, response, status, fields)
  const target = readTarget(request.url ?? '', valuesOf(request.rawHeaders, 'host'))
  const coding = request.headers['transfer-encoding']
  const child = typeof target === 'string' ? undefined : routes.find(target.host, target.path)
  if (closing.is) no(503, { connection: 'close' })
  else if (typeof target === 'string') no(400)
  else if (coding !== undefined && !speaks11(request)) no(400, { connection: 'close' })
  else if (coding !== undefined && coding.toLowerCase() !== 'chunked') no(501)
  else if (child === undefined) no(404)
  else void gate.handle({ request, response, target, client, child })
}

/** `undefined` for one that has gone: it has no address any more, and must not be taken for who never has one. */
function clientOf({ socket }: IncomingMessage, listen: ListenAddress): Client | undefined {
  if (listen.kind === 'unix') return { kind: 'local' }
  const { remoteAddress } = socket
  return remoteAddress === undefined ? undefined : { kind: 'address', address: remoteAddress }
}

async function listening(server: Server, listen: ListenAddress): Promise<void> {
  if (listen.kind === 'unix') await removeStale(listen.path)
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => reject(notListening(listen, cause))
    server.once('error', failed)
    const done = (): void => {
      server.off('error', failed)
      resolve()
    }
    if (listen.kind === 'tcp') server.listen({ host: listen.host, port: listen.port }, done)
    else {
      // The path is there when this returns. Owner and group: the group of its directory decides who may ask.
      server.listen({ path: listen.path }, done)
      if (lstatSync(listen.path, { throwIfNoEntry: false })?.isSocket() === true) chmodSync(listen.path, 0o660)
    }
  })
}

/** A socket that nobody listens on is left of one who was killed; what is no socket, or has a listener, stays. */
async function removeStale(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return
  const isDead = await new Promise<boolean>((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
  if (isDead) unlinkSync(path)
}

function notListening(listen: ListenAddress, cause: NodeJS.ErrnoException): BulkheadError {
  return new BulkheadError(
    'usage',
    `HTTP cannot be listened for on \`${written(listen)}\`: ${cause.code ?? cause.message}`,
    {
      cause,
      hint: 'name another address under [http] listen, or stop who has this one',
    },
  )
}

function addressOf(server: Server, listen: ListenAddress): HttpAddress {
  const address = server.address()
  if (listen.kind === 'unix' || address === null || typeof address === 'string') return { listen: written(listen) }
  const host = written({ ...listen, port: address.port })
  return { listen: host, url: `http://${host}` }
}

function written(listen: ListenAddress): string {
  if (listen.kind === 'unix') return listen.path
  return listen.host.includes(':') ? `[${listen.host}]:${listen.port}` : `${listen.host}:${listen.port}`
}
