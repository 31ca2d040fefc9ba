/** Bounds of the HTTP server, with their units. */

/** Connections at a time; more are closed at once. */
export const connectionsMax = 1_000
/** Requests on one connection, after which it is closed. */
export const requestsPerConnectionMax = 10_000
/** The request line and the header fields of a request, in bytes. */
export const requestHeadBytesMax = 16 * 1024
/** How long a client may take for the head of a request, and for all of it, in milliseconds. */
export const requestHeadMs = 10_000
export const requestMs = 300_000
/** How often it is looked for clients that take longer, in milliseconds. */
export const lateLookMs = 1_000
/** How long a connection without a request is kept, in milliseconds. */
export const keepAliveMs = 5_000
/** A body that says that it is no longer than this is waited for before a child has anything to do with it, in bytes. */
export const collectedBodyBytesMax = 64 * 1024
/** How long it is waited for, in milliseconds. */
export const collectMs = 10_000
/** How much of a response is kept for a client that takes none of it, in bytes; then its child waits. */
export const clientBytesMax = 64 * 1024
/** The part of a child's deadline that it may have to wait for the client of one request. */
export const clientShare = 0.5
/** How often it is looked whether it waits, as a part of that deadline, in these bounds in milliseconds. */
export const clientLooks = 64
export const clientLookMsMin = 5
export const clientLookMsMax = 250
/** How long a client may take for the rest of a response that is done, in milliseconds. */
export const restMs = 30_000
/** How much a client may go on to send to who has refused it, in bytes, and for how long, in milliseconds: it reads the answer when it is done. */
export const lingerBytesMax = 32 * 1024 * 1024
export const lingerMs = 2_000
/** How long what lies in a full lane to a guest waits until it is tried again, in milliseconds. */
export const laneRetryMs = 2
/** How long requests may go on when the runtime stops, in milliseconds. */
export const drainMs = 5_000
/** When a client may come again: who had no room, and who does not run, in seconds. */
export const retryAfterFull = 1
export const retryAfterDown = 10
/** How often refusals of one child are told, in milliseconds. */
export const refusalsToldMs = 1_000
