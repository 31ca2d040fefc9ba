// Length-prefixed frames: what travels over the control socket between host and bridge, and over the audit pipe.

const lengthBytes = 4

/** A frame: the length of the body in four bytes, least significant first, then the body. */
export function encodeFrame(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(lengthBytes + body.length)
  new DataView(frame.buffer).setUint32(0, body.length, true)
  frame.set(body, lengthBytes)
  return frame
}

/** A frame claims to be longer than any may be. */
export class FrameTooLong extends Error {}

/**
 * Puts frames together from the pieces in which a stream brings them. A length is judged before anything is kept for it,
 * so that a claim costs no memory.
 */
export class FrameReader {
  readonly #bytesMax: number
  #pieces: Uint8Array[] = []
  #held = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Whether the stream may end here: between two frames. */
  get isBetweenFrames(): boolean {
    return this.#held === 0
  }

  push(piece: Uint8Array): void {
    if (piece.length === 0) return
    this.#pieces.push(piece)
    this.#held += piece.length
  }

  /**
   * The next whole frame's body, a copy; `undefined` when more has to come first.
   *
   * @throws {FrameTooLong} when the frame claims more than `bytesMax` bytes.
   */
  next(): Uint8Array | undefined {
    if (this.#held < lengthBytes) return undefined
    const head = joined(this.#pieces, lengthBytes)
    const length = new DataView(head.buffer).getUint32(0, true)
    if (length > this.#bytesMax) throw new FrameTooLong(`a frame claims ${length} bytes, ${this.#bytesMax} at most`)
    if (this.#held < lengthBytes + length) return undefined
    return this.#take(lengthBytes + length).slice(lengthBytes)
  }

  /** Takes so many bytes out. Pieces are joined only when a frame is whole, so that each byte is copied once or twice. */
  #take(bytes: number): Uint8Array {
    const first = this.#pieces[0]
    const whole = first !== undefined && first.length >= bytes ? first : joined(this.#pieces, this.#held)
    if (whole !== first) this.#pieces = []
    else this.#pieces.shift()
    if (whole.length > bytes) this.#pieces.unshift(whole.subarray(bytes))
    this.#held -= bytes
    return whole.subarray(0, bytes)
  }
}

function joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const piece of pieces) {
    const part = piece.subarray(0, bytes - at)
    whole.set(part, at)
    at += part.length
    if (at === bytes) break
  }
  return whole
}
