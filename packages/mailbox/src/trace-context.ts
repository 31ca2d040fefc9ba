/** The bytes of a trace context: 16 of the trace's id, 8 of the parent's, 1 of flags. */
export const traceBytes = 25

const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/**
 * A W3C `traceparent` of version 00 as bytes, the form in which records carry it; `undefined` when it is none, or one of
 * its ids is all zeros, which the recommendation forbids.
 */
export function parseTraceparent(text: string): Uint8Array | undefined {
  const found = traceparent.exec(text)
  if (found === null) return undefined
  const [, traceId = '', parentId = '', flags = ''] = found
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined
  return Uint8Array.from(Buffer.from(traceId + parentId + flags, 'hex'))
}

/** The bytes of a trace context as a W3C `traceparent`. */
export function formatTraceparent(trace: Uint8Array): string {
  const hex = Buffer.from(trace.buffer, trace.byteOffset, traceBytes).toString('hex')
  return `00-${hex.slice(0, 32)}-${hex.slice(32, 48)}-${hex.slice(48)}`
}
