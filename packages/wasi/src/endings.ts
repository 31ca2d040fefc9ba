import { BulkheadError, Denial } from '@bulkhead/vocabulary'

/** The guest called `wasi:cli/exit`. Thrown through the guest's frames to whoever called it; never an error of the guest. */
export class GuestExit extends Error {
  readonly code: number
  constructor(code: number) {
    super(`exit code ${code}`)
    this.name = 'GuestExit'
    this.code = code
  }
}

/** The instance may not go on: every later host call throws this again, and its worker ends (D5). */
export class Poisoned extends Error {
  readonly reason: string
  constructor(reason: string, cause?: unknown) {
    super(`poisoned: ${reason}`, cause === undefined ? undefined : { cause })
    this.name = 'Poisoned'
    this.reason = reason
  }
}

/** The guest went over a limit in a call that has no error of its own to say so: it ends, charged as `resource`. */
export class ResourceExceeded extends Denial {
  readonly resource: string
  readonly limit: number
  constructor(resource: string, limit: number, message: string) {
    super('resource-limit-exceeded', message, { details: { resource, limit } })
    this.resource = resource
    this.limit = limit
  }
}

/** The guest broke a rule for which its interface prescribes a trap: an empty `poll` list, a write beyond its permit. */
export class GuestMisuse extends BulkheadError {
  constructor(message: string) {
    super('guest-trap', message)
  }
}

/** Whether the thrown value ends the guest by design, as opposed to by surprise. */
export function isEnding(thrown: unknown): thrown is GuestExit | Poisoned | ResourceExceeded | GuestMisuse {
  return (
    thrown instanceof GuestExit ||
    thrown instanceof Poisoned ||
    thrown instanceof ResourceExceeded ||
    thrown instanceof GuestMisuse
  )
}
