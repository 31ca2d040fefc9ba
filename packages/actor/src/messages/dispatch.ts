import { callSubject } from '../calls/call-record.js'
import type { CallServer } from '../calls/call-server.js'
import type { HttpRequests } from '../http/http-requests.js'
import { httpSubject } from '../http/request-head.js'
import type { MessageHandler } from './serve-messages.js'

/** Who takes what, of a guest's mailbox. What is missing the guest does not export. */
export type Takers = {
  readonly message: MessageHandler | undefined
  readonly http: Pick<HttpRequests, 'serve'> | undefined
  readonly calls: Pick<CallServer, 'serve'>
}

/** Hands each message to whom it is for: the host's own subjects say so, everything else is the guest's handler's. */
export function dispatcher({ message, http, calls }: Takers): MessageHandler {
  return (incoming) => {
    if (incoming.subject === httpSubject && http !== undefined) return http.serve(incoming.body)
    if (incoming.subject === callSubject) return calls.serve(incoming.body)
    if (message === undefined) throw 'this component handles no such messages'
    return message(incoming)
  }
}
