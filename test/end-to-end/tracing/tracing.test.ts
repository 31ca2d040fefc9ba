// Spans of real trees, written down by the SDK of OpenTelemetry.
import { ComponentActor, type MessageEvent } from '@bulkhead/actor'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { World } from '../authority/world.js'
import { startServiceTree } from '../http/serve-tree.js'
import { bytes, startMessageTree, until } from '../messages/message-tree.js'

/** Of one test: what a runtime says late is not the next one's. */
let exporter = new InMemorySpanExporter()
const remote = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const remoteTrace = remote.slice(3, 35)

/** What a host application does before it creates a runtime. */
function startTracing(sampler?: Sampler): void {
  const spanProcessors = [new SimpleSpanProcessor(exporter)]
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors, ...(sampler && { sampler }) }))
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
}

afterEach(() => {
  trace.disable()
  context.disable()
  exporter = new InMemorySpanExporter()
})

function spansOf(name: string): readonly ReadableSpan[] {
  return exporter.getFinishedSpans().filter((span) => span.name === name)
}

async function spanOf(name: string): Promise<ReadableSpan> {
  await until(() => spansOf(name).length > 0, `the span ${name}`)
  const [span] = spansOf(name)
  if (span === undefined) throw new Error(`no ${name}`)
  return span
}

describe('calls', () => {
  let world: World
  beforeEach(() => {
    world = new World()
  })
  afterEach(() => world.remove())

  it('are spans of the caller, which what the child publishes continues', async () => {
    startTracing()
    const grants = ['messaging.publish = ["orders.>"]']
    world.tree({ callee: { component: guestFile('calls-callee'), grants } })
    const { runtime } = await world.start()
    runtime.subscribe('orders.*', () => {
      trace.getTracer('shop').startSpan('write down the order').end()
    })
    await trace.getTracer('shop').startActiveSpan('buy', async (span) => {
      await runtime.call('callee', 'forge', ['orders.new'])
      span.end()
    })
    const [own, call] = [await spanOf('buy'), await spanOf('bulkhead.call callee.forge')]
    const [handled, written] = [await spanOf('bulkhead.handle orders.*'), await spanOf('write down the order')]
    expect(call.kind).toBe(SpanKind.CLIENT)
    expect(call.parentSpanContext?.spanId).toBe(own.spanContext().spanId)
    expect(call.attributes).toEqual({ 'bulkhead.child': 'callee', 'bulkhead.function': 'forge' })
    expect(handled.kind).toBe(SpanKind.CONSUMER)
    expect(handled.attributes).toMatchObject({ 'messaging.destination.name': 'orders.new', 'bulkhead.from': 'callee' })
    expect(written.parentSpanContext?.spanId).toBe(handled.spanContext().spanId)
    const traces = [own, call, handled, written].map((span) => span.spanContext().traceId)
    expect(new Set(traces).size).toBe(1)
    expect(call.instrumentationScope.name).toBe('bulkhead')
  })

  it('say which host calls were made meanwhile, and which were refused', async () => {
    startTracing()
    const grants = ['messaging.publish = ["orders.>"]']
    world.tree({ callee: { component: guestFile('calls-callee'), grants } })
    const { runtime } = await world.start()
    await runtime.call('callee', 'forge', ['orders.new'])
    await until(() => spansOf('bulkhead.handle callee').length === 1, 'the first span')
    await runtime.call('callee', 'forge', ['secrets.new']).catch(() => {})
    await until(() => spansOf('bulkhead.handle callee').length === 2, 'the second span')
    const [allowed, refused] = spansOf('bulkhead.handle callee')
    const publish = { 'bulkhead.interface': 'wasmcloud:messaging/consumer', 'bulkhead.function': 'publish' }
    const eventOf = (span: ReadableSpan | undefined) =>
      span?.events.find(({ attributes }) => attributes?.['bulkhead.function'] === 'publish')
    expect(eventOf(allowed)?.name).toBe('bulkhead.host_call')
    expect(eventOf(allowed)?.attributes).toMatchObject({ ...publish, 'bulkhead.verdict': 'granted' })
    expect(eventOf(refused)?.attributes).toMatchObject({ ...publish, 'bulkhead.verdict': 'denied' })
    expect(allowed?.attributes['bulkhead.host_calls']).toBeGreaterThanOrEqual(1)
  })

  it('that fail say how, and not in the words of the component', async () => {
    startTracing()
    world.tree({ callee: { component: guestFile('calls-callee'), grants: [] } })
    const { runtime } = await world.start()
    await expect(runtime.call('callee', 'divide', [1, 0])).rejects.toMatchObject({ code: 'guest-error' })
    const call = await spanOf('bulkhead.call callee.divide')
    expect(call.status).toEqual({ code: SpanStatusCode.ERROR })
    expect(call.attributes['error.type']).toBe('guest-error')
    expect(call.events).toEqual([])
    const long = 'f'.repeat(500)
    await expect(runtime.call('callee', long)).rejects.toMatchObject({ code: 'function-unknown' })
    const longest = Math.max(...exporter.getFinishedSpans().map(({ name }) => name.length))
    expect(longest).toBe('bulkhead.call '.length + 100)
  })
})

describe('messages', () => {
  it('of the host and of children that pass them on are one trace', async () => {
    startTracing()
    const { runtime } = await startMessageTree({
      first: { publish: ['second.do'] },
      second: { publish: ['news.*'] },
    })
    const heard: (string | undefined)[] = []
    runtime.subscribe('news.*', ({ traceparent }) => heard.push(traceparent))
    const order = bytes('publish second.do publish news.today it rains')
    await runtime.publish('first.do', order, { traceparent: remote })
    const [published, handled] = [await spanOf('bulkhead.publish first.do'), await spanOf('bulkhead.handle news.*')]
    expect(published.kind).toBe(SpanKind.PRODUCER)
    expect(published.spanContext().traceId).toBe(remoteTrace)
    expect(published.parentSpanContext?.spanId).toBe(remote.slice(36, 52))
    expect(published.attributes).toMatchObject({ 'bulkhead.receivers': 1, 'bulkhead.overloaded': 0 })
    expect(handled.spanContext().traceId).toBe(remoteTrace)
    expect(handled.parentSpanContext?.spanId).toBe(heard[0]?.slice(36, 52))
    expect(handled.attributes['bulkhead.from']).toBe('second')

    const [first, second] = [await spanOf('bulkhead.handle first'), await spanOf('bulkhead.handle second')]
    for (const span of [first, second]) expect(span.spanContext().traceId).toBe(remoteTrace)
    expect(first.parentSpanContext?.spanId).toBe(published.spanContext().spanId)
    expect(second.attributes).toMatchObject({ 'messaging.destination.name': 'second.do', 'bulkhead.from': 'first' })
    expect(second.kind).toBe(SpanKind.CONSUMER)
    expect(second.status.code).toBe(SpanStatusCode.UNSET)
  })

  it('that are requests last as long as the answer takes', async () => {
    startTracing()
    const { runtime } = await startMessageTree({ echo: { guest: 'messages-echo', subscribe: ['ask.*'] } })
    await runtime.request('ask.me', bytes('hello'))
    const asked = await spanOf('bulkhead.request ask.me')
    expect(asked.kind).toBe(SpanKind.CLIENT)
    expect(asked.parentSpanContext).toBeUndefined()
    expect(asked.attributes).toMatchObject({ 'bulkhead.child': 'echo', 'messaging.destination.name': 'ask.me' })
    await expect(runtime.request('nobody.there', bytes(''))).rejects.toMatchObject({ code: 'no-subscriber' })
    expect((await spanOf('bulkhead.request nobody.there')).attributes['error.type']).toBe('no-subscriber')
    const wrong = { traceparent: 'x' }
    await expect(runtime.publish('ask.me', bytes(''), wrong)).rejects.toMatchObject({ code: 'usage' })
    await expect(runtime.request('ask.me', bytes(''), wrong)).rejects.toMatchObject({ code: 'usage' })
    expect(spansOf('bulkhead.publish ask.me')).toEqual([])
  })

  it('that a child fails at are spans that say so', async () => {
    startTracing()
    const { order, failures } = await startMessageTree({ talker: {} })
    await order('talker', 'fail in its own words')
    await until(() => failures.length === 1)
    const handled = await spanOf('bulkhead.handle talker')
    expect(handled.attributes['error.type']).toBe('guest-error')
    expect(JSON.stringify(handled.attributes)).not.toContain('own words')
  })

  it('that a handler of the host fails at are spans that say so', async () => {
    startTracing()
    const { runtime, failures } = await startMessageTree({ talker: { publish: ['news.*'] } })
    runtime.subscribe('news.*', () => {
      throw new TypeError('secret words')
    })
    await runtime.publish('news.host', bytes('x'))
    const handled = await spanOf('bulkhead.handle news.*')
    expect(handled.attributes['error.type']).toBe('TypeError')
    expect(handled.parentSpanContext?.spanId).toBe((await spanOf('bulkhead.publish news.host')).spanContext().spanId)
    await until(() => failures.length === 1)
  })

  it('carry it on that nobody samples them', async () => {
    startTracing(new AlwaysOffSampler())
    const { runtime, tell } = await startMessageTree({ talker: { publish: ['news.*'] } })
    const heard: (string | undefined)[] = []
    runtime.subscribe('news.*', ({ traceparent }) => heard.push(traceparent))
    await tell('talker', 'publish news.today x')
    await until(() => heard.length === 1)
    expect(heard[0]).toMatch(/-00$/)
    expect(exporter.getFinishedSpans()).toEqual([])
  })
})

describe('requests of HTTP', () => {
  it('continue the trace of their client, and the child is told their span', async () => {
    startTracing()
    const { ask } = await startServiceTree()
    const state = 'shop=1'
    const { text } = await ask('/head?token=secret', { headers: { traceparent: remote, tracestate: state } })
    const span = await spanOf('HTTP GET web')
    expect(span.kind).toBe(SpanKind.SERVER)
    expect(span.spanContext().traceId).toBe(remoteTrace)
    expect(span.parentSpanContext?.spanId).toBe(remote.slice(36, 52))
    expect(span.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.path': '/head',
      'bulkhead.child': 'web',
    })
    const fields = new Map(JSON.parse(text).fields)
    expect(fields.get('traceparent')).toBe(`00-${remoteTrace}-${span.spanContext().spanId}-01`)
    expect(fields.get('tracestate')).toBe(state)
  })

  it('begin a trace where the client has none, and say how they failed', async () => {
    startTracing()
    const { ask } = await startServiceTree()
    const { text } = await ask('/head', { headers: { traceparent: 'x', tracestate: 'shop=1' } })
    const span = await spanOf('HTTP GET web')
    expect(span.parentSpanContext).toBeUndefined()
    const fields = JSON.parse(text).fields.filter(([name]: readonly [string]) => name.startsWith('trace'))
    expect(fields).toEqual([['traceparent', expect.stringContaining(span.spanContext().traceId)]])
    await ask('/status?503', { method: 'POST' })
    const failed = await spanOf('HTTP POST web')
    expect(failed.status.code).toBe(SpanStatusCode.ERROR)
    expect(failed.attributes).toMatchObject({ 'http.response.status_code': 503, 'error.type': '503' })
  })
})

describe('where nobody traces', () => {
  /** What workers post about messages from now on. */
  function posted(): readonly MessageEvent['kind'][] {
    const kinds: MessageEvent['kind'][] = []
    const { onMessageEvent } = ComponentActor.prototype
    vi.spyOn(ComponentActor.prototype, 'onMessageEvent').mockImplementation(function (this: ComponentActor, listener) {
      onMessageEvent.call(this, (event) => {
        kinds.push(event.kind)
        listener(event)
      })
    })
    return kinds
  }
  afterEach(() => void vi.restoreAllMocks())

  it('workers tell of nothing that they have handled', async () => {
    const kinds = posted()
    const { tell, runtime } = await startMessageTree({ talker: { publish: ['news.*'] } })
    expect(await tell('talker', 'publish news.today x')).toBe('ok')
    await runtime.stop()
    expect(kinds).toContain('outlet-wanted')
    expect(kinds).not.toContain('message-handled')
  })

  it('is the difference: where somebody does, they tell', async () => {
    startTracing()
    const kinds = posted()
    const { tell } = await startMessageTree({ talker: { publish: ['news.*'] } })
    expect(await tell('talker', 'publish news.today x')).toBe('ok')
    await until(() => kinds.includes('message-handled'))
  })

  it('everything goes as it goes, and the trace of a client is left to the child', async () => {
    const { ask } = await startServiceTree()
    const { text } = await ask('/head', { headers: { traceparent: remote } })
    expect(new Map(JSON.parse(text).fields).get('traceparent')).toBe(remote)
    // Who comes after the runtime was created is not asked.
    startTracing()
    expect((await ask('/head')).status).toBe(200)
    expect(exporter.getFinishedSpans()).toEqual([])
  })
})
