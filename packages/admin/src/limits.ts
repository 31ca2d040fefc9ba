// Every bound of the admin socket, with its unit in the name.

/** A Unix socket path has room for this many bytes; a longer one would be cut without a word. */
export const socketPathBytesMax = process.platform === 'linux' ? 107 : 103

/** What one connection, and all of them together, may take of the process. Tests shorten the times. */
export type AdminLimits = {
  /** Of the first line, which is read of anybody. */
  readonly helloLineBytesMax: number
  readonly requestLineBytesMax: number
  readonly answerLineBytesMax: number
  readonly connectionsMax: number
  readonly requestsInFlightMax: number
  /** From the connection to a whole, right first line. */
  readonly helloMs: number
  /** Without a request in flight, or with an answer that nobody reads. */
  readonly idleMs: number
  /** How long every wrong token waits for its refusal. */
  readonly refusalDelayMs: number
  /** How long a connection that is refused may still be read from, so that its peer gets to see why. */
  readonly lingerMs: number
  /** How long `close` waits for handlers that are at work. */
  readonly closeGraceMs: number
}

export const defaultAdminLimits: AdminLimits = {
  helloLineBytesMax: 1_024,
  requestLineBytesMax: 1_048_576,
  answerLineBytesMax: 8_388_608,
  connectionsMax: 64,
  requestsInFlightMax: 16,
  helloMs: 5_000,
  idleMs: 600_000,
  refusalDelayMs: 250,
  lingerMs: 1_000,
  closeGraceMs: 2_000,
}

/** Random bytes of the token; it is written as twice as many hexadecimal digits. */
export const tokenBytes = 32
/** A process that takes a connection and says nothing for this long is hanging. */
export const greetingAnswerMs = 5_000
/** A request that has no answer after this time is given up by its client; the process may still carry it out. */
export const requestAnswerMs = 120_000
/** Items of a stream that a client keeps for a consumer that is slower than the process. */
export const streamItemsKeptMax = 64
/** A file that names the socket is one path. */
export const pathFileBytesMax = 4_096

export const commandNameCharactersMax = 64
/** An error whose details cannot be sent keeps this much of its message. */
export const errorCharactersMax = 4_000

export const authorCharactersMax = 128
export const reasonCharactersMax = 1_000
/** `KIND.ACTION=PATTERN`; a path pattern alone may have 4,096 bytes. */
export const capabilityCharactersMax = 4_352
export const capabilitiesMax = 256
/** The longest time after which a grant ends: ten years. Who means for ever leaves it out. */
export const expiryMsMax = 10 * 366 * 24 * 3_600_000

/** The longest topic or pattern of topics, in characters; in bytes its reader bounds it (SPEC 3.4). */
export const topicCharactersMax = 256
/** The largest body that is sent over the socket (SPEC 13), and as many characters as it takes there. */
export const bodyBytesMax = 262_144
export const bodyCharactersMax = 4 * Math.ceil(bodyBytesMax / 3)
/** A request for an answer ends before its client gives up on the process. */
export const requestTimeoutMsMax = requestAnswerMs - 20_000
/** Dead letters in one answer. */
export const lettersListedMax = 1_000
/** Dead letters that one command names; all that are kept. */
export const lettersNamedMax = 10_000
/** Bytes of a dead letter's body in a list; the letter alone has all of it. */
export const bodyHeadBytes = 96

/** Characters of a cursor of health events. */
export const cursorCharactersMax = 64

/** Characters of a path that an operator names. */
export const pathCharactersMax = 4_096
/** Records of a log that are asked for at once: as many as are kept of a child. */
export const logRecordsMax = 1_000

/** The name of a function with its interface, in characters. */
export const functionNameCharactersMax = 512
/** Arguments of one call. */
export const callArgumentsMax = 64
