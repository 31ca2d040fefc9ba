/** Bounds of HTTP between host and guest, with their units. */

/** Capacity of each of the two lanes that carry bodies, one to the guest and one from it. */
export const httpLaneBytes = 256 * 1024
/** The largest piece of a body in one frame: many go into a lane, so that both sides have something to do. */
export const httpPieceBytesMax = 16 * 1024
/** The head of a request or a response, its fields together, in bytes; also trailers. */
export const httpHeadBytesMax = 32 * 1024
/** One frame of a lane, when it travels in a socket: the longest head and what stands before it. */
export const httpFrameBytesMax = 40 * 1024
/** Fields of one head, or of trailers. */
export const httpFieldsMax = 128
/** What a guest answers instead of a response is told in so many characters. */
export const httpFailureTextMax = 200
/** Exchanges are numbered from 1; after this one the next is 1 again. */
export const exchangeNumberMax = 2 ** 31 - 1
