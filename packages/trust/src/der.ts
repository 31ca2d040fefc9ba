/** One element of DER: its tag, its content, and where the next one starts. */
export type DerElement = { readonly tag: number; readonly content: Uint8Array; readonly end: number }

/**
 * Reads the element at an offset. Only what X.509 needs: one-byte tags and definite, minimal lengths below 16 MiB.
 *
 * @throws {RangeError} when the bytes end too soon or are not of that form.
 */
export function readDer(bytes: Uint8Array, offset: number): DerElement {
  const tag = byteAt(bytes, offset)
  const first = byteAt(bytes, offset + 1)
  if ((tag & 0x1f) === 0x1f || first > 0x83 || first === 0x80) throw new RangeError('not the DER of a certificate')
  let start = offset + 2
  let length = first
  if (first > 0x80) {
    const count = first - 0x80
    length = 0
    for (let index = 0; index < count; index++) length = length * 256 + byteAt(bytes, start + index)
    start += count
    if (length < 0x80 || length < 256 ** (count - 1)) throw new RangeError('a length is not minimal')
  }
  const end = start + length
  if (end > bytes.length) throw new RangeError('the bytes end within an element')
  return { tag, content: bytes.subarray(start, end), end }
}

/** The elements of a constructed one, which they fill exactly. @throws {RangeError} see `readDer`. */
export function readDerSequence(content: Uint8Array): readonly DerElement[] {
  const elements: DerElement[] = []
  for (let offset = 0; offset < content.length; ) {
    const element = readDer(content, offset)
    elements.push(element)
    offset = element.end
  }
  return elements
}

function byteAt(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset]
  if (byte === undefined) throw new RangeError('the bytes end within an element')
  return byte
}
