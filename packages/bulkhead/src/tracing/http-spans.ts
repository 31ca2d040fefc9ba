import type { HttpFields } from '@bulkhead/actor'
import { ROOT_CONTEXT } from '@opentelemetry/api'
import type { RoutedRequest } from '../http/http-gate.js'
import { contextOf, failed, type Tracing, traceparentOf, wordOf } from './tracing.js'

/** One request of a client, as its trace knows it. */
export type HttpSpan = {
  /** What the child's own doings continue; `undefined` where the span is none. */
  readonly traceparent: string | undefined
  /** The fields of the request as the child gets them: its parent is this span, not the client's. */
  readonly fields: (fields: HttpFields) => HttpFields
}

/** Begins the span of a request; it ends with the response, or when the client has gone. */
export function httpSpan(tracing: Tracing, { request, response, target, child }: RoutedRequest): HttpSpan {
  const method = request.method ?? 'GET'
  const given = request.headers['traceparent']
  // Not the active context: of a request that is the one in which the runtime was started.
  const parent = typeof given === 'string' ? contextOf(given) : undefined
  const attributes = {
    'http.request.method': method,
    // Without the query, which may hold secrets.
    'url.path': wordOf(target.path),
    'bulkhead.child': child,
  }
  const name = `HTTP ${method} ${wordOf(child)}`
  const span = tracing.start({ name, kind: 'SERVER', parent: parent ?? ROOT_CONTEXT, attributes })
  response.once('close', () => {
    if (response.headersSent) span.setAttribute('http.response.status_code', response.statusCode)
    if (!response.writableFinished) failed(span, 'aborted')
    else if (response.statusCode >= 500) failed(span, String(response.statusCode))
    span.end()
  })
  const traceparent = traceparentOf(span)
  return {
    traceparent,
    fields: (fields) => {
      if (traceparent === undefined) return fields
      // The state of another trace is none of this one's.
      const gone = parent === undefined ? ['traceparent', 'tracestate'] : ['traceparent']
      return [...fields.filter(([field]) => !gone.includes(field)), ['traceparent', traceparent]]
    },
  }
}
