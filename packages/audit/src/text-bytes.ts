const ELLIPSIS = [0xe2, 0x80, 0xa6] as const
const encoder = new TextEncoder()

/** The text in UTF-8, at most `bytesMax` bytes of it: what is longer is cut between characters and ends in `…`. */
export function cutToBytes(text: string, bytesMax: number): Uint8Array {
  // A character is at most three bytes per UTF-16 unit, so nothing past bytesMax units can be kept.
  const bytes = encoder.encode(text.length > bytesMax ? text.slice(0, bytesMax + 1) : text)
  if (bytes.length <= bytesMax) return bytes
  let end = bytesMax - ELLIPSIS.length
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  const cut = new Uint8Array(end + ELLIPSIS.length)
  cut.set(bytes.subarray(0, end))
  cut.set(ELLIPSIS, end)
  return cut
}

/** The same as a string. */
export function cutText(text: string, bytesMax: number): string {
  if (text.length * 3 <= bytesMax) return text
  return new TextDecoder().decode(cutToBytes(text, bytesMax))
}

/** Encodes texts once: guests ask for the same names again and again. Holds at most `textsMax`, then starts anew. */
export class EncodedTexts {
  readonly #texts = new Map<string, Uint8Array>()
  readonly #textsMax: number
  readonly #bytesMax: number

  constructor(limits: { readonly textsMax: number; readonly bytesMax: number }) {
    this.#textsMax = limits.textsMax
    this.#bytesMax = limits.bytesMax
  }

  encode(text: string): Uint8Array {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    const bytes = cutToBytes(text, this.#bytesMax)
    if (this.#texts.size >= this.#textsMax) this.#texts.clear()
    this.#texts.set(text, bytes)
    return bytes
  }
}
