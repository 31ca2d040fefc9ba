const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Writes the text as UTF-8 at an offset; the bytes written, or -1 when they would be more than `bytesMax`. */
export function putText(target: Uint8Array, at: number, text: string, bytesMax: number): number {
  if (text.length > bytesMax) return -1
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit > 0x7f) return putWideText(target, at, text, bytesMax)
    target[at + index] = unit
  }
  return text.length
}

function putWideText(target: Uint8Array, at: number, text: string, bytesMax: number): number {
  const { read, written } = encoder.encodeInto(text, target.subarray(at, at + bytesMax))
  return read === text.length ? written : -1
}

/** The text of these bytes, or `undefined` when they are not UTF-8. */
export function textAt(bytes: Buffer, from: number, to: number): string | undefined {
  for (let index = from; index < to; index++) {
    if ((bytes[index] ?? 0) > 0x7f) return wideTextAt(bytes, from, to)
  }
  return bytes.toString('latin1', from, to)
}

/**
 * Texts of one kind, of which the next is mostly the same as the last: then that one is given again, which costs no new
 * string and no new hash of it.
 */
export class RepeatedText {
  readonly #bytes: Uint8Array
  #length = -1
  #text: string | undefined

  constructor(bytesMax: number) {
    this.#bytes = new Uint8Array(bytesMax)
  }

  /** As `textAt`. */
  at(bytes: Buffer, from: number, to: number): string | undefined {
    if (this.#isSame(bytes, from, to)) return this.#text
    this.#length = -1
    this.#text = textAt(bytes, from, to)
    if (to - from > this.#bytes.length) return this.#text
    this.#bytes.set(bytes.subarray(from, to))
    this.#length = to - from
    return this.#text
  }

  #isSame(bytes: Buffer, from: number, to: number): boolean {
    if (to - from !== this.#length) return false
    for (let index = 0; index < this.#length; index++) {
      if (bytes[from + index] !== this.#bytes[index]) return false
    }
    return true
  }
}

function wideTextAt(bytes: Uint8Array, from: number, to: number): string | undefined {
  try {
    return decoder.decode(bytes.subarray(from, to))
  } catch {
    return undefined
  }
}
