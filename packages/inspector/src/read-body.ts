import { bodyBytesMax } from './limits.js'

/**
 * The text of a body, whatever its length says of itself.
 *
 * @returns `undefined` when it is longer than an order may be: then the rest of it is not read
 * @throws {TypeError} when it is not UTF-8
 */
export async function readBody({ headers, body }: Request): Promise<string | undefined> {
  if (Number(headers.get('content-length') ?? 0) > bodyBytesMax) return undefined
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let text = ''
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > bodyBytesMax) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
