// A message as bytes of a lane's record, little-endian. The parts that vary follow the header in this order: subject,
// reply-to, sender, body (unless it lies in the arena).
//
// INVARIANT (whole record): the lengths in the header add up to the record's own length exactly, and nothing that a flag
// does not announce is other than zero: there is one way only to write a message.
import { replyToBytesMax, senderBytesMax, subjectBytesMax } from './limits.js'

export const recordVersion = 1

/** Where the header's fields begin, in bytes. */
export const field = {
  version: 0,
  flags: 1,
  attempt: 2,
  senderBytes: 3,
  sequence: 4,
  subjectBytes: 8,
  replyToBytes: 10,
  bodyBytes: 12,
  /** The body's position in the arena. */
  bodyAt: 16,
  senderIncarnation: 20,
  sentAtNs: 24,
  /** 0: never. */
  expiresAtNs: 32,
  /** `traceBytes` of them. */
  trace: 40,
} as const

export const headerBytes = 68

export const flag = {
  /** The body lies in the arena. */
  spilled: 1,
  /** It carries a trace context. */
  traced: 2,
  /** The host forwards it for the sender that is named in it. */
  forwarded: 4,
} as const

export const knownFlags = flag.spilled | flag.traced | flag.forwarded

/** The most bytes before the body. */
export const prefixBytesMax = headerBytes + subjectBytesMax + replyToBytesMax + senderBytesMax
