// A service in JavaScript that does what the path of a request asks of it.
import { getStdout } from 'wasi:cli/stdout@0.2.12'
import { subscribeDuration } from 'wasi:clocks/monotonic-clock@0.2.12'
import { Fields, IncomingBody, OutgoingBody, OutgoingResponse, ResponseOutparam } from 'wasi:http/types@0.2.12'

let served = 0

export const incomingHandler = {
  handle(request, out) {
    served += 1
    const [route, argument = ''] = request.pathWithQuery().slice(1).split('?')
    const act = acts[route] ?? acts.hello
    act(request, out, argument)
  },
}

const acts = {
  hello(request, out) {
    respond(out, 200, [['content-type', 'text/plain']], `hello from ${request.authority()}\n`)
  },
  /** How many requests this instance was handed. */
  count(_request, out) {
    respond(out, 200, [], `${served}`)
  },
  head(request, out) {
    const fields = request
      .headers()
      .entries()
      .map(([name, value]) => [name, textOf(value)])
    const head = {
      method: request.method().tag,
      path: request.pathWithQuery(),
      scheme: request.scheme()?.tag,
      authority: request.authority(),
      fields,
    }
    respond(out, 200, [['content-type', 'application/json']], JSON.stringify(head))
  },
  /** Prints who asked, by its fields. */
  who(request, out) {
    const values = request.headers().get('x-forwarded-for').map(textOf)
    print(`asked by ${values.join(' and ')}`)
    respond(out, 200, [], '')
  },
  status(_request, out, argument) {
    respond(out, Number(argument), [['x-asked', argument]], argument === '204' || argument === '304' ? '' : argument)
  },
  /** Sends back what it gets, as it gets it. */
  echo(request, out) {
    const source = request.consume().stream()
    const { body, sink } = answer(out, 200, [])
    for (let piece = blockingRead(source); piece !== undefined; piece = blockingRead(source)) write(sink, piece)
    finish(body, sink)
  },
  /** Answers, and only then reads what it was sent. */
  late(request, out) {
    respond(out, 200, [], 'first')
    const source = request.consume().stream()
    let bytes = 0
    try {
      for (let piece = blockingRead(source); piece !== undefined; piece = blockingRead(source)) bytes += piece.length
      print(`late ${bytes}`)
    } catch (error) {
      print(`late ends ${error?.payload?.tag}`)
    }
  },
  size(request, out) {
    const source = request.consume().stream()
    let bytes = 0
    for (let piece = blockingRead(source); piece !== undefined; piece = blockingRead(source)) bytes += piece.length
    respond(out, 200, [], `${bytes}`)
  },
  big(_request, out, argument) {
    const { body, sink } = answer(out, 200, [])
    for (let left = Number(argument); left > 0; left -= 4096) write(sink, new Uint8Array(Math.min(left, 4096)).fill(97))
    finish(body, sink)
  },
  /** Sends until nobody takes it. */
  endless(_request, out) {
    const { sink } = answer(out, 200, [])
    print('endless begins')
    try {
      for (;;) write(sink, new Uint8Array(4096))
    } catch (error) {
      print(`endless ends ${error?.payload?.tag}`)
    }
  },
  trailers(request, out) {
    const incoming = request.consume()
    const source = incoming.stream()
    while (blockingRead(source) !== undefined);
    source[Symbol.dispose]()
    const future = IncomingBody.finish(incoming)
    future.subscribe().block()
    const got = future.get().val.val
    const named = got == null ? [] : got.entries().map(([name, value]) => `${name}=${textOf(value)}`)
    const { body, sink } = answer(out, 200, [])
    write(sink, bytesOf(named.join()))
    sink[Symbol.dispose]()
    OutgoingBody.finish(body, Fields.fromList([['x-sum', bytesOf('42')]]))
  },
  sleep(_request, out, argument) {
    subscribeDuration(Number(argument) * 1e6).block()
    respond(out, 200, [], 'awake')
  },
  spin() {
    for (;;);
  },
  trap() {
    throw new Error('asked to fail')
  },
  'trap-late'(_request, out) {
    const { sink } = answer(out, 200, [])
    write(sink, bytesOf('half'))
    throw new Error('asked to fail late')
  },
  silent() {},
  half(_request, out) {
    const { sink } = answer(out, 200, [])
    write(sink, bytesOf('half'))
  },
  error(_request, out) {
    ResponseOutparam.set(out, { tag: 'err', val: { tag: 'destination-unavailable' } })
  },
}

function respond(out, status, fields, text) {
  const { body, sink } = answer(out, status, fields)
  try {
    write(sink, bytesOf(text))
    finish(body, sink)
  } catch (error) {
    // Nobody waits for it any more.
    if (error?.payload?.tag !== 'last-operation-failed' && error?.payload?.tag !== 'connection-terminated') throw error
  }
}

function answer(out, status, fields) {
  const response = new OutgoingResponse(Fields.fromList(fields.map(([name, value]) => [name, bytesOf(value)])))
  response.setStatusCode(status)
  const body = response.body()
  ResponseOutparam.set(out, { tag: 'ok', val: response })
  return { body, sink: body.write() }
}

function write(sink, bytes) {
  for (let at = 0; at < bytes.length; at += 4096) sink.blockingWriteAndFlush(bytes.slice(at, at + 4096))
}

function finish(body, sink) {
  sink[Symbol.dispose]()
  OutgoingBody.finish(body, undefined)
}

function blockingRead(source) {
  try {
    return source.blockingRead(65536)
  } catch (error) {
    if (error?.payload?.tag === 'closed') return undefined
    throw error
  }
}

function print(line) {
  const stdout = getStdout()
  stdout.blockingWriteAndFlush(bytesOf(`${line}\n`))
  stdout[Symbol.dispose]()
}

function textOf(bytes) {
  return String.fromCharCode(...bytes)
}

function bytesOf(text) {
  return Uint8Array.from(unescape(encodeURIComponent(text)), (character) => character.charCodeAt(0))
}
