// Looks at each order: one of a pool of three. What is no order at all is told apart from an order that cannot be served.
import { publish } from 'wasmcloud:messaging/consumer@0.2.0'

const quantityMax = 99

export const handler = {
  handleMessage({ body }) {
    const order = parsed(body)
    if (order === undefined) send('orders.spam', body)
    else if (!(order.quantity >= 1 && order.quantity <= quantityMax)) {
      send('orders.rejected', bytesOf(`${order.id} wants ${order.quantity} of ${order.item}`))
    } else send('orders.valid', bytesOf(`${order.id} ${order.item} ${order.quantity}`))
  },
}

function parsed(body) {
  try {
    const { id, item, quantity } = JSON.parse(String.fromCharCode(...body))
    return Number.isInteger(id) && /^[a-z]+$/.test(item) ? { id, item, quantity } : undefined
  } catch {
    return undefined
  }
}

/** What is thrown, `overloaded` among it, is what the handler returns: the message counts as not handled. */
function send(subject, body) {
  publish({ subject, body, replyTo: null })
}

// QuickJS has no TextEncoder. Orders are ASCII.
function bytesOf(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
