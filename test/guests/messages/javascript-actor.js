// An actor in JavaScript. It answers a request with the text in capitals, and is asked by `object` to fail on purpose.
import { getStdout } from 'wasi:cli/stdout@0.2.12'
import { publish } from 'wasmcloud:messaging/consumer@0.2.0'

let handled = 0

export const handler = {
  handleMessage({ subject, body, replyTo }) {
    const text = textOf(body)
    handled += 1
    print(`${handled}: ${subject} ${text}`)
    if (text === 'object') throw 'asked to fail'
    if (replyTo != null) publish({ subject: replyTo, body: bytesOf(text.toUpperCase()), replyTo: null })
  },
}

function print(line) {
  const stdout = getStdout()
  stdout.blockingWriteAndFlush(bytesOf(`${line}\n`))
  stdout[Symbol.dispose]()
}

function textOf(bytes) {
  return decodeURIComponent(escape(String.fromCharCode(...bytes)))
}

function bytesOf(text) {
  return Uint8Array.from(unescape(encodeURIComponent(text)), (character) => character.charCodeAt(0))
}
