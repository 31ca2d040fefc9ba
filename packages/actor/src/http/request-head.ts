// The head of a request, as the body of a message that the host sends itself. Who reads it believes it: nobody else can send
// on this subject.

import type { HttpFields } from './frames.js'

/** The subject of requests in a mailbox. Guests have no way to send on it: `$sys` belongs to the host. */
export const httpSubject = '$sys.http'

export type RequestHead = {
  /** Of the exchange, and of all its frames. */
  readonly number: number
  /** As it was written: `GET`. */
  readonly method: string
  readonly scheme: 'http'
  readonly authority: string
  readonly pathWithQuery: string
  readonly fields: HttpFields
}

export function encodeRequestHead(head: RequestHead): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(head))
}

export function decodeRequestHead(body: Uint8Array): RequestHead {
  return JSON.parse(new TextDecoder().decode(body)) as RequestHead
}
