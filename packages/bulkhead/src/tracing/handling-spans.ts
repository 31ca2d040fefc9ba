import type { TracedCalls } from '@bulkhead/actor'
import { formatTraceparent } from '@bulkhead/mailbox'
import type { Clock } from '@bulkhead/vocabulary'
import type { Span } from '@opentelemetry/api'
import { spanCallsMax } from '../limits.js'
import type { Handling } from '../messages/exchange-types.js'
import { contextOf, failed, type Tracing, wordOf } from './tracing.js'

/** Writes spans of what children had in hand; `undefined` where nobody traces, so that no worker tells of it. */
export function handlingSpans(
  tracing: Tracing | undefined,
  clock: Pick<Clock, 'wallMs'>,
): ((handling: Handling) => void) | undefined {
  if (tracing === undefined) return undefined
  return ({ child, topic, from, trace, tookNs, agoNs, failed: hasFailed, traced }) => {
    const parent = contextOf(formatTraceparent(trace))
    if (parent === undefined) return
    const endTime = clock.wallMs() - Number(agoNs) / 1e6
    const startTime = endTime - Number(tookNs) / 1e6
    const span = tracing.start({
      ...{ name: `bulkhead.handle ${wordOf(child)}`, kind: 'CONSUMER', parent },
      startTime,
      attributes: {
        'messaging.system': 'bulkhead',
        'messaging.operation.type': 'process',
        'messaging.destination.name': wordOf(topic),
        'bulkhead.child': child,
        'bulkhead.from': from,
      },
    })
    if (traced !== undefined) tellCalls(span, startTime, traced)
    if (hasFailed) failed(span, 'guest-error')
    span.end(endTime)
  }
}

/** Calls as its worker tells of them: of what is too much, or too long, nothing is written. */
function tellCalls(span: Span, startTime: number, { calls, made }: TracedCalls): void {
  if (!span.isRecording()) return
  span.setAttribute('bulkhead.host_calls', made)
  for (const { place, afterNs, tookNs, verdict } of calls.slice(0, spanCallsMax)) {
    const [interfaceName = '', name = ''] = wordOf(place).split('#')
    const attributes = {
      'bulkhead.interface': interfaceName,
      'bulkhead.function': name,
      'bulkhead.verdict': verdict,
      'bulkhead.duration': Number(tookNs) / 1e9,
    }
    span.addEvent('bulkhead.host_call', attributes, startTime + Number(afterNs) / 1e6)
  }
}
