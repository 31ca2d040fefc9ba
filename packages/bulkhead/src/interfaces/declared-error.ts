/**
 * Thrown by the `run` of a host application's function: the guest gets the payload as the error that the function's type
 * declares. Everything else that is thrown is a failure of the host application.
 *
 * @example
 * ```ts
 * run: (name) => contacts.get(name) ?? throwing(new DeclaredError('not-found'))
 * ```
 */
export class DeclaredError extends Error {
  /** A value of the error type: text, the name of a case, a record … */
  readonly payload: unknown

  constructor(payload?: unknown) {
    super('an error that the function declares')
    this.name = 'DeclaredError'
    this.payload = payload
  }
}
