import type { HealthEvent, HealthEventType } from '@bulkhead/vocabulary'
import { cursorOf } from './cursor.js'

/** A health event as CloudEvents 1.0 has it, in JSON (github.com/cloudevents/spec). */
export type HealthCloudEvent = {
  readonly specversion: '1.0'
  /** The event's cursor: with `source` it names one event, for ever. */
  readonly id: string
  readonly source: string
  readonly type: `dev.bulkhead.${HealthEventType}`
  /** RFC 3339. */
  readonly time: string
  /** The child that it is about; absent for what concerns the tree. */
  readonly subject?: string
  readonly datacontenttype: 'application/json'
  readonly data: HealthEvent
}

/**
 * A health event in the form in which event brokers take it.
 *
 * @param runtimeId `runtime.id` of the runtime that raised it
 * @param source a URI for who raised it
 * @example
 * ```ts
 * runtime.on('health', (event) => send(toCloudEvent(event, runtime.id, 'https://shop.example/plug-ins')))
 * ```
 */
export function toCloudEvent(
  event: HealthEvent,
  runtimeId: string,
  source = `urn:bulkhead:${runtimeId}`,
): HealthCloudEvent {
  const { type, time, child } = event
  return {
    specversion: '1.0',
    id: cursorOf(event, runtimeId),
    source,
    type: `dev.bulkhead.${type}`,
    time: new Date(time).toISOString(),
    ...(child === undefined ? {} : { subject: child }),
    datacontenttype: 'application/json',
    data: event,
  }
}
