import { type Attributes, type Context, context, ROOT_CONTEXT } from '@opentelemetry/api'
import type { MessageCenter } from '../messages/message-center.js'
import type { PublishOptions } from '../messages/message-desk.js'
import { contextOf, type SpanSpec, type Tracing, traceparentOf, wordOf } from './tracing.js'

/** What host application and operators need for messages. */
export type Messages = Pick<MessageCenter, 'desk' | 'subscribe'>

/** The same, with a span around each message that the host sends or asks with, and each that it handles. */
export function tracedMessages(tracing: Tracing | undefined, center: Messages): Messages {
  if (tracing === undefined) return center
  const { desk } = center
  return {
    desk: {
      ...desk,
      publish: (topic, body, options = {}) => {
        const spec = specOf('publish', topic, options)
        if (spec === undefined) return desk.publish(topic, body, options)
        return tracing.during(spec, async (span) => {
          const published = await desk.publish(topic, body, { ...options, ...carried(traceparentOf(span)) })
          span.setAttributes({
            'bulkhead.receivers': published.receivers,
            'bulkhead.overloaded': published.overloaded,
          })
          return published
        })
      },
      request: (topic, body, options = {}) => {
        const spec = specOf('request', topic, options)
        if (spec === undefined) return desk.request(topic, body, options)
        return tracing.during(spec, async (span) => {
          const reply = await desk.request(topic, body, { ...options, ...carried(traceparentOf(span)) })
          span.setAttribute('bulkhead.child', reply.from)
          return reply
        })
      },
    },
    subscribe: (pattern, handler) =>
      center.subscribe(pattern, (message) => {
        const { topic, from, traceparent } = message
        // A message that nobody gave a trace to belongs to none, whatever was active when the subscription was made.
        const parent = (traceparent === undefined ? undefined : contextOf(traceparent)) ?? ROOT_CONTEXT
        const attributes = { ...attributesOf('process', topic), 'bulkhead.from': from }
        const spec: SpanSpec = { name: `bulkhead.handle ${wordOf(pattern)}`, kind: 'CONSUMER', parent, attributes }
        return tracing.during(spec, () => handler(message))
      }),
  }
}

/** `undefined` where what was given is no `traceparent`, which the desk says. */
function specOf(verb: 'publish' | 'request', topic: string, { traceparent }: PublishOptions): SpanSpec | undefined {
  const parent: Context | undefined = traceparent === undefined ? context.active() : contextOf(traceparent)
  if (parent === undefined) return undefined
  return {
    name: `bulkhead.${verb} ${wordOf(topic)}`,
    kind: verb === 'publish' ? 'PRODUCER' : 'CLIENT',
    ...{ parent, attributes: attributesOf(verb === 'publish' ? 'send' : 'request', topic) },
  }
}

function attributesOf(operation: string, topic: string): Attributes {
  return {
    'messaging.system': 'bulkhead',
    'messaging.operation.type': operation,
    'messaging.destination.name': wordOf(topic),
  }
}

function carried(traceparent: string | undefined): PublishOptions {
  return traceparent === undefined ? {} : { traceparent }
}
