// What goes through the two lanes of an incarnation that answers HTTP. Every frame names the exchange that it is about, so
// that what is left of one is never taken for a part of the next.
//
//   to the guest    data … end                        the body of the request, after `begun`
//   from the guest  begun  head  data … end  done     or `failed` instead of a head; `done` whatever came before it
//
// INVARIANT (claims): what comes from the guest's side is judged here byte by byte; the first frame that no honest worker
// writes is a breach.

import { httpFailureTextMax, httpFieldsMax, httpHeadBytesMax, httpPieceBytesMax } from './limits.js'

/** Names and values in Latin-1, as on the wire, in the order in which they stood. */
export type HttpFields = readonly (readonly [name: string, value: string])[]

export type FrameToGuest =
  | { readonly kind: 'data'; readonly number: number; readonly bytes: Uint8Array }
  /** The body is whole. */
  | { readonly kind: 'end'; readonly number: number; readonly fields: HttpFields }

export type FrameFromGuest =
  | FrameToGuest
  /** The guest has been handed the exchange. */
  | { readonly kind: 'begun'; readonly number: number }
  /** A response of 1xx, before the head. */
  | { readonly kind: 'informational'; readonly number: number; readonly status: number; readonly fields: HttpFields }
  | { readonly kind: 'head'; readonly number: number; readonly status: number; readonly fields: HttpFields }
  /** It answered with an error, or with what HTTP cannot carry. */
  | { readonly kind: 'failed'; readonly number: number; readonly reason: string }
  /** The handler has returned: nothing more comes of this exchange. */
  | { readonly kind: 'done'; readonly number: number }

/** A frame that nobody honest writes. */
export class BadFrame extends Error {}

const kinds = ['begun', 'informational', 'head', 'data', 'end', 'failed', 'done'] as const
const headBytes = 5

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,255}$/
/** A tab, and what is printed: no control characters, and nothing that is not Latin-1. */
const value = /^[\t\x20-\x7e\x80-\xff]*$/
const decoder = new TextDecoder('utf-8', { fatal: true })

/** @returns as one record of a lane. */
export function encodeFrame(frame: FrameFromGuest): Uint8Array {
  switch (frame.kind) {
    case 'data':
      return framed(frame, frame.bytes)
    case 'end':
      return framed(frame, encodeFields(frame.fields))
    case 'informational':
    case 'head':
      return framed(frame, encodeFields(frame.fields, frame.status))
    case 'failed':
      return framed(frame, new TextEncoder().encode(frame.reason.slice(0, httpFailureTextMax)))
    default:
      return framed(frame, new Uint8Array(0))
  }
}

/** @throws {BadFrame} for what `encodeFrame` does not make. */
export function decodeFrame(record: Uint8Array): FrameFromGuest {
  const kind = kinds[record[0] ?? -1]
  if (kind === undefined || record.length < headBytes) throw new BadFrame('a frame of an unknown kind')
  const number = viewOf(record).getUint32(1, true)
  const rest = record.subarray(headBytes)
  switch (kind) {
    case 'data':
      if (rest.length === 0 || rest.length > httpPieceBytesMax)
        throw new BadFrame('a piece of no size that pieces have')
      return { kind, number, bytes: rest }
    case 'end':
      return { kind, number, fields: decodeFields(rest, 0) }
    case 'informational':
    case 'head': {
      const status = rest.length < 2 ? 0 : viewOf(rest).getUint16(0, true)
      if (!isStatusOf(kind, status)) throw new BadFrame('a response with no status that it can have')
      return { kind, number, status, fields: decodeFields(rest, 2) }
    }
    case 'failed':
      return { kind, number, reason: textIn(rest) }
    default:
      if (rest.length > 0) throw new BadFrame('a frame that says more than it can')
      return { kind, number }
  }
}

/** 101 is an upgrade, which there is none of. */
export function isStatusOf(kind: 'informational' | 'head', status: number): boolean {
  return kind === 'head' ? status >= 200 && status <= 999 : status >= 102 && status <= 199
}

/** Whether HTTP can carry such fields: names are tokens, values have no control characters, and all of them are not many. */
export function isCarried(fields: HttpFields): boolean {
  let bytes = 0
  for (const [name, text] of fields) {
    if (!token.test(name) || !value.test(text)) return false
    bytes += name.length + text.length + 3
  }
  return fields.length <= httpFieldsMax && bytes <= httpHeadBytesMax
}

function framed({ kind, number }: FrameFromGuest, rest: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headBytes + rest.length)
  frame[0] = kinds.indexOf(kind)
  viewOf(frame).setUint32(1, number, true)
  frame.set(rest, headBytes)
  return frame
}

function encodeFields(fields: HttpFields, status?: number): Uint8Array {
  const from = status === undefined ? 0 : 2
  const bytes = Buffer.alloc(fields.reduce((sum, [name, text]) => sum + name.length + text.length + 3, from))
  if (status !== undefined) bytes.writeUInt16LE(status)
  let at = from
  for (const [name, text] of fields) {
    at = bytes.writeUInt8(name.length, at)
    at += bytes.write(name, at, 'latin1')
    at = bytes.writeUInt16LE(text.length, at)
    at += bytes.write(text, at, 'latin1')
  }
  return bytes
}

function decodeFields(claimed: Uint8Array, from: number): HttpFields {
  const bytes = Buffer.from(claimed.buffer, claimed.byteOffset, claimed.byteLength)
  const fields: (readonly [string, string])[] = []
  for (let at = from; at < bytes.length; ) {
    const valueAt = at + 3 + (bytes[at] ?? 0)
    if (valueAt > bytes.length) throw new BadFrame('a field that breaks off')
    const end = valueAt + bytes.readUInt16LE(valueAt - 2)
    if (end > bytes.length) throw new BadFrame('a field that breaks off')
    fields.push([bytes.toString('latin1', at + 1, valueAt - 2), bytes.toString('latin1', valueAt, end)])
    at = end
  }
  if (!isCarried(fields)) throw new BadFrame('fields that HTTP cannot carry')
  return fields
}

function textIn(bytes: Uint8Array): string {
  if (bytes.length > httpFailureTextMax * 3) throw new BadFrame('a reason that is too long')
  try {
    return decoder.decode(bytes)
  } catch {
    throw new BadFrame('a reason that is no text')
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
