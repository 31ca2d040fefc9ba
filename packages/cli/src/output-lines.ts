import { outputLineBytesMax } from './limits.js'

/**
 * Cuts the byte streams of children into lines, one stream a key. A line without an end is given out when it grows past
 * a bound, and at `flush`.
 */
export class OutputLines {
  readonly #pending = new Map<string, Uint8Array>()
  readonly #emit: (key: string, line: Uint8Array) => void

  constructor(emit: (key: string, line: Uint8Array) => void) {
    this.#emit = emit
  }

  push(key: string, chunk: Uint8Array): void {
    let rest = joined(this.#pending.get(key), chunk)
    for (;;) {
      const end = rest.indexOf(0x0a)
      const length = end === -1 || end > outputLineBytesMax ? outputLineBytesMax : end
      if (end === -1 && rest.length < outputLineBytesMax) break
      this.#emit(key, rest.subarray(0, length))
      rest = rest.subarray(length === end ? end + 1 : length)
    }
    if (rest.length === 0) this.#pending.delete(key)
    else this.#pending.set(key, rest.slice())
  }

  /** Gives out what has no line end yet: of one key, or of all. */
  flush(key?: string): void {
    for (const [name, rest] of [...this.#pending]) {
      if (key !== undefined && name !== key) continue
      this.#pending.delete(name)
      this.#emit(name, rest)
    }
  }
}

function joined(first: Uint8Array | undefined, second: Uint8Array): Uint8Array {
  if (first === undefined) return second
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}
