import type { AdminRequests } from '@bulkhead/admin'

/** Where an operator's requests go: to the process that uses a state directory, or to the directory itself. */
export type Desk = AdminRequests & {
  /** Lets go of the process or the directory. */
  readonly close: () => Promise<void>
}

/** Opens the desk of a state directory. A power: handed to `main`, so that tests bring their own. */
export type OpenDesk = (stateDirectory: string) => Promise<Desk>
