// What is called by name in the tests.
import { publish } from 'wasmcloud:messaging/consumer@0.2.0'

let calls = 0

export const greet = (name) => {
  calls += 1
  return `hello, ${name}`
}
export const sayTwice = (text, loudly) => (loudly ? `${text} ${text}`.toUpperCase() : `${text} ${text}`)
export const boom = () => {
  throw new Error('this is no answer')
}
export const spin = () => {
  for (;;);
}
export const count = () => calls
export const forge = (topic) => {
  publish({ subject: topic, body: new Uint8Array(0), replyTo: undefined })
}

export const ops = {
  divide: (a, b) => {
    if (b === 0) throw 'nothing is divided by zero'
    return Math.trunc(a / b)
  },
  paint: (form) => {
    if (form.tag !== 'circle') throw form
    return 'dark-red'
  },
  check: () => {},
  long: (bytes) => new Uint8Array(bytes).fill(7),
  count: () => calls + 1_000,
}

class Counter {
  next() {
    return 1
  }
}

export const more = { Counter, open: () => new Counter(), half: (whole) => whole / 2 }
