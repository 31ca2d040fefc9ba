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

/** A key that was pressed. */
export type Key = {
  /** As `node:readline` names it: `q`, `up`, `escape`; empty for what it has no name for. */
  readonly name: string
  readonly ctrl: boolean
  /** What it would write; empty for a key that writes nothing. */
  readonly text: string
}

/** A terminal that was taken over whole: what was on it comes back with `close`. */
export type FullScreen = {
  /** How much there is room for now. */
  readonly size: () => { readonly columns: number; readonly rows: number }
  /** Shows these lines, the first at the top. None may be wider than the screen. */
  readonly draw: (lines: readonly string[]) => void
  /** Ctrl-C is a key, too, and no signal. */
  readonly onKey: (listener: (key: Key) => void) => void
  readonly onResize: (listener: () => void) => void
  readonly close: () => void
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
  /** Takes the terminal over; `undefined` where a person does not sit at both ends of the command. */
  readonly fullScreen: () => FullScreen | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Working directory: relative paths on the command line start here. */
  readonly directory: string
  /** Name of the operating system's user: who a change is by, in the audit log. */
  readonly user: string
  /** Subscribes to a signal; the returned function unsubscribes. */
  readonly onSignal: (listener: (signal: StopSignal) => void) => () => void
  /** Subscribes to the wish that the configuration be read again (SIGHUP), which ends the process no more then. */
  readonly onReload: (listener: () => void) => () => void
  /** Number of this process. */
  readonly pid: number
  /** Ends the process at once. Only for a second signal, when the orderly way takes too long. */
  readonly exitNow: (code: number) => never
  /** The same for a process whose threads may not end: it is killed from outside when its exit hangs. */
  readonly exitWhateverHangs: (code: number) => never
}
