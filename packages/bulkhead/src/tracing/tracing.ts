// Spans by the tracer provider of the host application, over the API of OpenTelemetry alone.

import { formatTraceparent, parseTraceparent } from '@bulkhead/mailbox'
import { BulkheadError } from '@bulkhead/vocabulary'
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { spanWordCharactersMax } from '../limits.js'

export type SpanSpec = {
  /** Bounded in how many there are: of words of guests none stands in it. */
  readonly name: string
  readonly kind: keyof typeof SpanKind
  readonly parent: Context
  readonly attributes: Attributes
  /** Wall clock, milliseconds; now when left out. */
  readonly startTime?: number
}

/** Somebody traces. */
export class Tracing {
  readonly #tracer: Tracer

  constructor(tracer: Tracer) {
    this.#tracer = tracer
  }

  start({ name, kind, parent, ...options }: SpanSpec): Span {
    return this.#tracer.startSpan(name, { ...options, kind: SpanKind[kind] }, parent)
  }

  /** Does some work in a span of its own, which is the active one meanwhile and ends with it. */
  async during<Result>(spec: SpanSpec, work: (span: Span) => Result): Promise<Awaited<Result>> {
    const span = this.start(spec)
    try {
      return await context.with(trace.setSpan(spec.parent, span), () => work(span))
    } catch (thrown) {
      // What an error says may be a guest's words: only what kind of an error it is leaves the process.
      failed(span, kindOf(thrown))
      throw thrown
    } finally {
      span.end()
    }
  }
}

/**
 * Finds the tracer provider that the host application has set.
 *
 * @returns `undefined` where it has set none: then nobody traces, and nothing is done for it
 */
export function openTracing(version: string): Tracing | undefined {
  const provider = trace.getTracerProvider()
  const tracer =
    provider instanceof ProxyTracerProvider
      ? provider.getDelegateTracer('bulkhead', version)
      : provider.getTracer('bulkhead', version)
  return tracer && new Tracing(tracer)
}

/** What a message carries so that whoever handles it continues a span; `undefined` for a span that is none. */
export function traceparentOf(span: Span): string | undefined {
  const { traceId, spanId, traceFlags } = span.spanContext()
  if (!isSpanContextValid(span.spanContext())) return undefined
  return formatTraceparent(Uint8Array.from([...Buffer.from(traceId + spanId, 'hex'), traceFlags]))
}

/** The context that continues a span of somebody else's; `undefined` for what is no `traceparent`. */
export function contextOf(traceparent: string): Context | undefined {
  if (parseTraceparent(traceparent) === undefined) return undefined
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-')
  const traceFlags = Number.parseInt(flags, 16)
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
}

export function failed(span: Span, kind: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR })
  span.setAttribute('error.type', kind)
}

/** A word of the host application's, as short as names of spans are. */
export function wordOf(word: string): string {
  return word.slice(0, spanWordCharactersMax)
}

function kindOf(thrown: unknown): string {
  if (thrown instanceof BulkheadError) return thrown.code
  return thrown instanceof Error ? thrown.name : 'thrown'
}
