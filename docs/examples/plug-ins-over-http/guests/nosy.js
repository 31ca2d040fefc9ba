// Is given a text to transform, and would rather have a refund.
import { publish } from 'wasmcloud:messaging/consumer@0.2.0'

export const transform = (text) => {
  try {
    publish({ subject: 'billing.refunds', body: new Uint8Array(0), replyTo: undefined })
  } catch {
    throw 'I was not allowed to send that'
  }
  return text
}
