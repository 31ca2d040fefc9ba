import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseTraceparent } from '@bulkhead/mailbox'
import { INVALID_SPAN_CONTEXT, ROOT_CONTEXT, type TracerProvider, trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, expect, it } from 'vitest'
import type { RoutedRequest } from '../http/http-gate.js'
import { spanCallsMax } from '../limits.js'
import { handlingSpans } from './handling-spans.js'
import { httpSpan } from './http-spans.js'
import { type Calls, tracedCalls } from './traced-calls.js'
import { type Messages, tracedMessages } from './traced-messages.js'
import { contextOf, openTracing, type Tracing, traceparentOf } from './tracing.js'

afterEach(() => trace.disable())

const exporter = new InMemorySpanExporter()
const remote = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

function open(provider: TracerProvider): Tracing {
  trace.setGlobalTracerProvider(provider)
  const tracing = openTracing('1.0.0')
  if (tracing === undefined) throw new Error('nobody traces')
  return tracing
}

/** A provider whose spans are none, as those of a switched-off one are. */
function silent(): TracerProvider {
  const span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
  const tracer = { startSpan: () => span, startActiveSpan: () => undefined }
  return { getTracer: () => tracer as never }
}

type Sent = (string | undefined)[]

/** Desks that write down with which `traceparent` they were used. */
function desks(sent: Sent): { readonly calls: Calls; readonly messages: Messages } {
  const calls: Pick<Calls, 'call'> = {
    call: async (_child, _name, _args, settings) => void sent.push(settings?.traceparent),
  }
  const desk: Pick<Messages['desk'], 'publish' | 'request'> = {
    publish: async (_topic, _body, options) => {
      sent.push(options?.traceparent)
      return { receivers: 0, overloaded: 0 }
    },
    request: async (topic, body, options) => {
      sent.push(options?.traceparent)
      return { topic, body, from: 'a' }
    },
  }
  const subscribe: Messages['subscribe'] = (_pattern, handler) => {
    handler({ topic: 't', body: new Uint8Array(), from: 'a', incarnation: 1, sentAtMs: 0 })
    return () => {}
  }
  return { calls: calls as Calls, messages: { desk: desk as Messages['desk'], subscribe } }
}

it('leaves everything as it is where nobody traces', () => {
  expect(openTracing('1.0.0')).toBeUndefined()
  const { calls, messages } = desks([])
  expect(tracedCalls(undefined, calls)).toBe(calls)
  expect(tracedMessages(undefined, messages)).toBe(messages)
  expect(handlingSpans(undefined, { wallMs: () => 0 })).toBeUndefined()
})

it('gives messages no trace of a span that is none', async () => {
  const tracing = open(silent())
  const sent: Sent = []
  const { calls, messages } = desks(sent)
  await tracedCalls(tracing, calls).call('a', 'f', [])
  const { desk, subscribe } = tracedMessages(tracing, messages)
  await desk.publish('t', new Uint8Array())
  await desk.publish('t', new Uint8Array(), { traceparent: remote })
  await desk.request('t', new Uint8Array())
  expect(sent).toEqual([undefined, undefined, remote, undefined])
  let handled = 0
  subscribe('t', () => {
    handled += 1
  })
  expect(handled).toBe(1)
})

it('writes a span as a traceparent, and reads it', () => {
  const given = contextOf(remote)
  const span = given && trace.getSpan(given)
  expect(span && traceparentOf(span)).toBe(remote)
  expect(span?.spanContext().isRemote).toBe(true)
  for (const wrong of ['', 'x', remote.toUpperCase(), `00-${'0'.repeat(32)}-b7ad6b7169203331-01`]) {
    expect(contextOf(wrong)).toBeUndefined()
  }
})

it('asks a provider that stands in the place of the global one by itself', () => {
  open(new BasicTracerProvider())
  const provider = silent()
  const { getTracerProvider } = trace
  trace.getTracerProvider = () => provider
  try {
    expect(openTracing('1.0.0')).toBeDefined()
  } finally {
    trace.getTracerProvider = getTracerProvider
  }
})

it('dates what a child had in hand back, and believes no trace that is none', () => {
  exporter.reset()
  const tracing = open(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  const told = handlingSpans(tracing, { wallMs: () => 10_000 })
  const handling = { child: 'a', topic: 't', from: 'b', tookNs: 2_000_000_000n, agoNs: 1_000_000_000n, failed: true }
  told?.({ ...handling, trace: new Uint8Array(25) })
  expect(exporter.getFinishedSpans()).toEqual([])
  told?.({ ...handling, trace: parseTraceparent(remote) ?? new Uint8Array() })
  expect(exporter.getFinishedSpans()).toMatchObject([
    {
      ...{ name: 'bulkhead.handle a', startTime: [7, 0], endTime: [9, 0] },
      attributes: { 'error.type': 'guest-error', 'bulkhead.from': 'b', 'messaging.destination.name': 't' },
    },
  ])
})

it('writes down the host calls that a worker tells of, as many as a span holds and no longer than words are', () => {
  exporter.reset()
  const tracing = open(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  const told = handlingSpans(tracing, { wallMs: () => 10_000 })
  const call = {
    place: `a:b/c#${'f'.repeat(500)}`,
    afterNs: 500_000_000n,
    tookNs: 2_000_000n,
    verdict: 'denied',
  } as const
  told?.({
    ...{ child: 'a', topic: 't', from: 'b', tookNs: 2_000_000_000n, agoNs: 1_000_000_000n, failed: false },
    trace: parseTraceparent(remote) ?? new Uint8Array(),
    traced: { calls: Array.from({ length: spanCallsMax + 1 }, () => call), made: 9_000 },
  })
  const [span] = exporter.getFinishedSpans()
  expect(span?.attributes).toMatchObject({ 'bulkhead.host_calls': 9_000 })
  expect(span?.events).toHaveLength(spanCallsMax)
  expect(span?.events[0]).toMatchObject({
    ...{ name: 'bulkhead.host_call', time: [7, 500_000_000] },
    attributes: {
      ...{ 'bulkhead.interface': 'a:b/c', 'bulkhead.function': 'f'.repeat(94) },
      ...{ 'bulkhead.verdict': 'denied', 'bulkhead.duration': 0.002 },
    },
  })
})

it('says what was thrown that is no error', async () => {
  const tracing = open(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  const work = async (): Promise<never> => Promise.reject('words')
  const spec = { name: 'n', kind: 'INTERNAL', parent: ROOT_CONTEXT, attributes: {} } as const
  await expect(tracing.during(spec, work)).rejects.toBe('words')
  expect(exporter.getFinishedSpans().at(-1)?.attributes).toEqual({ 'error.type': 'thrown' })
})

/** A request and its response, as far as a span looks at them. */
function exchange(provider: TracerProvider) {
  const response = Object.assign(new EventEmitter(), { headersSent: false, writableFinished: false, statusCode: 200 })
  const request = { method: undefined, headers: { traceparent: remote } }
  const target = { host: '', authority: '', path: `/${'p'.repeat(200)}`, pathWithQuery: '' }
  const routed: RoutedRequest = {
    ...{ request: request as unknown as IncomingMessage, response: response as unknown as ServerResponse },
    ...{ target, client: { kind: 'local' }, child: 'web' },
  }
  return { response, span: httpSpan(open(provider), routed) }
}

it('tells of a client that has gone, without a status that was never sent', () => {
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const { response } = exchange(provider)
  response.emit('close')
  expect(exporter.getFinishedSpans().at(-1)?.attributes).toEqual({
    ...{ 'http.request.method': 'GET', 'url.path': `/${'p'.repeat(99)}`, 'bulkhead.child': 'web' },
    'error.type': 'aborted',
  })
})

it('leaves the fields of a request as they are where its span is none', () => {
  const { span } = exchange(silent())
  const fields = [['traceparent', remote]] as const
  expect(span.traceparent).toBeUndefined()
  expect(span.fields(fields)).toBe(fields)
})
