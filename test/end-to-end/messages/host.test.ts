import { BulkheadError } from 'bulkhead'
import { describe, expect, it } from 'vitest'
import { bytes, startMessageTree, text, until } from './message-tree.js'

const trace = `00-${'a1'.repeat(16)}-${'b2'.repeat(8)}-01`

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (thrown) {
    if (thrown instanceof BulkheadError) return thrown.code
    throw thrown
  }
  return 'none'
}

describe('the host application', () => {
  it('publishes, asks, and hears what children say, under their names and in one trace', async () => {
    const { runtime, tell } = await startMessageTree({
      talker: { publish: ['news.*'], request: ['host.*'] },
      echo: { guest: 'messages-echo', subscribe: ['ask.*'] },
    })
    const heard: string[] = []
    const traces: (string | undefined)[] = []
    const unsubscribe = runtime.subscribe('news.*', ({ topic, from, incarnation, body, traceparent }) => {
      heard.push(`${topic} ${from} ${incarnation} ${text(body)}`)
      traces.push(traceparent)
    })
    expect(await tell('talker', 'publish news.today it rains')).toBe('ok')
    await until(() => heard.length === 1)
    expect(heard).toEqual(['news.today talker 1 it rains'])
    expect(await runtime.publish('news.host', bytes('mine'), { traceparent: trace })).toEqual({
      receivers: 1,
      overloaded: 0,
    })
    await until(() => heard.length === 2)
    expect(heard[1]).toBe('news.host host 0 mine')
    expect(traces[1]).toBe(trace)

    const order = { traceparent: trace }
    await runtime.request('talker.do', bytes('publish news.traced x'), order)
    await until(() => heard.length === 3)
    // The same trace, another span.
    expect(traces[2]?.slice(0, 35)).toBe(trace.slice(0, 35))
    expect(traces[2]).not.toBe(trace)

    const reply = await runtime.request('ask.me', bytes('hello'))
    expect({ ...reply, body: text(reply.body) }).toEqual({ body: 'hello', from: 'echo', topic: 'ask.me' })

    runtime.subscribe('host.time', () => bytes('noon'))
    expect(await tell('talker', 'request host.time 2000 what time is it')).toBe('= noon')

    unsubscribe()
    expect(await runtime.publish('news.host', bytes('nobody hears'))).toEqual({ receivers: 0, overloaded: 0 })
    expect(await tell('talker', 'publish news.today nobody hears')).toBe('ok')
    expect(heard).toHaveLength(3)
  })

  it('is told what it did wrong', async () => {
    const { runtime, order } = await startMessageTree({ slow: { subscribe: ['slow.*'] } })
    for (const topic of ['', 'a b', 'a.*', '>', '$sys.x', '_inbox.1.x']) {
      expect(await codeOf(runtime.publish(topic, bytes('x'))), topic).toBe('usage')
    }
    expect(await codeOf(runtime.publish('a.b', bytes('x'), { traceparent: 'x' }))).toBe('usage')
    expect(await codeOf(runtime.publish('a.b', new Uint8Array(256 * 1024 + 1)))).toBe('resource-limit-exceeded')
    expect(await codeOf(runtime.request('nobody.here', bytes('x')))).toBe('no-subscriber')
    expect(runtime.deadLetters.list()).toMatchObject([{ reason: 'no-subscriber', topic: 'nobody.here', from: 'host' }])
    expect(await codeOf(runtime.request('slow.x', bytes('x'), { timeoutMs: 0 }))).toBe('usage')
    await order('slow', 'sleep 300')
    expect(await codeOf(runtime.request('slow.x', bytes('work 1'), { timeoutMs: 50 }))).toBe('call-timeout')
    const controller = new AbortController()
    const asked = runtime.request('slow.x', bytes('work 2'), { signal: controller.signal })
    controller.abort(new Error('never mind'))
    await expect(asked).rejects.toThrow('never mind')
    // The first one's time is over; the answer to the second one comes late.
    await until(() => runtime.deadLetters.list().length === 3)
    expect(runtime.deadLetters.list().map(({ reason, receiver }) => `${reason} ${receiver}`)).toEqual([
      'no-subscriber undefined',
      'expired slow',
      'stale-incarnation host',
    ])
    expect(() => runtime.subscribe('a..b', () => {})).toThrow('empty token')
  })

  it('hears of handlers that fail, its own and others, and nobody crashes', async () => {
    const { runtime, failures, tell, events } = await startMessageTree({
      picky: { guest: 'messages-failing', subscribe: ['all.*'] },
      talker: { publish: ['all.*'] },
    })
    runtime.subscribe('all.*', () => {
      throw new Error('not today')
    })
    runtime.subscribe('all.*', () => Promise.reject(new Error('nor tomorrow')))
    expect(await tell('talker', 'publish all.x y')).toBe('ok')
    await until(() => failures.length === 3)
    expect(failures.map(({ child, topic, from, error }) => `${child} ${topic} ${from} ${error}`).sort()).toEqual([
      'host all.x talker nor tomorrow',
      'host all.x talker not today',
      'picky all.x talker this message is not to my taste',
    ])
    expect(runtime.messages().children).toMatchObject([{ child: 'picky', handlerErrors: 1 }, { child: 'talker' }])
    expect(events.filter(({ type }) => type === 'child.exited')).toEqual([])
  })

  it('carries large bodies both ways', async () => {
    const { runtime } = await startMessageTree({ echo: { guest: 'messages-echo', subscribe: ['ask.*'] } })
    const body = new Uint8Array(200 * 1024).map((_, index) => index)
    const reply = await runtime.request('ask.me', body)
    expect(Buffer.compare(reply.body, body)).toBe(0)
  })
})

describe('without a tree', () => {
  it('there is nobody to talk to', async () => {
    const { createTestRuntime } = await import('../../support/test-runtime.mjs')
    const runtime = await createTestRuntime()
    expect(await codeOf(runtime.publish('a.b', bytes('x')))).toBe('actor-not-running')
    expect(await runtime.stop()).toEqual({ messages: { deadLetters: 0, undelivered: 0 } })
  })
})
