import type { IpAddress } from '@bulkhead/capability'
import { assertNever } from '@bulkhead/vocabulary'
import {
  datagramBytesMax,
  datagramsWaitingMax,
  httpFieldBytesMax,
  httpFieldsMax,
  httpTextBytesMax,
  pieceBytesMax,
  pollInterestsMax,
} from '../limits.js'
import { FieldReader } from '../service/field-reader.js'
import { FieldWriter } from '../service/field-writer.js'
import { MalformedRequest } from '../service/malformed-request.js'
import type { Endpoint } from './addresses.js'
import type { HttpRequest } from './http-head.js'
import { networkError } from './network-error.js'
import type { Datagram } from './udp-socket.js'

/** Names something that this channel has opened; never used again, also not by the service's successor. */
export type Handle = number

/**
 * What somebody waits for: input, a connection, an answer; room for output (`write`); that what was written has gone to the
 * system (`flush`); a response's head.
 */
export type Interest = { readonly handle: Handle; readonly for: 'read' | 'write' | 'flush' | 'response' }

/** `look`: the answer comes at once, also when nothing is ready. */
export type PollPatience = 'wait' | 'look'

/** What a socket may want to do with an address. */
export type SocketAction = 'connect' | 'bind'

/**
 * `keep-alive`: seconds of silence before the first probe, 0 for none at all. `hop-limit`, `receive-buffer` and `send-buffer`
 * (bytes) of a UDP socket; 0 leaves them as they are.
 */
export type SocketOption = 'keep-alive' | 'hop-limit' | 'receive-buffer' | 'send-buffer'

/** What a guest's thread may ask of the network. None of it blocks but `poll`, which waits for the first that is ready. */
export type NetworkRequest =
  | { readonly op: 'look-up'; readonly name: string }
  | {
      readonly op: 'judge'
      readonly action: SocketAction
      readonly protocol: 'tcp' | 'udp'
      readonly endpoint: Endpoint
    }
  | { readonly op: 'connect'; readonly endpoint: Endpoint; readonly from: Handle | undefined }
  | { readonly op: 'bind'; readonly endpoint: Endpoint }
  | { readonly op: 'open-udp'; readonly family: 'ipv4' | 'ipv6'; readonly local: Endpoint | undefined }
  | { readonly op: 'exchange'; readonly request: HttpRequest }
  | { readonly op: NetworkQuestion; readonly handle: Handle }
  | { readonly op: 'read' | 'receive'; readonly handle: Handle; readonly max: number }
  | { readonly op: 'option'; readonly handle: Handle; readonly option: SocketOption; readonly value: number }
  | { readonly op: 'write'; readonly handle: Handle; readonly bytes: Uint8Array }
  | { readonly op: 'send'; readonly handle: Handle; readonly datagrams: readonly Datagram[] }
  | { readonly op: 'poll'; readonly interests: readonly Interest[]; readonly patience: PollPatience }

/**
 * `finish`: whether what was opened is there; `listen` where it is bound; `addresses` of a look-up; `room` for output; `accept` a connection; `response`
 * and `trailers` of an exchange; `shutdown` of the output; `close`.
 */
export type NetworkQuestion =
  | 'finish'
  | 'listen'
  | 'addresses'
  | 'room'
  | 'accept'
  | 'response'
  | 'trailers'
  | 'shutdown'
  | 'close'

const ops = [
  ...[
    'look-up',
    'judge',
    'connect',
    'bind',
    'listen',
    'open-udp',
    'exchange',
    'option',
    'finish',
    'addresses',
    'room',
    'accept',
  ],
  ...['response', 'trailers', 'shutdown', 'close', 'read', 'receive', 'write', 'send', 'poll'],
] as readonly NetworkRequest['op'][]
const socketActions = ['connect', 'bind'] as const
const protocols = ['tcp', 'udp'] as const
const options = ['keep-alive', 'hop-limit', 'receive-buffer', 'send-buffer'] as const
const families = ['ipv4', 'ipv6'] as const
const schemes = ['http', 'https'] as const
const bodies = ['none', 'stream'] as const
const interests = ['read', 'write', 'response', 'flush'] as const
const patiences = ['wait', 'look'] as const

export function encodeNetworkRequest(request: NetworkRequest): Uint8Array {
  const writer = new FieldWriter().u8(ops.indexOf(request.op))
  switch (request.op) {
    case 'look-up':
      return writer.text(request.name).finish()
    case 'judge':
      writer.u8(socketActions.indexOf(request.action)).u8(protocols.indexOf(request.protocol))
      return writeEndpoint(writer, request.endpoint).finish()
    case 'connect':
      writeEndpoint(writer, request.endpoint).u8(request.from === undefined ? 0 : 1)
      return (request.from === undefined ? writer : writeHandle(writer, request.from)).finish()
    case 'bind':
      return writeEndpoint(writer, request.endpoint).finish()
    case 'option':
      return writeHandle(writer, request.handle).u8(options.indexOf(request.option)).u32(request.value).finish()
    case 'open-udp':
      writer.u8(families.indexOf(request.family)).u8(request.local === undefined ? 0 : 1)
      return (request.local === undefined ? writer : writeEndpoint(writer, request.local)).finish()
    case 'exchange':
      return writeExchange(writer, request.request).finish()
    case 'read':
    case 'receive':
      return writeHandle(writer, request.handle).u32(request.max).finish()
    case 'write':
      return writeHandle(writer, request.handle).bytes(request.bytes).finish()
    case 'send':
      return writeHandle(writer, request.handle)
        .list(request.datagrams, ({ remote, bytes }) => writeEndpoint(writer, remote).bytes(bytes))
        .finish()
    case 'poll':
      return writer
        .list(request.interests, (one) => writeHandle(writer, one.handle).u8(interests.indexOf(one.for)))
        .u8(patiences.indexOf(request.patience))
        .finish()
    default:
      return writeHandle(writer, request.handle).finish()
  }
}

/**
 * Reads a request that was copied out of a slot.
 *
 * @throws {MalformedRequest}
 */
export function decodeNetworkRequest(bytes: Uint8Array): NetworkRequest {
  const reader = new FieldReader(bytes)
  const request = readRequest(reader, reader.oneOf(ops))
  reader.end()
  return request
}

function readRequest(reader: FieldReader, op: NetworkRequest['op']): NetworkRequest {
  switch (op) {
    case 'look-up':
      return { op, name: reader.text(httpTextBytesMax) }
    case 'judge':
      return {
        op,
        action: reader.oneOf(socketActions),
        protocol: reader.oneOf(protocols),
        endpoint: readEndpoint(reader),
      }
    case 'connect': {
      const endpoint = readEndpoint(reader)
      return { op, endpoint, from: reader.oneOf([false, true]) ? readHandle(reader) : undefined }
    }
    case 'bind':
      return { op, endpoint: readEndpoint(reader) }
    case 'option':
      return { op, handle: readHandle(reader), option: reader.oneOf(options), value: reader.u32() }
    case 'open-udp': {
      const family = reader.oneOf(families)
      return { op, family, local: reader.oneOf([false, true]) ? readEndpoint(reader) : undefined }
    }
    case 'exchange':
      return { op, request: readExchange(reader) }
    case 'read':
    case 'receive':
      return { op, handle: readHandle(reader), max: Math.min(reader.u32(), pieceBytesMax) }
    case 'write':
      return { op, handle: readHandle(reader), bytes: reader.bytes(pieceBytesMax) }
    case 'send': {
      const handle = readHandle(reader)
      const datagram = (): Datagram => ({ remote: readEndpoint(reader), bytes: reader.bytes(datagramBytesMax) })
      return { op, handle, datagrams: reader.list(datagramsWaitingMax, datagram) }
    }
    case 'poll': {
      const interest = (): Interest => ({ handle: readHandle(reader), for: reader.oneOf(interests) })
      return { op, interests: reader.list(pollInterestsMax, interest), patience: reader.oneOf(patiences) }
    }
    case 'finish':
    case 'listen':
    case 'addresses':
    case 'room':
    case 'accept':
    case 'response':
    case 'trailers':
    case 'shutdown':
    case 'close':
      return { op, handle: readHandle(reader) }
    default:
      return assertNever(op)
  }
}

function writeHandle(writer: FieldWriter, handle: Handle): FieldWriter {
  return writer.i64(BigInt(handle))
}

export function readHandle(reader: FieldReader): Handle {
  return Number(reader.i64())
}

export function writeAddress(writer: FieldWriter, address: IpAddress): FieldWriter {
  if (address.kind === 'ipv4') return writer.u8(0).u32(address.bits)
  writer.u8(1)
  for (let group = 0; group < 8; group++) writer.u16(address.groups[group] ?? 0)
  return writer
}

/** An IPv4-mapped address is its IPv4 address here too: no other spelling of it goes further. */
export function readAddress(reader: FieldReader): IpAddress {
  if (reader.oneOf(families) === 'ipv4') return { kind: 'ipv4', bits: reader.u32() }
  const groups = Array.from({ length: 8 }, () => reader.u16())
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (isMapped) return { kind: 'ipv4', bits: (groups[6] ?? 0) * 65_536 + (groups[7] ?? 0) }
  return { kind: 'ipv6', groups }
}

/** @throws {BulkheadError} `network-failed` (`invalid-argument`) for what is no port: none is cut to another one. */
export function writeEndpoint(writer: FieldWriter, { address, port }: Endpoint): FieldWriter {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw networkError('invalid-argument', `\`${port}\` is not a port`)
  return writeAddress(writer, address).u16(port)
}

export function readEndpoint(reader: FieldReader): Endpoint {
  return { address: readAddress(reader), port: reader.u16() }
}

function writeExchange(writer: FieldWriter, request: HttpRequest): FieldWriter {
  const { method, scheme, authority, path, fields, body, connectMs, firstByteMs, betweenBytesMs } = request
  writer.text(method).u8(schemes.indexOf(scheme)).text(authority).text(path)
  writer.list(fields, ([name, value]) => writer.text(name).text(value))
  return writer.u8(bodies.indexOf(body)).u32(connectMs).u32(firstByteMs).u32(betweenBytesMs)
}

function readExchange(reader: FieldReader): HttpRequest {
  const text = (): string => reader.text(httpTextBytesMax)
  const [method, scheme, authority, path] = [text(), reader.oneOf(schemes), text(), text()]
  let bytes = 0
  const field = (): readonly [string, string] => {
    const [name, value] = [reader.text(httpFieldBytesMax), reader.text(httpFieldBytesMax * 2)]
    bytes += name.length + value.length
    if (bytes > httpFieldBytesMax) throw new MalformedRequest('header fields that are too large')
    return [name, value]
  }
  const fields = reader.list(httpFieldsMax, field)
  const body = reader.oneOf(bodies)
  const [connectMs, firstByteMs, betweenBytesMs] = [reader.u32(), reader.u32(), reader.u32()]
  return { method, scheme, authority, path, fields, body, connectMs, firstByteMs, betweenBytesMs }
}
