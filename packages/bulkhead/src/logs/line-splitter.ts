import { logLineBytesMax } from '../limits.js'

const [lineFeed, carriageReturn] = [0x0a, 0x0d]

/**
 * Makes lines of what comes in pieces. A line that is too long becomes several; bytes that are not UTF-8 become U+FFFD. What
 * is kept between two pieces is at most one line.
 */
export class LineSplitter {
  #rest = Buffer.alloc(0)

  push(piece: Uint8Array): readonly string[] {
    const lines: string[] = []
    let bytes = Buffer.concat([this.#rest, piece])
    for (;;) {
      const end = bytes.subarray(0, logLineBytesMax + 1).indexOf(lineFeed)
      if (end !== -1) {
        const isPair = bytes[end - 1] === carriageReturn
        lines.push(bytes.toString('utf8', 0, isPair ? end - 1 : end))
        bytes = bytes.subarray(end + 1)
      } else if (bytes.length > logLineBytesMax) {
        const cut = characterEnd(bytes, logLineBytesMax)
        lines.push(bytes.toString('utf8', 0, cut))
        bytes = bytes.subarray(cut)
      } else break
    }
    this.#rest = Buffer.from(bytes)
    return lines
  }

  /** The last line, where nobody ended it. */
  end(): readonly string[] {
    const rest = this.#rest
    this.#rest = Buffer.alloc(0)
    return rest.length === 0 ? [] : [rest.toString('utf8')]
  }
}

/** The end of the last whole character in front of `at`. */
function characterEnd(bytes: Buffer, at: number): number {
  let end = at
  while (end > at - 3 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return end
}
