const NEWLINE = 0x0a
const firstCapacityBytes = 1_024

/**
 * Cuts a byte stream into lines. What is kept of an unfinished line is one buffer that doubles, not a list of chunks: a
 * peer that sends single bytes would make us keep far more than it sent.
 *
 * @example
 * ```ts
 * const lines = new LineReader(1024)
 * lines.push(new TextEncoder().encode('one\ntw'), (line) => console.log(line.length)) // 3
 * ```
 */
export class LineReader {
  #lineBytesMax: number
  #kept = new Uint8Array(0)
  #length = 0

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax
  }

  /** Bounds the lines that begin after the one that is being taken. */
  set lineBytesMax(bytes: number) {
    this.#lineBytesMax = bytes
  }

  /**
   * Hands each whole line, without its end, to `take`, until `take` answers `stop`.
   *
   * @returns `too-long` as soon as a line is, even an unfinished one.
   */
  push(chunk: Uint8Array, take: (line: Uint8Array) => 'more' | 'stop'): 'ok' | 'too-long' {
    let rest = chunk
    for (;;) {
      const end = rest.indexOf(NEWLINE)
      const part = end === -1 ? rest : rest.subarray(0, end)
      if (this.#length + part.length > this.#lineBytesMax) return 'too-long'
      this.#keep(part)
      if (end === -1) return 'ok'
      const line = this.#kept.slice(0, this.#length)
      this.#length = 0
      if (take(line) === 'stop') return 'ok'
      rest = rest.subarray(end + 1)
    }
  }

  #keep(part: Uint8Array): void {
    const length = this.#length + part.length
    if (length > this.#kept.length) {
      const capacity = Math.min(Math.max(2 * this.#kept.length, length, firstCapacityBytes), this.#lineBytesMax)
      const larger = new Uint8Array(capacity)
      larger.set(this.#kept.subarray(0, this.#length))
      this.#kept = larger
    }
    this.#kept.set(part, this.#length)
    this.#length = length
  }
}
