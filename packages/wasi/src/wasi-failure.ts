/**
 * A declared error on its way out of a host function: the trampoline throws its payload, which is what the glue takes for
 * the `E` of a `result<_, E>`. Not an `Error`: it carries no stack, costs little, and cannot be mistaken for a surprise.
 */
export class WasiFailure<Payload = unknown> {
  readonly payload: Payload
  constructor(payload: Payload) {
    this.payload = payload
  }
}

/** Ends the host function with one of its interface's declared errors. */
export function fail(payload: unknown): never {
  throw new WasiFailure(payload)
}
