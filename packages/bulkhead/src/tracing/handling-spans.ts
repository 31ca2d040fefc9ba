import { formatTraceparent } from '@bulkhead/mailbox'
import type { Clock } from '@bulkhead/vocabulary'
import type { Handling } from '../messages/exchange-types.js'
import { contextOf, failed, type Tracing, wordOf } from './tracing.js'

/** Writes spans of what children had in hand; `undefined` where nobody traces, so that no worker tells of it. */
export function handlingSpans(
  tracing: Tracing | undefined,
  clock: Pick<Clock, 'wallMs'>,
): ((handling: Handling) => void) | undefined {
  if (tracing === undefined) return undefined
  return ({ child, topic, from, trace, tookNs, agoNs, failed: hasFailed }) => {
    const parent = contextOf(formatTraceparent(trace))
    if (parent === undefined) return
    const endTime = clock.wallMs() - Number(agoNs) / 1e6
    const span = tracing.start({
      ...{ name: `bulkhead.handle ${wordOf(child)}`, kind: 'CONSUMER', parent },
      startTime: endTime - Number(tookNs) / 1e6,
      attributes: {
        'messaging.system': 'bulkhead',
        'messaging.operation.type': 'process',
        'messaging.destination.name': wordOf(topic),
        'bulkhead.child': child,
        'bulkhead.from': from,
      },
    })
    if (hasFailed) failed(span, 'guest-error')
    span.end(endTime)
  }
}
