/**
 * One buffer for all reads of a guest. A fresh one for each costs more than the read itself (its pages are touched for the
 * first time each time), and what is read is copied into the guest's memory before the next host call can begin.
 */
export class ScratchBuffer {
  #bytes = new Uint8Array(0)

  /** `length` bytes that hold whatever they held: only what was just read into them may be handed on. */
  take(length: number): Uint8Array {
    if (this.#bytes.byteLength < length) this.#bytes = new Uint8Array(length)
    return this.#bytes.byteLength === length ? this.#bytes : this.#bytes.subarray(0, length)
  }
}
