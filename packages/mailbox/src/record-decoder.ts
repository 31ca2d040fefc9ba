import { LaneCorruption } from '@bulkhead/lane'
import { replyToBytesMax, senderBytesMax, subjectBytesMax } from './limits.js'
import type { Sender } from './message.js'
import type { RecordBuffer } from './record-buffer.js'
import { field, flag, headerBytes, knownFlags, recordVersion } from './record-layout.js'
import { textAt } from './text-bytes.js'
import { traceBytes } from './trace-context.js'

/** A record's claims, in themselves consistent. What they are about (topic, size, sender) is judged by the inlet. */
export type DecodedRecord = {
  readonly sequence: number
  readonly attempt: number
  readonly subject: string
  readonly replyTo: string | undefined
  /** Present when the host forwards. */
  readonly sender: Sender | undefined
  readonly trace: Uint8Array | undefined
  readonly sentAtNs: bigint
  readonly expiresAtNs: bigint | undefined
  readonly bodyBytes: number
  /** Where in the arena the body lies; `undefined` when it is the end of the record itself. */
  readonly bodyAt: number | undefined
}

/**
 * Reads a record that was copied out of shared memory to where the buffer stands.
 *
 * @throws {LaneCorruption} when no encoder can have written it.
 */
export function decodeRecord({ bytes: record, view, at, subjects }: RecordBuffer, length: number): DecodedRecord {
  if (length < headerBytes) throw corrupt('a record is shorter than its header', { length })
  const version = view.getUint8(at + field.version)
  const flags = view.getUint8(at + field.flags)
  if (version !== recordVersion || (flags & ~knownFlags) !== 0) {
    throw corrupt('a record is of an unknown version or kind', { version, flags })
  }
  const spilled = (flags & flag.spilled) !== 0
  const bodyBytes = view.getUint32(at + field.bodyBytes, true)
  const bodyAt = view.getUint32(at + field.bodyAt, true)
  const subjectFrom = at + headerBytes
  const replyToFrom = subjectFrom + view.getUint16(at + field.subjectBytes, true)
  const senderFrom = replyToFrom + view.getUint16(at + field.replyToBytes, true)
  const prefixEnd = senderFrom + view.getUint8(at + field.senderBytes)
  if (at + length !== prefixEnd + (spilled ? 0 : bodyBytes) || (!spilled && bodyAt !== 0)) {
    throw corrupt('the parts of a record are not its whole', { length, prefixBytes: prefixEnd - at, bodyBytes })
  }
  // What no encoder takes, nobody could send on.
  const lengths = {
    subject: replyToFrom - subjectFrom,
    replyTo: senderFrom - replyToFrom,
    sender: prefixEnd - senderFrom,
  }
  if (
    lengths.subject === 0 ||
    lengths.subject > subjectBytesMax ||
    lengths.replyTo > replyToBytesMax ||
    lengths.sender > senderBytesMax
  ) {
    throw corrupt('a text of a record is longer than any, or missing', lengths)
  }
  const incarnation = view.getUint32(at + field.senderIncarnation, true)
  return {
    sequence: view.getUint32(at + field.sequence, true),
    attempt: view.getUint8(at + field.attempt),
    subject: subjects.at(record, subjectFrom, replyToFrom) ?? notUtf8(subjectFrom, replyToFrom),
    replyTo: senderFrom === replyToFrom ? undefined : textOf(record, replyToFrom, senderFrom),
    sender: senderOf(record, senderFrom, prefixEnd, incarnation, (flags & flag.forwarded) !== 0),
    trace: traceOf(record, at + field.trace, (flags & flag.traced) !== 0),
    sentAtNs: view.getBigUint64(at + field.sentAtNs, true),
    expiresAtNs: expiryOf(view, at + field.expiresAtNs),
    bodyBytes,
    bodyAt: spilled ? bodyAt : undefined,
  }
}

function textOf(record: Buffer, from: number, to: number): string {
  return textAt(record, from, to) ?? notUtf8(from, to)
}

function notUtf8(from: number, to: number): never {
  throw corrupt('a text of a record is not UTF-8', { from, to })
}

function expiryOf(view: DataView, at: number): bigint | undefined {
  const never = view.getUint32(at, true) === 0 && view.getUint32(at + 4, true) === 0
  return never ? undefined : view.getBigUint64(at, true)
}

function senderOf(
  record: Buffer,
  from: number,
  to: number,
  incarnation: number,
  forwarded: boolean,
): Sender | undefined {
  if (forwarded !== to > from || (!forwarded && incarnation !== 0)) {
    throw corrupt('a record names a sender and does not say so, or says so and names none', { from, to })
  }
  return forwarded ? { id: textOf(record, from, to), incarnation } : undefined
}

function traceOf(record: Buffer, from: number, traced: boolean): Uint8Array | undefined {
  const end = from + headerBytes - field.trace
  if (traced) return new Uint8Array(record.subarray(from, from + traceBytes))
  for (let at = from; at < end; at++) {
    if (record[at] !== 0) throw corrupt('a record holds a trace and does not say so', { at })
  }
  return undefined
}

function corrupt(message: string, details: Readonly<Record<string, number>>): LaneCorruption {
  return new LaneCorruption('writer', message, details)
}
