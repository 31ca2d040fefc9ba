import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { lingerBytesMax, lingerMs, restMs } from './limits.js'

/**
 * Answers with a status and its name, and nothing that would tell strangers what happens here. A client that is still
 * sending is listened to for a while: one that is cut off in the middle of it may never read the answer.
 */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  fields: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return
  const text = `${status} ${STATUS_CODES[status] ?? ''}\n`
  const isSending = !request.complete
  response.writeHead(status, {
    ...fields,
    ...(isSending ? { connection: 'close' } : {}),
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(text.length),
  })
  if (response.socket === null) response.once('socket', () => endInTime(response))
  else endInTime(response)
  response.write(text)
  if (isSending) linger(request, () => response.end())
  else response.end()
}

/** A client that does not read its answer keeps its connection no longer than others keep theirs. */
function endInTime(response: ServerResponse): void {
  const timer = setTimeout(() => response.destroy(), restMs)
  response.once('close', () => clearTimeout(timer))
}

function linger(request: IncomingMessage, then: () => void): void {
  let bytes = 0
  const end = (): void => {
    clearTimeout(timer)
    request.off('data', count).off('end', end).off('close', end)
    then()
  }
  const count = (piece: Uint8Array): void => {
    bytes += piece.length
    if (bytes > lingerBytesMax) end()
  }
  const timer = setTimeout(end, lingerMs)
  request.on('data', count).once('end', end).once('close', end)
  request.on('error', () => {})
}
