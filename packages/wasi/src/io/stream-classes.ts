import type { Interest } from '@bulkhead/host-services/client'
import type { ErrorCode } from '../filesystem/errno.js'
import type { HttpErrorCode } from '../http/error-code.js'
import type { ResourceClass, ResourceState } from '../resource-class.js'
import type { SocketError } from '../sockets/socket-error.js'
import { fail } from '../wasi-failure.js'
import type { Waitable } from './waitable.js'

/** What stands behind an `input-stream`. */
export type InputStream = ResourceState & {
  /** At most `max` bytes; empty when there are none now. Declared failures are `stream-error`s. */
  readonly read: (max: number) => Uint8Array
  /** Whether `read` would give bytes or an error now, as far as is known here. Never fails. */
  readonly ready: () => boolean
  /** What the network is asked where `ready` says no. */
  readonly interest?: Waitable['interest']
}

/** What stands behind an `output-stream`. */
export type OutputStream = ResourceState & {
  /** How many bytes `write` would take now. */
  readonly capacity: () => number
  /** Whether `capacity` would give room or an error now. Never fails: a pollable has no error to answer with. */
  readonly ready: () => boolean
  /** What the network is asked where `ready` says no. */
  readonly interest?: Waitable['interest']
  readonly write: (bytes: Uint8Array) => void
  /** Whether everything written has been taken over. Never fails. */
  readonly flushed: () => boolean
  /** What the network is asked where `flushed` says no. */
  readonly flushInterest?: (() => Interest | undefined) | undefined
  /** What the guest may write after its last `check-write`; kept by the stream's functions. */
  permitted: number
}

/** What stands behind a `pollable`: ready now, or at the latest at `dueNs`. */
export type Pollable = ResourceState & Waitable

/** What stands behind an `error`: what a stream's failure was, in the words of the interface that made the stream. */
export type IoError = ResourceState & {
  readonly message: string
  readonly fileCode?: ErrorCode
  readonly networkCode?: SocketError
  readonly httpCode?: HttpErrorCode
}

export type StreamClasses = {
  readonly input: ResourceClass<InputStream>
  readonly output: ResourceClass<OutputStream>
  readonly pollable: ResourceClass<Pollable>
  readonly error: ResourceClass<IoError>
}

/** Ends a stream's function with `closed`. */
export function streamClosed(): never {
  return fail({ tag: 'closed' })
}

/** Ends a stream's function with `last-operation-failed`; the guest may ask `filesystem-error-code` for the code. */
export function fileStreamFailed(classes: StreamClasses, code: ErrorCode): never {
  return fail({ tag: 'last-operation-failed', val: classes.error.mint({ message: code, fileCode: code, drop() {} }) })
}

/** The same for a stream of the network, with `network-error-code`. */
export function socketStreamFailed(classes: StreamClasses, code: SocketError): never {
  return fail({
    tag: 'last-operation-failed',
    val: classes.error.mint({ message: code, networkCode: code, drop() {} }),
  })
}
