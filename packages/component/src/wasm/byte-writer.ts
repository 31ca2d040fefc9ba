/** An unsigned LEB128. */
export function leb(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest % 0x80
    rest = Math.floor(rest / 0x80)
    bytes.push(rest > 0 ? low + 0x80 : low)
  } while (rest > 0)
  return bytes
}

/** A section with its id and size in front. */
export function sectionBytes(id: number, body: Uint8Array | readonly number[]): Uint8Array {
  const size = leb(body.length)
  const whole = new Uint8Array(1 + size.length + body.length)
  whole[0] = id
  whole.set(size, 1)
  whole.set(body, 1 + size.length)
  return whole
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let position = 0
  for (const part of parts) {
    whole.set(part, position)
    position += part.length
  }
  return whole
}
