// Perimeter: the server that browsers, probes and scrapers talk to.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { BulkheadError, type Runtime } from 'bulkhead'
import { checkedToken } from './checked-token.js'
import { type InspectorAppOptions, inspectorApp } from './inspector-app.js'
import {
  connectionsMax,
  headBytesMax,
  headMs,
  keepAliveMs,
  lateLookMs,
  orderMs,
  requestMs,
  stalledMs,
} from './limits.js'
import { type InspectorAddress, inspectorAddress, urlOf } from './listen-address.js'
import { refused } from './refusal.js'
import { malformation } from './request-form.js'
import { securityFields } from './security-fields.js'

export type InspectorOptions = Omit<InspectorAppOptions, 'reads'> & {
  /** An IP address and a port, or a port of loopback; 0 is one that is free. Default: `127.0.0.1:7070`. */
  readonly listen?: string
}

export type Inspector = {
  /** Where it can be asked. */
  readonly url: string
  /** With the token for the page, in the fragment, which no browser sends. Only for the eyes of who may do everything. */
  readonly urlWithToken: string
  /** Ends all streams and connections; nothing of it keeps the process alive. */
  readonly close: () => Promise<void>
}

/**
 * Serves health, metrics, events and the live page of a runtime over HTTP. On loopback everybody may look, because whoever
 * gets there is on this machine; elsewhere only the three probes and the page's own files are without the token. What
 * changes something always wants it.
 *
 * @throws {BulkheadError} `usage` for an address that is none or is taken, and for one beyond loopback without a token
 * @example
 * ```ts
 * const inspector = await openInspector(runtime, { listen: '127.0.0.1:7070' })
 * console.log(inspector.url)
 * await inspector.close()
 * ```
 */
export async function openInspector(runtime: Runtime, options: InspectorOptions = {}): Promise<Inspector> {
  const { listen = '127.0.0.1:7070', ...appOptions } = options
  const address = inspectorAddress(listen)
  const token = checkedToken(options.token, runtime.stateDirectory)
  if (token === undefined && !address.isLoopback) {
    throw new BulkheadError('usage', `others can reach \`${listen}\`, and there is no token that would keep them out`, {
      hint: 'give one: openInspector(runtime, { token }), or run with a state directory',
    })
  }
  const app = inspectorApp(runtime, {
    ...appOptions,
    ...(token === undefined ? {} : { token }),
    reads: address.isLoopback ? 'everybody' : 'token',
  })
  // The host application's own Request and Response stay what they are.
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = createServer(
    {
      insecureHTTPParser: false,
      requireHostHeader: true,
      maxHeaderSize: headBytesMax,
      headersTimeout: headMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: lateLookMs,
      keepAliveTimeout: keepAliveMs,
      noDelay: true,
    },
    (request, response) => {
      response.on('error', () => {})
      if (request.method === 'POST') allowTime(request, response)
      const why = malformation(request)
      if (why === undefined) void answer(request, response)
      else void refuse(request, response, why)
    },
  )
  server.maxConnections = connectionsMax
  server.timeout = stalledMs
  try {
    await listening(server, address, listen)
  } catch (error) {
    app.close()
    throw error
  }
  const url = urlOf(address.host, portOf(server))
  return {
    url,
    urlWithToken: token === undefined ? url : `${url}#token=${encodeURIComponent(token)}`,
    close: async () => {
      app.close()
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      server.closeAllConnections()
      await closed
    },
  }
}

/** A stop takes as long as the child may: meanwhile nothing is sent, and that is no stall of the client. */
function allowTime({ socket }: IncomingMessage, response: ServerResponse): void {
  socket.setTimeout(orderMs)
  response.once('finish', () => socket.setTimeout(stalledMs))
}

async function refuse(request: IncomingMessage, response: ServerResponse, message: string): Promise<void> {
  const answer = refused({ status: 400, code: 'request-malformed', message })
  request.resume()
  response.writeHead(400, { ...securityFields, 'content-type': 'application/json', connection: 'close' })
  response.end(await answer.text())
}

function listening(server: Server, { host, port }: InspectorAddress, listen: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new BulkheadError('usage', `the inspector cannot listen on \`${listen}\`: ${cause.code ?? cause.message}`, {
          cause,
          hint: 'name another address, or stop who has this one',
        }),
      )
    })
    server.listen({ host, port }, resolve)
  })
}

function portOf(server: Server): number {
  const address = server.address()
  return address === null || typeof address === 'string' ? 0 : address.port
}
