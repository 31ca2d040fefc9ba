// A command that fetches each URL of its arguments and prints what came; `POST URL TEXT` sends a text. With nothing but
// `wasi:http`: every step that a library would hide is here.
import { getArguments } from 'wasi:cli/environment@0.2.12'
import { getStdout } from 'wasi:cli/stdout@0.2.12'
import { handle } from 'wasi:http/outgoing-handler@0.2.12'
import { Fields, IncomingBody, OutgoingBody, OutgoingRequest } from 'wasi:http/types@0.2.12'

export const run = {
  run() {
    const words = getArguments().slice(1)
    while (words.length > 0) {
      const first = words.shift()
      const [method, url, text] = first === 'POST' ? ['post', words.shift(), words.shift()] : ['get', first]
      print(`${url}  ${outcome(method, url, text)}`)
    }
  },
}

function outcome(method, url, text) {
  try {
    return fetch(method, url, text)
  } catch (error) {
    const tag = error?.payload?.tag
    if (tag === undefined) throw error
    return tag
  }
}

function fetch(method, url, text) {
  const [, scheme, authority, path] = /^(https?):\/\/([^/]+)(.*)$/.exec(url)
  const request = new OutgoingRequest(Fields.fromList([['x-from', bytesOf('a component')]]))
  request.setMethod({ tag: method })
  request.setScheme({ tag: scheme.toUpperCase() })
  request.setAuthority(authority)
  request.setPathWithQuery(path === '' ? '/' : path)
  const body = text === undefined ? undefined : request.body()
  const future = handle(request, undefined)
  if (body !== undefined) send(body, bytesOf(text))
  const response = wait(future)
  const [location] = response.headers().get('location')
  const incoming = response.consume()
  const got = read(incoming)
  const trailers = wait(IncomingBody.finish(incoming))
  const more = trailers == null ? '' : ` ${trailers.entries().map(([name, value]) => `${name}=${textOf(value)}`)}`
  return `${response.status()}${location === undefined ? '' : ` to ${textOf(location)}`} ${got}${more}`
}

function send(body, bytes) {
  const stream = body.write()
  for (let at = 0; at < bytes.length; at += 4096) stream.blockingWriteAndFlush(bytes.slice(at, at + 4096))
  stream[Symbol.dispose]()
  OutgoingBody.finish(body, undefined)
}

/** What a future holds, once it is there; throws its error. */
function wait(future) {
  const pollable = future.subscribe()
  pollable.block()
  pollable[Symbol.dispose]()
  const settled = future.get().val
  if (settled.tag === 'ok') return settled.val
  throw Object.assign(new Error(settled.val.tag), { payload: settled.val })
}

function read(incoming) {
  const stream = incoming.stream()
  let text = ''
  try {
    for (;;) text += textOf(stream.blockingRead(4096))
  } catch (error) {
    if (error?.payload?.tag !== 'closed') throw error
  }
  stream[Symbol.dispose]()
  return text
}

function print(line) {
  const stdout = getStdout()
  const bytes = bytesOf(`${line}\n`)
  for (let at = 0; at < bytes.length; at += 4096) stdout.blockingWriteAndFlush(bytes.slice(at, at + 4096))
  stdout[Symbol.dispose]()
}

function textOf(bytes) {
  return String.fromCharCode(...bytes)
}

function bytesOf(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
