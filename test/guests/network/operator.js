// Does what its arguments say, each a JSON object with an `op`, and prints one JSON line for each: `{"ok":…}` or `{"error":…}`.
import { getArguments } from 'wasi:cli/environment@0.2.12'
import { getStdin } from 'wasi:cli/stdin@0.2.12'
import { getStdout } from 'wasi:cli/stdout@0.2.12'
import { subscribeDuration } from 'wasi:clocks/monotonic-clock@0.2.12'
import { handle } from 'wasi:http/outgoing-handler@0.2.12'
import { Fields, OutgoingBody, OutgoingRequest } from 'wasi:http/types@0.2.12'
import { poll } from 'wasi:io/poll@0.2.12'
import { instanceNetwork } from 'wasi:sockets/instance-network@0.2.12'
import { resolveAddresses } from 'wasi:sockets/ip-name-lookup@0.2.12'
import { createTcpSocket } from 'wasi:sockets/tcp-create-socket@0.2.12'
import { createUdpSocket } from 'wasi:sockets/udp-create-socket@0.2.12'

export const run = {
  run() {
    const [, ...commands] = getArguments()
    for (const command of commands) print(JSON.stringify(carriedOut(JSON.parse(command))))
  },
}

function carriedOut(command) {
  try {
    return { ok: acts[command.op](command) ?? null }
  } catch (error) {
    const { payload } = error
    return { error: payload?.tag ?? payload ?? String(error) }
  }
}

const acts = {
  /** Goes on when it is given a byte. */
  hold() {
    print('{"held":true}')
    return getStdin().blockingRead(1).length
  },
  /** Does the same again and again, until it fails. */
  repeat({ count, of }) {
    for (let round = 0; round < count; round++) acts[of.op](of)
  },
  resolve: ({ name }) => addressesOf(name).map(textOfAddress),
  /** Connects to a name or an address, sends `text`, ends, and reads to the end. */
  'tcp-connect': ({ host, port, text }) => exchange(connect(endpoint(host, Number(port))), text ?? ''),
  /** Listens, connects to itself, and lets the text go through both sockets. */
  'tcp-listen'({ host, port, text }) {
    const listener = createTcpSocket('ipv4')
    listener.startBind(instanceNetwork(), endpoint(host, Number(port)))
    finished(listener, () => listener.finishBind())
    listener.startListen()
    finished(listener, () => listener.finishListen())
    if (text === undefined) return textOfAddress(listener.localAddress())
    const client = connect(listener.localAddress())
    const [served, input, output] = finished(listener, () => listener.accept())
    client.output.blockingWriteAndFlush(bytesOf(text))
    client.socket.shutdown('send')
    output.blockingWriteAndFlush(bytesOf(readAll(input).toUpperCase()))
    served.shutdown('send')
    return readAll(client.input)
  },
  /** Sends a datagram, and waits for one in return where `heard` says so. */
  'udp-send'({ host, port, text, heard }) {
    const socket = createUdpSocket('ipv4')
    socket.startBind(instanceNetwork(), endpoint('0.0.0.0', 0))
    finished(socket, () => socket.finishBind())
    const [incoming, outgoing] = socket.stream(endpoint(host, Number(port)))
    outgoing.subscribe().block()
    outgoing.checkSend()
    outgoing.send([{ data: bytesOf(text ?? 'x'), remoteAddress: undefined }])
    if (heard !== true) return 'sent'
    incoming.subscribe().block()
    return textOf(incoming.receive(1)[0].data)
  },
  /** Waits for the first of many connections, none of which says anything before it was written to, and a timer. */
  poll({ host, port, connections, writesTo }) {
    const open = Array.from({ length: connections }, () => connect(endpoint(host, Number(port))))
    open[writesTo].output.blockingWriteAndFlush(bytesOf('x'))
    const timer = subscribeDuration(3600 * 1e9)
    return [...poll([...open.map(({ input }) => input.subscribe()), timer])]
  },
  /** Connects, and reads what never comes. */
  'wait-for-input'({ host, port }) {
    const { input } = connect(endpoint(host, Number(port)))
    print('{"held":true}')
    return textOf(input.blockingRead(1))
  },
  http({ method, url, headers, headerCount, body, follow }) {
    const answer = request(method ?? 'GET', url, headers ?? {}, headerCount ?? 0, body)
    if (follow !== true || answer.location === undefined) return answer.text
    return request('GET', answer.location, {}, 0, undefined).text
  },
}

function addressesOf(name) {
  const stream = resolveAddresses(instanceNetwork(), name)
  const addresses = []
  for (;;) {
    const address = finished(stream, () => stream.resolveNextAddress())
    if (address == null) return addresses
    addresses.push(address)
  }
}

/** A name is looked up; its first address is meant. */
function endpoint(host, port) {
  if (typeof host !== 'string' || Number.isNaN(port)) throw { payload: 'no address' }
  const [address] = /^[\d.]+$/.test(host) ? [{ tag: 'ipv4', val: host.split('.').map(Number) }] : addressesOf(host)
  if (address.tag === 'ipv4') return { tag: 'ipv4', val: { port, address: address.val } }
  return { tag: 'ipv6', val: { port, flowInfo: 0, address: address.val, scopeId: 0 } }
}

function connect(remote) {
  const socket = createTcpSocket(remote.tag)
  socket.startConnect(instanceNetwork(), remote)
  const [input, output] = finished(socket, () => socket.finishConnect())
  return { socket, input, output }
}

function exchange({ socket, input, output }, text) {
  output.blockingWriteAndFlush(bytesOf(text))
  socket.shutdown('send')
  return readAll(input)
}

/** Tries again while it would block, each time when its pollable says so. */
function finished(one, act) {
  for (;;) {
    const pollable = one.subscribe()
    pollable.block()
    pollable[Symbol.dispose]()
    try {
      return act()
    } catch (error) {
      if (error.payload !== 'would-block') throw error
    }
  }
}

function readAll(input) {
  let text = ''
  for (;;) {
    try {
      text += textOf(input.blockingRead(65536))
    } catch (error) {
      if (error.payload?.tag === 'closed') return text
      throw error
    }
  }
}

const known = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']

function request(method, url, headers, headerCount, body) {
  const [, scheme = '', authority = '', path = ''] = /^([\w+.-]+):\/\/([^/]*)(.*)$/s.exec(url) ?? []
  const fields = Fields.fromList(Object.entries(headers).map(([name, value]) => [name, bytesOf(value)]))
  for (let at = 0; at < headerCount; at++) fields.append(`x-${at}`, bytesOf('1'))
  const outgoing = new OutgoingRequest(fields)
  outgoing.setMethod(known.includes(method) ? { tag: method.toLowerCase() } : { tag: 'other', val: method })
  outgoing.setScheme(/^https?$/i.test(scheme) ? { tag: scheme.toUpperCase() } : { tag: 'other', val: scheme })
  outgoing.setAuthority(authority)
  outgoing.setPathWithQuery(path === '' ? '/' : path)
  const sent = outgoing.body()
  const future = handle(outgoing, undefined)
  if (body !== undefined) {
    const sink = sent.write()
    sink.blockingWriteAndFlush(bytesOf(body))
    sink[Symbol.dispose]()
  }
  OutgoingBody.finish(sent, undefined)
  future.subscribe().block()
  const outcome = future.get().val
  if (outcome.tag === 'err') throw { payload: outcome.val }
  const response = outcome.val
  const [, location] =
    response
      .headers()
      .entries()
      .find(([name]) => name === 'location') ?? []
  const text = readAll(response.consume().stream())
  return { text, location: location === undefined ? undefined : textOf(location) }
}

function textOfAddress({ tag, val }) {
  if (val.port === undefined) return [...val].join(tag === 'ipv4' ? '.' : ':')
  return `${[...val.address].join('.')}:${val.port}`
}

function print(line) {
  const stdout = getStdout()
  const bytes = bytesOf(`${line}\n`)
  for (let at = 0; at < bytes.length; at += 4096) stdout.blockingWriteAndFlush(bytes.slice(at, at + 4096))
  stdout[Symbol.dispose]()
}

function textOf(bytes) {
  let text = ''
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.slice(at, at + 4096))
  return text
}

function bytesOf(text) {
  return Uint8Array.from(unescape(encodeURIComponent(text)), (character) => character.charCodeAt(0))
}
