import type { HttpField } from '@bulkhead/host-services/client'
import type { ByteSink } from '../powers.js'
import type { HttpErrorCode } from './error-code.js'

/** The head of a request that somebody sent to the guest. Names and values of fields are Latin-1, as on the wire. */
export type IncomingHead = {
  readonly method: string
  readonly scheme: 'http' | 'https'
  readonly authority: string | undefined
  readonly pathWithQuery: string
  readonly fields: readonly HttpField[]
}

/** The body of a request, as it comes. Never blocks: where it says "not yet", the actor's wake word moves when that changes. */
export type IncomingBodySource = {
  /**
   * At most `max` bytes, which the caller may keep (never an empty array), or why there are none: none yet, none any more,
   * or the client has gone before it had sent all of it. `max` is at least 1.
   */
  readonly read: (max: number) => Uint8Array | 'empty' | 'closed' | 'failed'
  /** What came behind the body. Asked for once `read` has said `closed`. */
  readonly trailers: () => readonly HttpField[]
}

/**
 * Where the guest's response goes: `head` once, then bytes, then `end`; or `fail`, at any time before `end` and last. What
 * says `false` has no room now and is asked again when the wake word has moved.
 */
export type ResponseSink = ByteSink & {
  /** Whether somebody still waits for the response; then nothing of it is taken any more, and nothing fails. */
  readonly isWanted: () => boolean
  /** A response of 1xx, before the head. */
  readonly informational: (status: number, fields: readonly HttpField[]) => boolean
  readonly head: (status: number, fields: readonly HttpField[]) => boolean
  readonly end: (trailers: readonly HttpField[]) => boolean
  /** The guest says that there is no response, or no more of it. */
  readonly fail: (code: HttpErrorCode) => boolean
}

/** One HTTP request to the guest, and the way to answer it. */
export type IncomingExchange = {
  readonly head: IncomingHead
  readonly body: IncomingBodySource
  readonly response: ResponseSink
}

/**
 * What became of an exchange when the guest's handler is done: `answered` to the end of its body; `failed` as the guest said
 * through `response-outparam` or by a body that was not what its content-length says; `unfinished` after the head;
 * `unanswered` before it. Of the last two the sink has not been told.
 */
export type IncomingOutcome = 'answered' | 'failed' | 'unfinished' | 'unanswered'

/** An exchange that the guest has in hand. */
export type OpenHttp = {
  /** The handles to give to the exported `handle(request, response-out)`. */
  readonly request: object
  readonly outparam: object
  /**
   * The handler has returned, or will not. Whatever the guest still holds of the exchange is closed: its handles stay
   * valid, so that it may drop them, and lead nowhere. Writes to no sink.
   */
  readonly end: () => IncomingOutcome
}
