import type { WireError } from './errors.js'

/** Why a child ended (SPEC 9). `host` is our own fault and is never charged to the child. */
export type FaultClass = 'normal' | 'shutdown' | 'crash' | 'resource' | 'security' | 'host'

/** The violations that quarantine at once: they prove hostility. */
export type Hostility = 'forged-handle' | 'type-violation' | 'digest-mismatch' | 'injection'

/** What was seen when an incarnation of an actor ended. Built by the host from evidence, never from the guest's goodbye alone. */
export type ExitReport = {
  readonly class: FaultClass
  /** One line for people: `exit code 3`, `trap: unreachable`, `deadline of 2 s passed`. */
  readonly reason: string
  /** The exit code, exactly as the guest gave it, when it exited by itself. */
  readonly exitCode?: number
  /** What the exit code of `bulkhead exec` would be (SPEC 15): the guest's own, 134 trap, 124 deadline, 137 killed. */
  readonly commandExitCode: number
  readonly hostility?: Hostility
  readonly error?: WireError
  /** It crashed over the end of somebody else, a client that left it: its accounts are not charged. */
  readonly isBlameless?: true
  readonly usage: Usage
}

/** What one incarnation used. */
export type Usage = {
  readonly wallMs: number
  /** Processor time of the actor's thread; 0 where the platform does not tell. */
  readonly cpuMs: number
  /** The most linear memory it had, in bytes, all memories together. */
  readonly memoryPeak: number
  readonly checksGranted: number
  readonly checksDenied: number
}
