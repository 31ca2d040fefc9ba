import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@bulkhead/vocabulary'
import { refuse } from './answers.js'
import { proceed } from './interim.js'
import { collectedBodyBytesMax, collectMs } from './limits.js'

/**
 * Waits for a body that says that it is short: a client that takes its time then keeps no child waiting. `streamed` is one
 * that does not say so; `refused` one that did not come, whose client knows.
 */
export async function collectBody(
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
): Promise<Uint8Array | 'streamed' | 'refused'> {
  if (request.headers['transfer-encoding'] !== undefined) return 'streamed'
  const length = Number(request.headers['content-length'] ?? 0)
  if (length === 0) return new Uint8Array(0)
  if (length > collectedBodyBytesMax) return 'streamed'
  proceed(request, response)
  const cancel = clock.after(collectMs, () => refuse(request, response, 408))
  try {
    const pieces: Uint8Array[] = []
    for await (const piece of request.iterator({ destroyOnReturn: false })) {
      if (response.headersSent) return 'refused'
      pieces.push(piece)
    }
    return response.headersSent ? 'refused' : Buffer.concat(pieces)
  } catch {
    // The client has gone.
    return 'refused'
  } finally {
    cancel()
  }
}
