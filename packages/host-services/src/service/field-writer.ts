/** Fields of a request or an answer, one after the other. Grows as needed; numbers are little-endian. */
export class FieldWriter {
  #bytes = new Uint8Array(256)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  u8(value: number): this {
    const at = this.#room(1)
    this.#view.setUint8(at, value)
    return this
  }

  u16(value: number): this {
    const at = this.#room(2)
    this.#view.setUint16(at, value, true)
    return this
  }

  u32(value: number): this {
    const at = this.#room(4)
    this.#view.setUint32(at, value, true)
    return this
  }

  i64(value: bigint): this {
    const at = this.#room(8)
    this.#view.setBigInt64(at, value, true)
    return this
  }

  bytes(value: Uint8Array): this {
    this.u32(value.length)
    const at = this.#room(value.length)
    this.#bytes.set(value, at)
    return this
  }

  text(value: string): this {
    return this.bytes(new TextEncoder().encode(value))
  }

  /** A list, each of its entries written by `write`. */
  list<Entry>(entries: readonly Entry[], write: (entry: Entry) => void): this {
    this.u32(entries.length)
    for (const entry of entries) write(entry)
    return this
  }

  /** What was written; the writer is not used again. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Where so many bytes may be written. ORDER: before `#bytes` and `#view` are looked at, which it may replace. */
  #room(bytes: number): number {
    const at = this.#length
    this.#length += bytes
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, at))
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    return at
  }
}
