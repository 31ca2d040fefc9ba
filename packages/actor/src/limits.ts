/** Bounds and defaults of an actor, with their units (SPEC 9, 13). */
export const startDeadlineMs = 10_000
export const killDeadlineMs = 1_000
export const javascriptHeapMegabytes = 64
/** Capacity of each of the lanes that carry stdin, stdout and stderr. */
export const stdioLaneBytes = 64 * 1024
/** The largest piece that one record of such a lane carries: a quarter of the lane, less its header. */
export const stdioChunkBytesMax = 8 * 1024
/** An output that waits for its pace looks again so often: the pace may have been changed. */
export const paceLookMs = 1_000
/** How long an output is read on before the host's other events have their turn, in milliseconds. */
export const pumpTurnMs = 5
/**
 * Text that the arguments of one host call may hold, in bytes before decoding: no WASI function takes more honestly, and
 * one text that is larger than the JavaScript heap of a worker would end the whole process.
 */
export const liftedTextBytesMax = 1024 * 1024
/** How much of the end of stderr is kept for the report of a trap. */
export const stderrTailBytes = 4 * 1024
/** Frames of a trap that are reported. */
export const trapFramesMax = 32
/** How often the guest's memory and the guard's counters go to the ledger, in host calls. */
export const sampleCalls = 32
/** How long a revocation waits for a guest that is inside a host call under older rules, and how often it looks. */
export const revocationGraceMs = 100
export const revocationLookMs = 1
/**
 * A guest that was ready to leave and got less than half of the grace from the processors has, at most, this many graces:
 * on a machine without a moment to spare, honest guests would be stopped for the load of others.
 */
export const starvedGraces = 10
/** A guest that makes no host call is stopped when it used this many times its share over this time. */
export const cpuOveruseFactor = 2
export const cpuWatchWindowMs = 10_000
/** Readings of a thread's processor time in one such window. */
export const cpuWatchReadings = 10
/** How much later a warm spare is replaced after one was taken, so that the one that was taken starts undisturbed. */
export const spareRefillDelayMs = 50
/** How often the time of a message is looked at: the deadline's eighth, in these bounds, in milliseconds. */
export const messageLookMsMin = 5
export const messageLookMsMax = 1_000
/** The longest body of a message, whoever receives it (SPEC 13), in bytes. */
export const messageBytesMax = 1024 * 1024
/** How long a sender waits until the host has made a lane, or an arena, before it is told `overloaded`, in milliseconds. */
export const laneWaitMs = 1_000
/** How often a message tries again by another lane, where the one that it had ended. */
export const laneRoundsMax = 4
/** Mailboxes to which the host has refused a lane that are remembered, so that it is not asked for each message. */
export const refusedOutletsMax = 1_024
/** Messages that wait for an answer of a handler, and may still get one. */
export const replyRightsMax = 1_024
/** Errors of a handler that are told in a second; more are only counted. */
export const failuresToldPerSecond = 10
/** Messages in a second of which is told how long their handling took, where somebody traces; of more nothing is. */
export const handlingsToldPerSecond = 20
/** How much of a handler's error is told, in characters. */
export const failureTextMax = 1_000
/** How long a wait inside a handler goes on when the guest is asked to stop, in milliseconds. */
export const stopGraceMs = 1_000
/** A wait for an answer looks at the whole inbox this often, so that a lost hint costs this much and no more, in milliseconds. */
export const inboxSliceMs = 50
/** How long a guest whose service is down is told so before the host is asked again, in milliseconds. */
export const serviceAskAgainMs = 1_000
/** How long a change of rules waits for a service to have closed what they do not allow, in milliseconds. */
export const serviceSettleMs = 5_000
/** How long the end of an actor waits for a service to have let go of what it held, in milliseconds. */
export const serviceEndMs = 5_000
/** Longest that a thread sleeps in one go: a bound against a lost wake-up, which would be our fault, in milliseconds. */
export const parkMsMax = 1_000
/** Bytes of requests without a receiver that one guest may have the host keep in a second, and at once: four of the largest. */
export const letterBytesPerSecond = 4 * 1024 * 1024
export const letterBytesBurst = 4 * 1024 * 1024 + 4 * 512
/** How much of what a component says of itself is told, in characters. */
export const lifecycleTextMax = 200
