// What a child in a process of its own has in hand is a span as anywhere.
import { detectWalls } from '@bulkhead/actor'
import { trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { World } from '../authority/world.js'
import { startClimbed } from '../calls/climb.js'
import { until } from '../messages/message-tree.js'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => {
  trace.disable()
  return world.remove()
})

const walls = await detectWalls()
const walled = walls.up.has('bubblewrap')
if (!walled) console.warn(`traces of processes are not tested here: ${walls.missing.get('bubblewrap')}`)

describe.runIf(walled)('a call into a process', () => {
  it('has a span for what the process had in hand', async () => {
    const exporter = new InMemorySpanExporter()
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
    const { level } = await startClimbed(world)
    const spanOf = (name: string) => exporter.getFinishedSpans().find((span) => span.name === name)
    await until(() => spanOf('bulkhead.handle callee') !== undefined, 'the span of the call in hand')
    const [call, handled] = [spanOf('bulkhead.call callee.greet'), spanOf('bulkhead.handle callee')]
    expect(handled?.parentSpanContext?.spanId).toBe(call?.spanContext().spanId)
    expect(handled?.attributes).toMatchObject({ 'bulkhead.child': 'callee', 'bulkhead.from': 'host' })
    expect(level()).toBe('process')
  }, 120_000)
})
