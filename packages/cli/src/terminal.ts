import type { Paint } from './sgr.js'

/** One of the two output streams, as commands see it. */
export type Screen = {
  /** Writes text; what a reader that went away does not take is dropped. */
  readonly write: (text: string) => void
  /** Writes bytes as they are and resolves when there is room for more. */
  readonly pipe: (chunk: Uint8Array) => Promise<void>
  /** Resolves when everything written has left the process, or the reader has gone. */
  readonly flush: () => Promise<void>
  /** Calls back once when the reader of this stream goes away. */
  readonly onBroken: (listener: () => void) => void
  readonly isTerminal: boolean
  readonly paint: Paint
}

export type StopSignal = 'SIGINT' | 'SIGTERM'

/**
 * Everything that a command may touch of the process that runs it. The one value of this type is made in
 * `process-terminal.ts`; tests make their own.
 */
export type Terminal = {
  readonly stdin: () => AsyncIterable<Uint8Array>
  readonly stdout: Screen
  readonly stderr: Screen
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Working directory: relative paths on the command line start here. */
  readonly directory: string
  /** Name of the operating system's user: who a change is by, in the audit log. */
  readonly user: string
  /** Subscribes to a signal; the returned function unsubscribes. */
  readonly onSignal: (listener: (signal: StopSignal) => void) => () => void
  /** Ends the process at once. Only for a second signal, when the orderly way takes too long. */
  readonly exitNow: (code: number) => never
  /** The same for a process whose threads may not end: it is killed from outside when its exit hangs. */
  readonly exitWhateverHangs: (code: number) => never
}
