// Responses of 1xx: what a client may be told before it has its answer.

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { HttpFields } from '@bulkhead/actor'
import { clientBytesMax } from './limits.js'

/** Whether a client speaks HTTP/1.1: others know neither responses of 1xx nor bodies in chunks. */
export function speaks11({ httpVersion }: IncomingMessage): boolean {
  return httpVersion === '1.1'
}

/** Tells a client that waits for it to send its body. RFC 9110, 10.1.1: what HTTP/1.0 expects is not heard. */
export function proceed(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.expect !== undefined && speaks11(request)) response.writeContinue()
}

/**
 * Sends one, and resolves when more may come. Written to the connection itself, as the server has no way to send others
 * than a few of them, and throws for what it dislikes in those. In a pipeline a response has no connection before its turn:
 * what comes before an answer may be left out.
 *
 * @param fields that HTTP can carry, by the judgement of frames.
 */
export async function sendInterim(response: ServerResponse, status: number, fields: HttpFields): Promise<void> {
  const { socket } = response
  if (socket === null || !socket.writable) return
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines}\r\n`, 'latin1')
  if (socket.writableLength > clientBytesMax) await drained(socket)
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      socket.off('drain', go).off('close', go)
      resolve()
    }
    socket.once('drain', go).once('close', go)
  })
}
