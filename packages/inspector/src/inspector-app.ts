// All routes, for a server of our own and for a host application's. What a request may do is decided before its route is.

import type { Runtime } from 'bulkhead'
import { type Context, Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { answerRoutes } from './answer-routes.js'
import { type Access, type Authority, refusalFor } from './authority.js'
import { Board } from './board.js'
import { checkedToken } from './checked-token.js'
import { metricsRoutes } from './metrics-routes.js'
import { orderRoutes } from './order-routes.js'
import { type PageFile, readPage } from './page-files.js'
import { pageRoutes } from './page-routes.js'
import { probeRoutes } from './probe-routes.js'
import { refusalOf, refused } from './refusal.js'
import { securityFields } from './security-fields.js'
import { streamRoutes } from './stream-routes.js'
import { Streams } from './streams.js'

export type InspectorAppOptions = {
  /**
   * What whoever changes something must send as `Authorization: Bearer …`; at least 16 characters. Default: the admin token
   * of the state directory. Where there is neither, nobody may change anything.
   */
  readonly token?: string
  /** Names by which the server may be asked for, beside IP addresses and `localhost`. */
  readonly hosts?: readonly string[]
  /**
   * Whether everybody who reaches it may look, or only who has the token. The probes and the page's own files, which say
   * nothing about the tree, are for everybody. Default: `token`.
   */
  readonly reads?: 'everybody' | 'token'
  /** `source` of CloudEvents. Default: `urn:bulkhead:` and the runtime's id. */
  readonly source?: string
  /** Told of each error of ours that became an answer with status 500. Default: it goes to stderr. */
  readonly onFailure?: (error: unknown) => void
  /** A stream without news says so this often, in milliseconds. Default: 15 s. */
  readonly heartbeatMs?: number
}

export type InspectorApp = {
  /** For whatever takes requests of the Fetch standard: `app.mount('/bulkhead', inspector.fetch)` in Hono. */
  readonly fetch: (request: Request) => Response | Promise<Response>
  /** Ends all streams and lets go of the runtime. */
  readonly close: () => void
}

/** What routes work with. */
export type Inspected = {
  readonly runtime: Runtime
  readonly board: Board
  readonly streams: Streams
  readonly page: ReadonlyMap<string, PageFile>
  readonly source: string | undefined
  /** Whether who sends these fields has the token, too. */
  readonly mayDecide: (headers: Headers) => boolean
}

/**
 * The inspector as a part of a host application's own server, which then decides about connections, their number and their
 * times. It looks at `Host` and `Origin` itself: name the application's own names in `hosts`.
 *
 * @throws {BulkheadError} `usage` for a token that can be guessed
 * @example
 * ```ts
 * const inspector = inspectorApp(runtime, { hosts: ['ops.example.com'], token })
 * app.mount('/bulkhead', inspector.fetch)
 * ```
 */
export function inspectorApp(runtime: Runtime, options: InspectorAppOptions = {}): InspectorApp {
  const authority: Authority = {
    hosts: new Set((options.hosts ?? []).map((name) => name.toLowerCase().replace(/\.$/, ''))),
    token: checkedToken(options.token, runtime.stateDirectory),
    isOpen: options.reads === 'everybody',
  }
  const { source, onFailure = tellStderr } = options
  const board = new Board(runtime)
  const streams = new Streams(options.heartbeatMs)
  const mayDecide = (headers: Headers): boolean => refusalFor(headers, 'write', authority) === undefined
  const inspected: Inspected = { runtime, board, streams, page: readPage(), source, mayDecide }
  const app = new Hono()
  app.use(async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(securityFields)) context.res.headers.set(name, value)
    if (!context.res.headers.has('cache-control')) context.res.headers.set('cache-control', 'no-store')
  })
  app.use(async (context, next) => {
    const refusal = refusalFor(context.req.raw.headers, accessOf(context, inspected.page), authority)
    if (refusal === undefined) return next()
    return refused(refusal)
  })
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (_, methods) => {
        const allow = methods.join(', ')
        return refused({ status: 405, code: 'method', message: `this takes ${allow}`, fields: { allow } })
      },
    }),
  )
  for (const routes of [probeRoutes, metricsRoutes, streamRoutes, answerRoutes, orderRoutes, pageRoutes])
    routes(app, inspected)
  app.notFound(() => refused({ status: 404, code: 'not-found', message: 'there is nothing here' }))
  app.onError((error) => {
    const refusal = refusalOf(error)
    if (refusal.status === 500) onFailure(error)
    return refused(refusal)
  })
  return {
    fetch: (request) => app.fetch(request),
    close: () => {
      streams.end()
      board.close()
    },
  }
}

const probes: ReadonlySet<string> = new Set(['/livez', '/readyz', '/healthz'])

function accessOf({ req }: Context, page: ReadonlyMap<string, PageFile>): Access {
  if (req.method !== 'GET' && req.method !== 'HEAD') return 'write'
  if (probes.has(req.path)) return 'probe'
  return req.path === '/' || page.has(req.path.slice(1)) ? 'page' : 'read'
}

function tellStderr(error: unknown): void {
  process.stderr.write(`inspector: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
}
