import { context } from '@opentelemetry/api'
import type { CallDesk } from '../calls/call-desk.js'
import { type SpanSpec, type Tracing, traceparentOf, wordOf } from './tracing.js'

/** What host application and operators need for calls. */
export type Calls = Pick<CallDesk, 'call' | 'functionOf'>

/** The same desk, with a span around each call, which what the child sends meanwhile continues. */
export function tracedCalls(tracing: Tracing | undefined, desk: Calls): Calls {
  if (tracing === undefined) return desk
  return {
    functionOf: (child, name) => desk.functionOf(child, name),
    call: (child, name, args, settings) => {
      const attributes = { 'bulkhead.child': wordOf(child), 'bulkhead.function': wordOf(name) }
      const spec: SpanSpec = {
        name: `bulkhead.call ${wordOf(`${child}.${name}`)}`,
        ...{ kind: 'CLIENT', parent: context.active(), attributes },
      }
      return tracing.during(spec, (span) =>
        desk.call(child, name, args, { ...settings, traceparent: traceparentOf(span) }),
      )
    },
  }
}
