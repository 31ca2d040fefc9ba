import { type HealthItem, type Runtime, toCloudEvent } from 'bulkhead'
import type { StreamMessage, StreamSource } from './event-stream.js'

/** Health events as CloudEvents, one a message; what was missed says so. */
export function healthFeed(
  runtime: Pick<Runtime, 'events' | 'id'>,
  after: string | undefined,
  signal: AbortSignal,
  source?: string,
): StreamSource {
  const items = runtime.events(after === undefined ? { signal } : { after, signal })
  return {
    next: async () => {
      const { done, value } = await items.next()
      return done === true ? undefined : messageOf(value, runtime.id, source)
    },
    close: () => void items.return?.(),
  }
}

function messageOf(item: HealthItem, runtimeId: string, source: string | undefined): StreamMessage {
  if (item.kind === 'missed') {
    const { cursor, from, to, count, why } = item
    return { id: cursor, event: 'bulkhead.missed', data: JSON.stringify({ from, to, count, why }) }
  }
  const { cursor, event } = item
  return { id: cursor, event: event.type, data: JSON.stringify(toCloudEvent(event, runtimeId, source)) }
}
