import { BulkheadError } from '@bulkhead/vocabulary'

const TEXT = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads WebAssembly's binary form from a part of a buffer, and never beyond it. Everything that does not fit is
 * `component-invalid`: the bytes come from strangers.
 */
export class ByteReader {
  readonly bytes: Uint8Array
  readonly end: number
  position: number

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes
    this.position = position
    this.end = end
  }

  get done(): boolean {
    return this.position >= this.end
  }

  byte(): number {
    const value = this.position < this.end ? this.bytes[this.position] : undefined
    if (value === undefined) throw damaged(`is cut short at byte ${this.position}`)
    this.position += 1
    return value
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): number {
    const value = this.#unsigned(5)
    if (value > 0xffff_ffff) throw damaged(`holds a number out of range at byte ${this.position}`)
    return value
  }

  /** An unsigned LEB128 of at most 64 bits, rounded to a number: for sizes that are only shown or refused. */
  u64(): number {
    return this.#unsigned(10)
  }

  /** Steps over a LEB128 of either sign. */
  skipLeb(): void {
    for (let count = 0; count < 10; count += 1) if (this.byte() < 0x80) return
    throw damaged(`holds a number that does not end at byte ${this.position}`)
  }

  take(length: number): Uint8Array {
    if (length > this.end - this.position) throw damaged(`is cut short at byte ${this.position}`)
    const part = this.bytes.subarray(this.position, this.position + length)
    this.position += length
    return part
  }

  name(): string {
    const part = this.take(this.u32())
    try {
      return TEXT.decode(part)
    } catch {
      throw damaged(`holds a name that is not UTF-8 at byte ${this.position}`)
    }
  }

  /** The number of entries of a vector; each entry takes at least one byte, so more than there are bytes is damage. */
  count(): number {
    const count = this.u32()
    if (count > this.end - this.position) throw damaged(`announces more entries than it holds at byte ${this.position}`)
    return count
  }

  #unsigned(bytesMax: number): number {
    let value = 0
    for (let index = 0; index < bytesMax; index += 1) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** (7 * index)
      if (byte < 0x80) return value
    }
    throw damaged(`holds a number that does not end at byte ${this.position}`)
  }
}

export function damaged(what: string): BulkheadError {
  return new BulkheadError('component-invalid', `the WebAssembly binary ${what}`, {
    hint: 'the file is damaged or was cut short; fetch or build it again',
  })
}
