import type { ErrorCode } from './codes.js'

/** Machine-readable facts beside a message: only plain data, so that an error crosses threads and processes unchanged. */
export type ErrorDetails = { readonly [name: string]: unknown }

/** The plain form in which an error crosses a thread or process border. */
export type WireError = {
  readonly family: 'error' | 'denial' | 'fault'
  readonly code: ErrorCode
  readonly message: string
  readonly details: ErrorDetails
  readonly hint?: string
}

export type ErrorOptions = { readonly details?: ErrorDetails; readonly hint?: string; readonly cause?: unknown }

/**
 * An error with a stable code, facts, and the command or line that mends it. Messages are lower case, without a full
 * stop, and hold the user's input in backticks.
 *
 * @example
 * ```ts
 * throw new BulkheadError('component-not-found', 'there is no file `app.wasm`', { hint: 'check the path' })
 * ```
 */
export class BulkheadError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.details = options.details ?? {}
    this.hint = options.hint
  }

  toWire(): WireError {
    const base = { family: familyOf(this), code: this.code, message: this.message, details: this.details }
    return this.hint === undefined ? base : { ...base, hint: this.hint }
  }
}

/** A component was refused something. The guest learns only its interface's own error; the operator learns this. */
export class Denial extends BulkheadError {}

/** Our own failure: never shown to a guest, never charged to one. */
export class Fault extends BulkheadError {}

/** Rebuilds an error that crossed a border. Unknown shapes become a `Fault` with code `internal`: they are never trusted. */
export function errorFromWire(wire: WireError): BulkheadError {
  const options: ErrorOptions =
    wire.hint === undefined ? { details: wire.details } : { details: wire.details, hint: wire.hint }
  switch (wire.family) {
    case 'denial':
      return new Denial(wire.code, wire.message, options)
    case 'fault':
      return new Fault(wire.code, wire.message, options)
    default:
      return new BulkheadError(wire.code, wire.message, options)
  }
}

/** Any thrown value as a wire error; what is not ours becomes a fault `internal` with the original message. */
export function wireFromUnknown(thrown: unknown): WireError {
  if (thrown instanceof BulkheadError) return thrown.toWire()
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const stack = thrown instanceof Error ? thrown.stack : undefined
  return { family: 'fault', code: 'internal', message, details: stack === undefined ? {} : { stack } }
}

function familyOf(error: BulkheadError): WireError['family'] {
  if (error instanceof Denial) return 'denial'
  return error instanceof Fault ? 'fault' : 'error'
}
