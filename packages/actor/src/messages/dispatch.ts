import type { HttpRequests } from '../http/http-requests.js'
import { httpSubject } from '../http/request-head.js'
import type { MessageHandler } from './serve-messages.js'

/** Who takes what, of a guest's mailbox. What is missing the guest does not export. */
export type Takers = {
  readonly message: MessageHandler | undefined
  readonly http: Pick<HttpRequests, 'serve'> | undefined
}

/** Hands each message to whom it is for: the host's own subjects say so, everything else is the guest's handler's. */
export function dispatcher({ message, http }: Takers): MessageHandler {
  return (incoming) => {
    if (incoming.subject === httpSubject && http !== undefined) return http.serve(incoming.body)
    if (message === undefined) throw 'this component handles no such messages'
    return message(incoming)
  }
}
