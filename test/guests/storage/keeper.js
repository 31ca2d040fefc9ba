// An actor that keeps things: each message is a JSON list, a function's name and its arguments, and is answered with what
// the function gave, `["ok", …]`, or with the error that it declared, `["error", …]`.

import { getStderr } from 'wasi:cli/stderr@0.2.12'
import { getStdout } from 'wasi:cli/stdout@0.2.12'
import { getAll as getAllConfig, get as getConfig } from 'wasi:config/store@0.2.0-rc.1'
import { increment } from 'wasi:keyvalue/atomics@0.2.0-draft'
import { increment as add, Cas, swap } from 'wasi:keyvalue/atomics@0.2.0-draft2'
import { deleteMany, getMany, setMany } from 'wasi:keyvalue/batch@0.2.0-draft'
import { open } from 'wasi:keyvalue/store@0.2.0-draft'
import { open as openNewer } from 'wasi:keyvalue/store@0.2.0-draft2'
import { log } from 'wasi:logging/logging@0.1.0-draft'
import { publish } from 'wasmcloud:messaging/consumer@0.2.0'

const functions = {
  get: (bucket, key) => textOf(open(bucket).get(key)),
  set: (bucket, key, value) => open(bucket).set(key, bytesOf(value)),
  fill: (bucket, key, bytes) => open(bucket).set(key, new Uint8Array(bytes)),
  delete: (bucket, key) => open(bucket).delete(key),
  exists: (bucket, key) => open(bucket).exists(key),
  list: (bucket) => open(bucket).listKeys(null).keys,
  increment: (bucket, key, by) => String(increment(open(bucket), key, Number(by))),
  add: (bucket, key, by) => String(add(openNewer(bucket), key, Number(by))),
  newerList: (bucket) => openNewer(bucket).listKeys(null).keys,
  getMany: (bucket, keys) => getMany(open(bucket), keys).map((pair) => pair && [pair[0], textOf(pair[1])]),
  setMany: (bucket, pairs) =>
    setMany(
      open(bucket),
      pairs.map(([key, value]) => [key, bytesOf(value)]),
    ),
  deleteMany: (bucket, keys) => deleteMany(open(bucket), keys),
  swap: (bucket, key, value) => swap(Cas.new(openNewer(bucket), key), bytesOf(value)),
  /** Writes numbers one after the other and says of each that it is kept. */
  writeOn: (bucket) => {
    const kept = open(bucket)
    for (let number = 1; ; number++) {
      kept.set('last', bytesOf(String(number)))
      print(getStdout(), `${number}\n`)
    }
  },
  config: (name) => getConfig(name),
  allConfig: () => getAllConfig(),
  log: (level, context, message) => log(level, context, message),
  print: (text) => print(getStdout(), text),
  complain: (text) => print(getStderr(), text),
  /** So many lines of so many characters. */
  chatter: (lines, length) => {
    for (let line = 0; line < lines; line++) log('info', 'chatter', `${line}`.padEnd(length, '.'))
  },
}

export const handler = {
  handleMessage({ body, replyTo }) {
    const [name, ...args] = JSON.parse(textOf(body))
    let answer
    try {
      answer = ['ok', functions[name](...args) ?? null]
    } catch (error) {
      answer = ['error', error?.payload ?? String(error?.message ?? error)]
    }
    if (replyTo != null) publish({ subject: replyTo, body: bytesOf(JSON.stringify(answer)), replyTo: null })
  },
}

function print(stream, text) {
  const bytes = bytesOf(text)
  for (let at = 0; at < bytes.length; at += 4096) stream.blockingWriteAndFlush(bytes.subarray(at, at + 4096))
  stream[Symbol.dispose]()
}

function textOf(bytes) {
  return bytes == null ? null : decodeURIComponent(escape(String.fromCharCode(...bytes)))
}

function bytesOf(text) {
  return Uint8Array.from(unescape(encodeURIComponent(text)), (character) => character.charCodeAt(0))
}
