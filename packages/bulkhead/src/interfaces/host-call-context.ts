import type { AskedRequest } from './host-interface.js'

/** Who calls a host application's function, given to `run` after the arguments. */
export type HostCallContext = {
  /** The child's id as in the tree; `exec` for a program of `runtime.exec`. */
  readonly child: string
  readonly tenant?: string
  readonly incarnation: number
  /** `acme:crm/contacts@1.0.0` and `find`. */
  readonly interface: string
  readonly function: string
  /**
   * Aborts when nobody waits for the answer any more: the guest has ended or given up, or newer rules do not allow any more
   * what the call asked for. What `run` does after that is its own; at most 8 calls of a child may go on so.
   */
  readonly signal: AbortSignal
  /** What is left of the guest's deadline for the call or message in which it is, in milliseconds; absent: it has none. */
  readonly deadlineMs?: number
  /**
   * Decides and records a further request of the child, in the middle of the work: where what is asked for is known only then.
   * From then on it is one of the call's own, decided again when rules change.
   *
   * @throws {Denial} when it is denied. Let through, the guest gets the function's error for a denial.
   */
  readonly authorize: (request: AskedRequest) => Promise<void>
}
