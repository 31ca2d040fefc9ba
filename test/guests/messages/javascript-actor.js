// An actor in JavaScript. It answers a request with the text in capitals, and is asked by `object` to fail on purpose.
import { publish } from 'wasmcloud:messaging/consumer@0.2.0'

let handled = 0

export const handler = {
  handleMessage({ subject, body, replyTo }) {
    const text = new TextDecoder().decode(body)
    handled += 1
    console.log(`${handled}: ${subject} ${text}`)
    if (text === 'object') throw 'asked to fail'
    if (replyTo != null)
      publish({ subject: replyTo, body: new TextEncoder().encode(text.toUpperCase()), replyTo: null })
  },
}
