// Counts visits, for each name by itself. What it knows is in the store: the next instance, and the next run, go on from it.
import { Fields, OutgoingBody, OutgoingResponse, ResponseOutparam } from 'wasi:http/types@0.2.12'
import { increment } from 'wasi:keyvalue/atomics@0.2.0-draft'
import { open } from 'wasi:keyvalue/store@0.2.0-draft'

/** Of this instance alone. */
let requests = 0

export const incomingHandler = {
  handle(request, out) {
    requests += 1
    const [, name] = /^\/visits\/([a-z]{1,32})$/.exec(request.pathWithQuery()) ?? []
    const method = request.method().tag
    if (name === undefined) answer(out, 404, 'there is no such page')
    else if (method !== 'get' && method !== 'post') answer(out, 405, 'a visit is counted by POST, and asked for by GET')
    else {
      const visits = increment(open('default'), name, method === 'post' ? 1 : 0)
      answer(out, 200, `${name} ${visits}, request ${requests} to this instance`)
    }
  },
}

function answer(out, status, text) {
  const response = new OutgoingResponse(Fields.fromList([['content-type', bytesOf('text/plain')]]))
  response.setStatusCode(status)
  const body = response.body()
  ResponseOutparam.set(out, { tag: 'ok', val: response })
  const stream = body.write()
  stream.blockingWriteAndFlush(bytesOf(`${text}\n`))
  stream[Symbol.dispose]()
  OutgoingBody.finish(body, undefined)
}

function bytesOf(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
