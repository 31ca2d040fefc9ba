import { MalformedRequest } from './malformed-request.js'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads what a `FieldWriter` wrote, by a caller who may be anybody: whatever is not there, or longer than it may be, is a
 * `MalformedRequest`.
 */
export class FieldReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  u8(): number {
    return this.#view.getUint8(this.#move(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#move(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#move(4), true)
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#move(8), true)
  }

  /** A view of the bytes that are read, not a copy. */
  bytes(max: number): Uint8Array {
    const length = this.u32()
    if (length > max) throw new MalformedRequest(`a field of ${length} bytes, more than ${max}`)
    const from = this.#move(length)
    return this.#bytes.subarray(from, from + length)
  }

  text(bytesMax: number): string {
    const bytes = this.bytes(bytesMax)
    try {
      return utf8.decode(bytes)
    } catch {
      throw new MalformedRequest('a text that is not UTF-8')
    }
  }

  list<Entry>(max: number, read: () => Entry): readonly Entry[] {
    const length = this.u32()
    if (length > max) throw new MalformedRequest(`a list of ${length} entries, more than ${max}`)
    return Array.from({ length }, read)
  }

  /** One of a closed list of words. */
  oneOf<Word>(words: readonly Word[]): Word {
    const word = words[this.u8()]
    if (word === undefined) throw new MalformedRequest('a choice that there is not')
    return word
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new MalformedRequest('bytes behind the last field')
  }

  #move(bytes: number): number {
    const at = this.#at
    if (bytes > this.#bytes.length - at) throw new MalformedRequest('it ends in the middle')
    this.#at += bytes
    return at
  }
}
