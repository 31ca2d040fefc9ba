/** Something that a channel has opened. */
export type NetworkResource = {
  /** Whether asking for input, or for what was awaited, would answer something other than "not yet". */
  readonly isReadable: boolean
  readonly isWritable: boolean
  /** Whether what was written has gone to the system, as far as it ever will. */
  readonly isFlushed: boolean
  /** Decides again what it was opened for; what is not allowed any more is ended, and says so to whoever asks. */
  readonly redecide: () => void
  /** The guest wants it no more: what was written is still sent. */
  readonly close: () => void
  /** At once: the channel has ended. */
  readonly destroy: () => void
}
