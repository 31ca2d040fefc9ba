/** Subjects below this are the host's own: what it asks by them is answered to it, and is nobody's message. */
export const hostSubjects = '$sys.'

/** Who sent something, as the host knows it. */
export type Sender = {
  /** A child id; `host` for the host application itself. */
  readonly id: string
  readonly incarnation: number
}

/** What is sent. Instants are monotonic nanoseconds since the runtime's start. */
export type Message = {
  readonly subject: string
  readonly body: Uint8Array
  readonly replyTo?: string
  /** Of `traceBytes` bytes, see `parseTraceparent`. */
  readonly trace?: Uint8Array
  readonly sentAtNs: bigint
  readonly expiresAtNs?: bigint
  /** How often somebody has begun to process it before. */
  readonly attempt?: number
  /** Only on the host's own lane: for whom it forwards. Everywhere else the lane is the identity. */
  readonly sender?: Sender
}

/** A message as its receiver gets it: judged, copied out of shared memory, with the sender that the lane vouches for. */
export type Delivery = {
  readonly lane: number
  /** Where in its lane the record begins; with `lane` it names this message until the lane has wrapped 2³² bytes. */
  readonly position: number
  readonly sequence: number
  readonly sender: Sender
  readonly subject: string
  /** A view of a larger buffer of this thread's: copy it before it is kept, transferred or posted. */
  readonly body: Uint8Array
  readonly replyTo: string | undefined
  readonly trace: Uint8Array | undefined
  readonly sentAtNs: bigint
  readonly expiresAtNs: bigint | undefined
  readonly attempt: number
}
